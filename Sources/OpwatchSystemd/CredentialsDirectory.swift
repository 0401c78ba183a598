internal import Glibc

/// The files that systemd hands over by `LoadCredential=` and `ImportCredential=`.
package enum CredentialsDirectory {
    /// The file of the credential `name`: `opwatchd.NAME`, else `NAME`, in
    /// `$CREDENTIALS_DIRECTORY`.
    ///
    /// Nil when there is no such file, no such directory, or `name` is no single file name. The
    /// file is not opened; its mode differs between versions of systemd and says nothing.
    package static func path(named name: String) -> String? {
        path(named: name, in: environmentValue("CREDENTIALS_DIRECTORY"))
    }

    static func path(named name: String, in directory: String?) -> String? {
        guard let directory, directory.hasPrefix("/") else { return nil }
        guard !name.isEmpty, name != ".", name != "..",
            name.utf8.allSatisfy({ $0 != UInt8(ascii: "/") && $0 != 0 })
        else { return nil }
        return ["opwatchd.\(name)", name]
            .map { "\(directory)/\($0)" }
            .first { access($0, F_OK) == 0 }
    }
}
