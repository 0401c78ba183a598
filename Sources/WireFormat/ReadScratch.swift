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
        slots.removeAll(keepingCapacity: true)
        slots.append(contentsOf: repeatElement(.absent, count: fields.count))
        spellings.removeAll(keepingCapacity: true)
        spellings.append(contentsOf: repeatElement(.none, count: fields.nodes.count))
        active.removeAll(keepingCapacity: true)
        keys.removeAll()
    }
}
