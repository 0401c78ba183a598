/// Where a daemon finds its files, and which build it is.
package struct DaemonConfiguration: Sendable {
    package var policyPath: String
    package var stateDirectory: String
    package var version: String
    /// Nil: never.
    package var foldCheck: FoldCheck?

    package init(
        policyPath: String, stateDirectory: String, version: String, foldCheck: FoldCheck? = nil
    ) {
        self.policyPath = policyPath
        self.stateDirectory = stateDirectory
        self.version = version
        self.foldCheck = foldCheck
    }
}

/// Compares now and then the state in memory with the fold of the journal on disk, which costs the
/// reading of a whole file.
package struct FoldCheck: Sendable {
    /// At least 1.
    package var everyRecords: Int
    /// Takes what is different.
    package var report: @Sendable (String) -> Void

    package init(everyRecords: Int, report: @escaping @Sendable (String) -> Void) {
        self.everyRecords = everyRecords
        self.report = report
    }
}
