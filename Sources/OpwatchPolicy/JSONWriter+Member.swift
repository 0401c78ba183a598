import WireFormat

/// Members of the canonical form; what is nil is written as null.
extension JSONWriter {
    mutating func member(_ name: String, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    mutating func member(_ name: String, _ values: [String]?) {
        key(name)
        guard let values else { return null() }
        beginArray()
        for value in values { string(value) }
        endArray()
    }

    mutating func member(_ name: String, _ value: Int) {
        key(name)
        integer(Int64(value))
    }

    mutating func member(_ name: String, _ value: Duration?) {
        key(name)
        if let value { integer(value.components.seconds) } else { null() }
    }
}
