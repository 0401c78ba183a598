import OpwatchCore
import WireFormat

/// One operation of a simulated service: what happened to it so far, and its images.
struct SimulatedOperation: Sendable {
    let truth: TrueOperation
    let place: Agenda.Place
    /// Which of the service's types of operations it is of.
    let type: Int
    let reportsStart: Bool
    let reportsUpdate: Bool
    var started: Timestamp?
    /// Those of the last minutes, and one before them.
    private(set) var updates: [Timestamp] = []
    var flagged: Timestamp?
    var ended: Timestamp?
    var code = 0
    var gone: Timestamp?
    /// What a cancel of it comes to; drawn when the first one arrives.
    var manner: CancelManner?
    /// A cancel that was accepted is going to end it.
    var isEnding = false
    /// The last JSON that was made of it; images change far less often than they are asked for.
    private var rendered: (shown: Shown, json: [UInt8])?

    init(
        _ truth: TrueOperation, at place: Agenda.Place, type: Int, reportsStart: Bool,
        reportsUpdate: Bool
    ) {
        self.truth = truth
        self.place = place
        self.type = type
        self.reportsStart = reportsStart
        self.reportsUpdate = reportsUpdate
        if reportsUpdate { updates = [truth.created] }
    }

    /// Images older than this are never shown.
    static let memory: Duration = .seconds(300)

    /// How it looked at a time of the last minutes; nil where it could not be found then.
    func image(asOf time: Timestamp, showsFlag: Bool) -> Shown? {
        if truth.created > time || gone.map({ $0 <= time }) ?? false { return nil }
        let isDone = ended.map { $0 <= time } ?? false
        let isStarted = started.map { $0 <= time } ?? false
        return Shown(
            number: truth.number, name: truth.name, created: truth.created,
            started: reportsStart && isStarted ? started : nil,
            updated: updates.last { $0 <= time }, team: truth.team, isDone: isDone,
            code: isDone ? code : 0,
            isCancelRequested: showsFlag && (flagged.map { $0 <= time } ?? false))
    }

    mutating func progress(at time: Timestamp) {
        let past = time.advanced(by: .zero - Self.memory)
        if let kept = updates.lastIndex(where: { $0 < past }) { updates.removeFirst(kept) }
        updates.append(time)
    }

    mutating func json(of shown: Shown, style: BodyStyle) -> [UInt8] {
        if let rendered, rendered.shown == shown { return rendered.json }
        let json = style.operation(shown, type: type)
        rendered = (shown, json)
        return json
    }
}

/// What a cancel of an operation comes to. Until the service heals, but for what lasts.
enum CancelManner: Sendable, Equatable {
    /// It ends with code 1 within minutes.
    case honoured
    case ignored(isFlagged: Bool)
    case slow
    /// FAILED_PRECONDITION before it is started.
    case refusedUntilStarted
    /// INVALID_ARGUMENT; lasts.
    case refused
    /// UNIMPLEMENTED; lasts.
    case unimplemented
    case denied
    case notFound
}
