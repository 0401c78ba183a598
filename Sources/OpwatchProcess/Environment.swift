import Glibc

/// What the process was given beside its arguments.
package enum Environment {
    /// A variable; nil where it is not set, or empty.
    package static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}
