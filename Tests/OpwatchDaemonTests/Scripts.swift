import OperationsSimulator
import WireFormat

extension Duration {
    static func minutes(_ count: Int) -> Duration { .seconds(60 * count) }
}

extension ScriptedOperation {
    /// Past the usual policy's timeout of 45 minutes from the start.
    static func overdue(
        _ id: String, under parent: String = DaemonHarness.parent, life: Life = .slow
    ) -> ScriptedOperation {
        ScriptedOperation(id, under: parent, created: .minutes(-50), life: life)
    }

    /// No rule has a timeout for these.
    static func healthy(_ count: Int, _ id: String = "healthy") -> [ScriptedOperation] {
        ScriptedOperation(id, type: "UPDATE_VERSION", created: .minutes(-1)).series(count: count)
    }
}

extension SimulatedAnswer {
    /// A list of one running operation, for a server that lists where it should not.
    static func list(of name: String, created: Timestamp) -> SimulatedAnswer {
        .json(
            Array(
                """
                {"operations": [{"name": "\(name)", "metadata": {"createTime": "\(created)",
                "operationType": "CREATE_VERSION"}}]}
                """.utf8))
    }
}
