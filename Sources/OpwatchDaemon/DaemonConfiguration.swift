/// Where a daemon finds its files, and which build it is.
package struct DaemonConfiguration: Sendable {
    package var policyPath: String
    package var stateDirectory: String
    package var version: String

    package init(policyPath: String, stateDirectory: String, version: String) {
        self.policyPath = policyPath
        self.stateDirectory = stateDirectory
        self.version = version
    }
}
