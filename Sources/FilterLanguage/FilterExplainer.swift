package import WireFormat

/// A filter bound so that it can tell what decided; slower than a `BoundFilter`.
package struct FilterExplainer: Sendable {
    private let tree: BoundTree

    private indirect enum BoundTree: Sendable {
        case everything
        case all([BoundTree])
        case any([BoundTree])
        case not(BoundTree)
        case term(text: String, slot: Int?, filter: BoundFilter)
    }

    /// - Parameter fields: must have every path of the filter's `paths`.
    package init(_ filter: Filter, fields: FieldSet) {
        tree = Self.bound(filter.tree, to: fields)
    }

    /// What decides on the operation in the row; `matches` is what `BoundFilter` says.
    /// - Parameter row: read with the fields that the explainer was made with.
    package func explain(_ row: FieldRow) -> FilterExplanation {
        Self.explain(tree, row)
    }

    private static func bound(_ tree: FilterTree, to fields: FieldSet) -> BoundTree {
        switch tree {
        case .everything: .everything
        case .all(let members): .all(members.map { bound($0, to: fields) })
        case .any(let members): .any(members.map { bound($0, to: fields) })
        case .not(let inner): .not(bound(inner, to: fields))
        case .comparison(let comparison): term(tree, at: comparison.path, in: fields)
        case .call(let call): term(tree, at: call.path, in: fields)
        case .word(let literal): term(tree, at: Comparison(word: literal).path, in: fields)
        }
    }

    private static func term(
        _ tree: FilterTree, at path: FieldPath, in fields: FieldSet
    ) -> BoundTree {
        .term(
            text: tree.text, slot: fields.slot(path), filter: Compiler.compile(tree, for: fields))
    }

    private static func explain(_ tree: BoundTree, _ row: FieldRow) -> FilterExplanation {
        switch tree {
        case .everything:
            return FilterExplanation(matches: true, findings: [])
        case .all(let members):
            return explain(members, row, decisive: false)
        case .any(let members):
            return explain(members, row, decisive: true)
        case .not(let inner):
            let inner = explain(inner, row)
            return FilterExplanation(matches: !inner.matches, findings: inner.findings)
        case .term(let text, let slot, let filter):
            let holds = filter.matches(row)
            let finding = FilterExplanation.Finding(
                term: text, holds: holds, value: slot.flatMap { value($0, of: row) })
            return FilterExplanation(matches: holds, findings: [finding])
        }
    }

    /// The first member with the decisive value decides, or else all of them do.
    private static func explain(
        _ members: [BoundTree], _ row: FieldRow, decisive: Bool
    ) -> FilterExplanation {
        var findings: [FilterExplanation.Finding] = []
        for member in members {
            let explanation = explain(member, row)
            if explanation.matches == decisive { return explanation }
            findings += explanation.findings
        }
        return FilterExplanation(matches: !decisive, findings: findings)
    }

    private static func value(_ slot: Int, of row: FieldRow) -> String? {
        guard row.kind(slot) != .absent else { return nil }
        return String(decoding: row.bytes[row.range(slot)], as: UTF8.self)
    }
}
