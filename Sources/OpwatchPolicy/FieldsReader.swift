import OpwatchCore
import WireFormat

/// Reads `fields:` of a service.
struct FieldsReader {
    private typealias FieldList = any WritableKeyPath<FieldMap, [FieldPath]> & Sendable

    /// The keys, each with the list that it replaces.
    private static let lists: [(key: String, list: FieldList)] = [
        ("create_time", \.createTime), ("start_time", \.startTime), ("update_time", \.updateTime),
        ("progress", \.progress), ("end_time", \.endTime),
        ("cancel_requested", \.cancelRequested), ("outcome_code", \.outcomeCode),
    ]

    let problems: ProblemList
    private var values: ValueReader { ValueReader(problems: problems) }

    /// The usual places, replaced key by key; nil where one cannot be read.
    func read(_ entry: Section.Entry) -> FieldMap? {
        let keys = Self.lists.map(\.key)
        guard let section = values.section(entry.value, "fields", prefix: "fields.", keys: keys)
        else { return nil }
        var fields = FieldMap()
        var isComplete = true
        for (key, list) in Self.lists {
            guard let entry = section[key] else { continue }
            if let paths = readPaths(entry) {
                fields[keyPath: list] = paths
            } else {
                isComplete = false
            }
        }
        return isComplete ? fields : nil
    }

    /// A list of paths, or a single one; an empty list says that the API has no such field.
    private func readPaths(_ entry: Section.Entry) -> [FieldPath]? {
        let nodes: [YAMLNode]
        switch entry.value.content {
        case .scalar: nodes = [entry.value]
        case .sequence(let items): nodes = items
        case .mapping:
            problems.error(
                "\(entry.label) must be a path or a list of paths, not a mapping",
                at: entry.value.mark)
            return nil
        case .refused: return nil
        }
        var paths: [FieldPath] = []
        for node in nodes {
            guard let scalar = values.scalar(node, label: entry.label) else { continue }
            guard let path = FieldPath(scalar.text) else {
                problems.error(
                    "\(entry.label): \(scalar.text.quoted) is no path; "
                        + "write e.g. metadata.createTime or metadata.\"a.b\".c", at: node.mark)
                continue
            }
            guard !paths.contains(path) else {
                problems.error(
                    "\(entry.label): \(scalar.text.quoted) is listed twice", at: node.mark)
                continue
            }
            paths.append(path)
        }
        return paths.count == nodes.count ? paths : nil
    }
}
