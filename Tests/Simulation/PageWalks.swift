import WireFormat

/// A walk through the pages of a parent, as far as its last page has come.
struct PageWalk: Sendable {
    let parent: Int
    let hidesDone: Bool
    /// Shows the parent as of so long ago.
    var lag: Duration = .zero
    /// What is still to be shown, in order.
    var rest: [Int] = []
    /// The youngest operation that was looked at; those born later come behind.
    var newest = 0
    /// Nobody comes behind: what there is to show was settled with the first page.
    var isSnapshot = false
    /// What was shown last.
    var last: Int?
    var unreachable: [String] = []
    /// Those of its pages so far, its own included.
    fileprivate(set) var tokens: [Int] = []
    /// The token for this leads to itself.
    var isLoop = false
    var emptyPages = 0

    init(parent: Int, hidesDone: Bool) {
        self.parent = parent
        self.hidesDone = hidesDone
    }

    func place(of number: Int) -> Agenda.Place { Agenda.Place(parent: parent, number: number) }
}

/// The walks that a service remembers, by the number in their token.
///
/// A token may be used again: it always goes on from where its page ended.
struct PageWalks: Sendable {
    private var walks: [PageWalk] = []
    private var first = 1

    private static let countMax = 64

    /// The token with which this walk can go on.
    mutating func keep(_ walk: PageWalk) -> Int {
        if walks.count == Self.countMax {
            walks.removeFirst(Self.countMax / 2)
            first += Self.countMax / 2
        }
        let token = first + walks.count
        walks.append(walk)
        walks[walks.count - 1].tokens.append(token)
        return token
    }

    /// Nil for a token that was never given or is too old.
    subscript(token: Int) -> PageWalk? {
        get {
            guard token >= first, token - first < walks.count else { return nil }
            return walks[token - first]
        }
        set {
            guard let newValue, token >= first, token - first < walks.count else { return }
            walks[token - first] = newValue
        }
    }
}
