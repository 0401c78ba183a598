import OpwatchCore
import OpwatchReports
import WireFormat

/// What is remembered that keeps cancels from leaving, or counts towards it.
struct Shutters {
    private let damage: WatchState.Damage?
    private let breakers: [(service: String, open: WatchState.OpenBreaker)]
    private let failedCancels: [(service: String, count: Int)]
    private let unsupported: [(kind: OperationKind, until: Timestamp)]

    init(in state: WatchState) {
        damage = state.damage
        breakers = state.breakers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        failedCancels = state.failedCancels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        unsupported = state.unsupported.all
            .map { ($0.kind, $0.since.advanced(by: UnsupportedKinds.memory)) }
            .sorted { ($0.until, $0.kind.collection) < ($1.until, $1.kind.collection) }
    }

    /// One line each, for people.
    var lines: [String] {
        var lines: [String] = []
        if let damage {
            lines.append(
                "the journal was damaged in \(damage.shownFile) at byte \(damage.offset): "
                    + "the daemon only observes until opwatchd journal accept-damage")
        }
        lines += breakers.map { service, open in
            "breaker of \(service) open since \(open.since): \(Untrusted.text(open.cause.words))"
        }
        lines += failedCancels.map { service, count in
            "\(count) cancels of \(service) in a row were refused or defied"
        }
        lines += unsupported.map { kind, until in
            let type = kind.type.map { $0.isEmpty ? "" : " of type \(Untrusted.text($0))" } ?? ""
            return "no cancel is implemented for \(Untrusted.text(kind.collection))\(type) at "
                + "\(kind.endpoint), asked again from \(until) on"
        }
        return lines
    }

    /// `"damage"`, `"breakers"`, `"failed_cancels"` and `"unsupported"`, each only where there is
    /// any.
    func write(to writer: inout JSONWriter) {
        if let damage {
            writer.key("damage")
            writer.beginObject()
            writer.member("file", damage.file)
            writer.key("offset")
            writer.integer(damage.offset)
            writer.endObject()
        }
        writer.objects("breakers", breakers) { writer, breaker in
            writer.member("service", breaker.service)
            writer.member("since", breaker.open.since.description)
            writer.member("reason", breaker.open.cause.words)
        }
        writer.objects("failed_cancels", failedCancels) { writer, failed in
            writer.member("service", failed.service)
            writer.key("count")
            writer.integer(Int64(failed.count))
        }
        writer.objects("unsupported", unsupported) { writer, entry in
            writer.member("endpoint", entry.kind.endpoint.description)
            writer.member("collection", entry.kind.collection)
            if let type = entry.kind.type { writer.member("type", type) }
            writer.member("until", entry.until.description)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    /// A list of objects, unless it is empty.
    fileprivate mutating func objects<Element>(
        _ name: String, _ elements: [Element], _ body: (inout JSONWriter, Element) -> Void
    ) {
        guard !elements.isEmpty else { return }
        key(name)
        beginArray()
        for element in elements {
            beginObject()
            body(&self, element)
            endObject()
        }
        endArray()
    }
}
