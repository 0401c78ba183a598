import WireFormat

/// Reads `parents:` of a service.
struct ParentsReader {
    let problems: ProblemList
    private var values: ValueReader { ValueReader(problems: problems) }

    /// The parents that can be asked about, in order.
    func read(_ section: Section) -> [Located<String>] {
        guard let entry = section["parents"] else {
            problems.error(
                "a service needs parents, e.g. parents: [projects/acme]", at: section.mark)
            return []
        }
        guard let nodes = values.list(entry, of: "resource names") else { return [] }
        if nodes.isEmpty {
            problems.error(
                "parents must not be empty; \"\" alone lists at /operations", at: entry.value.mark)
        }
        var parents: [Located<String>] = []
        var seen: Set<String> = []
        for node in nodes {
            guard let scalar = values.scalar(node, label: "a parent") else { continue }
            guard seen.insert(scalar.text).inserted else {
                problems.error("parent \(scalar.text.quoted) is listed twice", at: node.mark)
                continue
            }
            if scalar.text.isEmpty {
                if nodes.count > 1 {
                    problems.error(
                        "the parent \"\" lists at /operations and stands alone", at: node.mark)
                }
            } else if let problem = problem(withParent: scalar.text) {
                problems.error("parent \(scalar.text.quoted) \(problem)", at: node.mark)
                continue
            } else {
                warnOfCollection(scalar.text, at: node.mark)
            }
            parents.append(Located(value: scalar.text, mark: node.mark))
        }
        return parents
    }

    /// What is wrong with a parent that is not empty, as the end of a sentence.
    private func problem(withParent name: String) -> String? {
        do throws(NameError) {
            try URLPath.check(name)
            return nil
        } catch {
            return "is no resource name: \(error)"
        }
    }

    /// A parent that names the collection is nearly always one word too long; its polls would say
    /// so only by a 404.
    private func warnOfCollection(_ name: String, at mark: Mark) {
        let collection = "operations"
        guard name == collection || name.hasSuffix("/" + collection) else { return }
        let parent = name.dropLast(collection.utf8.count + 1)
        problems.warning(
            "parent \(name.quoted) ends in /\(collection), which is added by itself; "
                + "write \(parent.quoted)", at: mark)
    }
}
