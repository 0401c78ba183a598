/// What reading one object needs and finds; kept from object to object for its memory.
struct ReadScratch: Sendable {
    /// Which spelling of a node's key the object had so far.
    enum Spelling: UInt8 {
        case none, twin, exact
    }

    var slots: [FieldSlot] = []
    var spellings: [Spelling] = []
    /// The nodes whose paths lead to the values that are open.
    var active: [Int] = []
    var keys = KeyStack()

    mutating func reset(for fields: FieldSet) {
        Self.fill(&slots, with: .absent, count: fields.count)
        Self.fill(&spellings, with: .none, count: fields.nodes.count)
        active.removeAll(keepingCapacity: true)
        keys.removeAll()
    }

    /// In place where the count is that of the object before.
    private static func fill<Value>(_ values: inout [Value], with value: Value, count: Int) {
        guard values.count == count else {
            values = Array(repeating: value, count: count)
            return
        }
        for index in values.indices { values[index] = value }
    }
}
