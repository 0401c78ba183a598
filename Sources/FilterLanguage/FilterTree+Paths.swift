internal import WireFormat

extension FilterTree {
    /// Every path that the tests of the tree look at, parents included, each once.
    var paths: [FieldPath] {
        var found: [FieldPath] = []
        var known: Set<FieldPath> = []
        collect { path in
            if known.insert(path).inserted { found.append(path) }
        }
        return found
    }

    private func collect(_ add: (FieldPath) -> Void) {
        switch self {
        case .everything: break
        case .all(let members), .any(let members): members.forEach { $0.collect(add) }
        case .not(let inner): inner.collect(add)
        case .comparison(let comparison): comparison.collect(add)
        case .call(let call): add(call.path)
        case .word(let literal): Comparison(word: literal).collect(add)
        }
    }
}

extension Comparison {
    /// The parent object; nil for a field of the operation itself.
    var parent: FieldPath? {
        path.segments.count > 1 ? FieldPath(segments: Array(path.segments.dropLast())) : nil
    }

    /// The key that `m:key` asks for, in case the field is an object.
    var key: FieldPath? {
        guard comparator == .has, !literal.isStar else { return nil }
        let segment = FieldSegment(literal.text, isQuoted: literal.isQuoted)
        return FieldPath(segments: path.segments + [segment])
    }

    func collect(_ add: (FieldPath) -> Void) {
        for length in path.segments.indices.dropFirst() {
            add(FieldPath(segments: Array(path.segments.prefix(length))))
        }
        add(path)
        if let key { add(key) }
    }
}
