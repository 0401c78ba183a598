package import WireFormat

/// A service of long-running operations as a plain value: no I/O, no clock of its own.
///
/// Answers in the shapes of ML Engine v1. What it answers follows from the scripts, from what was
/// asked of it before, and from `now`, which its owner sets.
package struct SimulatedService: Sendable {
    /// The service's time; every answer bears it as `Date`.
    package private(set) var now: Timestamp
    /// The parents that can be listed; any other is answered 403.
    package private(set) var parents: Set<String>
    /// What it makes of a list's filter.
    package var filtering = Filtering.supported
    /// Operations on a page when the client names no size.
    package var pageSizeDefault = 100
    /// Larger page sizes are cut to this.
    package var pageSizeMax = 500

    /// What a service makes of the `filter` of a list.
    package enum Filtering: Hashable, Sendable {
        /// Filters on `done` work; others are answered 400 INVALID_ARGUMENT.
        case supported
        /// Takes any filter and lists everything.
        case ignored
        /// Answers any filter that is not empty with this status.
        case refused(RPCStatus)
    }

    private(set) var operations: [SimulatedOperation?] = []
    private var positions: [String: Int] = [:]
    let document: OperationDocument

    /// - Parameters:
    ///   - start: the service's first `now`; the operations' offsets count from it.
    ///   - parents: parents that can be listed besides those of the operations.
    package init(
        start: Timestamp, operations: [ScriptedOperation] = [], parents: Set<String> = [],
        projectNumber: Int64 = 123_456_789_012
    ) {
        now = start
        self.parents = parents
        document = OperationDocument(projectNumber: projectNumber)
        for operation in operations { insert(operation) }
    }

    /// Sets the service's time; an earlier one is taken as well, like a clock that was set back.
    package mutating func advance(to instant: Timestamp) {
        now = instant
    }
}

// MARK: - What the API offers

extension SimulatedService {
    /// One page of a parent's operations, in the order of the script.
    /// - Parameters:
    ///   - pageSize: 0 for the service's own size.
    ///   - pageToken: empty for the first page.
    package func list(
        _ parent: String, filter: String = "", pageSize: Int = 0, pageToken: String = ""
    ) -> SimulatedAnswer {
        list(parent, filter: filter, pageSize: pageSize, pageToken: pageToken, bend: .none)
    }

    /// The operation as it is now, or 404.
    package func get(_ name: String) -> SimulatedAnswer {
        guard let operation = existing(name) else { return dated(Self.notFound(name)) }
        var json = JSONWriter()
        document.write(operation, at: now, to: &json)
        return dated(.json(json.bytes))
    }

    /// Asks the operation to end; what it makes of that is its life's affair.
    package mutating func cancel(_ name: String) -> SimulatedAnswer {
        guard let operation = existing(name), let position = positions[name] else {
            return dated(Self.notFound(name))
        }
        if case .refuses(let status) = operation.script.life.cancelReaction {
            return dated(Self.refusal(status, of: name))
        }
        if operation.state(at: now).isDone {
            return dated(.failure(.failedPrecondition, "Operation \(name) is already done."))
        }
        if operation.cancelAsked == nil { operations[position]?.cancelAsked = now }
        return dated(.empty)
    }

    /// The same answer with the service's time as its `Date`.
    func dated(_ answer: SimulatedAnswer) -> SimulatedAnswer {
        var answer = answer
        answer.setHeader("Date", now.httpDate)
        return answer
    }

    private func existing(_ name: String) -> SimulatedOperation? {
        guard let position = positions[name], let operation = operations[position],
            operation.state(at: now).exists
        else { return nil }
        return operation
    }

    private static func notFound(_ name: String) -> SimulatedAnswer {
        .failure(.notFound, "Operation \(name) was not found.")
    }

    private static func refusal(_ status: RPCStatus, of name: String) -> SimulatedAnswer {
        switch status {
        case .unimplemented:
            .failure(status, "Cancellation of this kind of operation is not supported.")
        case .permissionDenied:
            .failure(
                status, "Permission 'ml.operations.cancel' denied on resource '\(name)'.",
                reason: "IAM_PERMISSION_DENIED",
                metadata: ["permission": "ml.operations.cancel", "resource": name])
        default:
            .failure(status, "Operation \(name) cannot be cancelled in its current state.")
        }
    }
}

// MARK: - What only its owner can do

extension SimulatedService {
    /// Adds an operation whose offsets count from now; one of the same name is replaced.
    package mutating func insert(_ script: ScriptedOperation) {
        let operation = SimulatedOperation(script, insertedAt: now)
        parents.insert(script.parent)
        if let position = positions[script.name] {
            operations[position] = operation
        } else {
            positions[script.name] = operations.count
            operations.append(operation)
        }
    }

    /// Takes an operation away as if it had never been.
    package mutating func remove(_ name: String) {
        guard let position = positions.removeValue(forKey: name) else { return }
        // The place stays empty: page tokens are places.
        operations[position] = nil
    }

    /// Shows an operation in lists, or hides it there; a GET finds it all the same.
    package mutating func setListed(_ isListed: Bool, _ name: String) {
        change(name) { $0.isListed = isListed }
    }

    /// Ends an operation now, whatever its life says.
    package mutating func end(_ name: String, with outcome: Outcome = .response) {
        let now = now
        change(name) { $0.orderedEnd = (now, outcome) }
    }

    /// What is true of an operation now; nil for a name that was never given.
    package func state(_ name: String) -> OperationState? {
        guard let position = positions[name] else { return nil }
        return operations[position]?.state(at: now)
    }

    /// When a cancel of that operation was first answered 200.
    package func cancelAsked(_ name: String) -> Timestamp? {
        guard let position = positions[name] else { return nil }
        return operations[position]?.cancelAsked
    }

    /// The names of all operations, in the order of the script.
    package var names: [String] {
        operations.compactMap { $0?.script.name }
    }

    private mutating func change(_ name: String, _ body: (inout SimulatedOperation) -> Void) {
        guard let position = positions[name], var operation = operations[position] else { return }
        body(&operation)
        operations[position] = operation
    }
}
