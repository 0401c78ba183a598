/// One operation of a simulated service, before its life begins.
package struct ScriptedOperation: Hashable, Sendable {
    /// The last part of the name; may contain slashes.
    package var id: String
    /// The resource it is listed under, e.g. `projects/acme`; empty for a service without parents.
    package var parent: String
    /// `metadata.operationType`.
    package var type: String
    /// The model's short name; `metadata.modelName` has it under the parent.
    package var model: String
    /// `metadata.labels`.
    package var labels: [String: String]
    /// When it is created, counted from when the service was given it; negative for the past.
    /// It is not there before.
    package var created: Duration
    /// How long after its creation its work starts.
    package var queuedFor: Duration
    /// From a cancel that it obeys to its end.
    package var cancelTakes: Duration
    /// Whether the metadata has `updateTime` and `progressPercent`; a `stalled` life always has.
    package var reportsProgress: Bool
    /// What it does.
    package var life: Life

    /// A slow operation of `projects/acme`, created and started now, unless told otherwise.
    package init(
        _ id: String, under parent: String = "projects/acme", type: String = "CREATE_VERSION",
        model: String = "churn", labels: [String: String] = [:], created: Duration = .zero,
        queuedFor: Duration = .zero, cancelTakes: Duration = .seconds(2),
        reportsProgress: Bool = false, life: Life = .slow
    ) {
        self.id = id
        self.parent = parent
        self.type = type
        self.model = model
        self.labels = labels
        self.created = created
        self.queuedFor = queuedFor
        self.cancelTakes = cancelTakes
        self.reportsProgress = reportsProgress
        self.life = life
    }

    /// The operation's full name.
    package var name: String { "\(Self.under(parent))operations/\(id)" }

    /// `labels`, and what the life adds to them.
    var allLabels: [String: String] {
        var labels = labels
        if life == .kept { labels["keep"] = "true" }
        return labels
    }

    /// The model's full name.
    var modelName: String { "\(Self.under(parent))models/\(model)" }

    /// Copies named `id-1`, `id-2`, … , each created `spacing` after the one before.
    package func series(count: Int, spacing: Duration = .zero) -> [ScriptedOperation] {
        (0..<max(0, count)).map { index in
            var copy = self
            copy.id = "\(id)-\(index + 1)"
            copy.created = created + spacing * index
            return copy
        }
    }

    private static func under(_ parent: String) -> String {
        parent.isEmpty ? "" : parent + "/"
    }
}
