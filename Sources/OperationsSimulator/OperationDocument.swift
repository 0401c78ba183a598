import WireFormat

/// Writes operations as the JSON of ML Engine v1.
struct OperationDocument {
    /// `metadata.projectNumber`, which the wire has as a string.
    let projectNumber: Int64

    /// Appends the operation as it is at that instant.
    func write(_ operation: SimulatedOperation, at now: Timestamp, to json: inout JSONWriter) {
        let state = operation.state(at: now)
        json.beginObject()
        json.key("name")
        json.string(operation.script.name)
        json.key("metadata")
        writeMetadata(operation, state, now, &json)
        if case .done(let outcome, _) = state.phase {
            json.key("done")
            json.bool(true)
            write(outcome, of: operation, &json)
        }
        json.endObject()
    }

    private func writeMetadata(
        _ operation: SimulatedOperation, _ state: OperationState, _ now: Timestamp,
        _ json: inout JSONWriter
    ) {
        let script = operation.script
        json.beginObject()
        json.member("@type", "type.googleapis.com/google.cloud.ml.v1.OperationMetadata")
        json.member("createTime", operation.created.description)
        if let start = operation.start(at: now) { json.member("startTime", start.description) }
        if case .done(_, let end) = state.phase { json.member("endTime", end.description) }
        if state.isCancellationRequested {
            json.key("isCancellationRequested")
            json.bool(true)
        }
        json.member("operationType", script.type)
        json.member("modelName", script.modelName)
        let labels = script.allLabels
        if !labels.isEmpty {
            json.key("labels")
            json.beginObject()
            for (key, value) in labels.sorted(by: { $0.key < $1.key }) {
                json.member(key, value)
            }
            json.endObject()
        }
        json.member("projectNumber", String(projectNumber))
        if let progress = operation.progress(at: now) {
            json.member("updateTime", progress.updated.description)
            json.key("progressPercent")
            json.integer(progress.percent)
        }
        json.key("version")
        writeVersion(of: operation, type: nil, &json)
        json.endObject()
    }

    private func write(
        _ outcome: Outcome, of operation: SimulatedOperation, _ json: inout JSONWriter
    ) {
        switch outcome {
        case .nothing: break
        case .error(let status, let message):
            json.key("error")
            json.beginObject()
            json.key("code")
            json.integer(Int64(status.code))
            json.member("message", message)
            json.endObject()
        case .response:
            json.key("response")
            if operation.script.type.hasSuffix("_VERSION"),
                !operation.script.type.hasPrefix("DELETE")
            {
                writeVersion(
                    of: operation, type: "type.googleapis.com/google.cloud.ml.v1.Version", &json)
            } else {
                json.beginObject()
                json.member("@type", "type.googleapis.com/google.protobuf.Empty")
                json.endObject()
            }
        }
    }

    /// The version has a creation time of its own, long before the operation's.
    private func writeVersion(
        of operation: SimulatedOperation, type: String?, _ json: inout JSONWriter
    ) {
        let script = operation.script
        let age = Duration.seconds(90 * 86_400)
        json.beginObject()
        if let type { json.member("@type", type) }
        json.member("name", "\(script.modelName)/versions/v1")
        json.member("createTime", operation.created.advanced(by: .zero - age).description)
        json.member("deploymentUri", "gs://models/\(script.model)/v1")
        json.member("runtimeVersion", "2.11")
        json.endObject()
    }
}

extension JSONWriter {
    mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }
}
