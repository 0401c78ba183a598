import OpwatchCore
import OpwatchSystemd
import WireFormat

/// What is remembered that keeps cancels from leaving.
struct Shutters {
    private let damage: WatchState.Damage?
    private let breakers: [(service: String, open: WatchState.OpenBreaker)]
    private let unsupported: [(collection: WatchState.Collection, until: Timestamp)]

    init(in state: WatchState) {
        damage = state.damage
        breakers = state.breakers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        unsupported = state.unsupported.map { ($0.key, $0.value.advanced(by: Self.memory)) }
            .sorted { ($0.until, $0.collection.name) < ($1.until, $1.collection.name) }
    }

    /// How long UNIMPLEMENTED is remembered.
    private static let memory = Duration.seconds(7 * 86_400)

    /// One line each, for people.
    var lines: [String] {
        var lines: [String] = []
        if let damage {
            lines.append(
                "the journal was damaged in \(damage.shownFile) at byte \(damage.offset): "
                    + "the daemon only observes until opwatchd journal accept-damage")
        }
        lines += breakers.map { service, open in
            "breaker of \(service) open since \(open.since): \(Untrusted.text(open.reason))"
        }
        lines += unsupported.map { collection, until in
            "no cancel is implemented for \(Untrusted.text(collection.name)) of "
                + "\(collection.endpoint), asked again from \(until) on"
        }
        return lines
    }

    /// `"damage"`, `"breakers"` and `"unsupported"`, each only where there is any.
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
            writer.member("reason", breaker.open.reason)
        }
        writer.objects("unsupported", unsupported) { writer, entry in
            writer.member("endpoint", entry.collection.endpoint.description)
            writer.member("collection", entry.collection.name)
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
