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
