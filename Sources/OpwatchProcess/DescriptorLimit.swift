import Glibc

/// How many files and connections this process may have open at a time.
package enum DescriptorLimit {
    /// Below this the event loops cannot be made at all; the rest is for the journal, the log and
    /// a few connections.
    static let needed: UInt64 = 64

    /// Takes what the system grants, so that a low default of a shell does no harm.
    ///
    /// Called before anything else is opened: the libraries below end the process where they get
    /// no descriptor.
    /// - Throws: where that is too little to work with.
    package static func raise() throws(Failure) {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        guard limit.rlim_cur >= needed else {
            throw Failure(
                .configuration,
                "the limit of open files is \(limit.rlim_cur), at least \(needed) are needed; "
                    + "raise LimitNOFILE= of the unit, or ulimit -n")
        }
    }

    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
}
