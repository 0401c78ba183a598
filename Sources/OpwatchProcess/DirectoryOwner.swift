import Glibc

/// Another user's directory that root works in: files of root there would lock that user out.
package struct DirectoryOwner {
    private let path: String
    private let user: uid_t
    private let group: gid_t

    /// Nil where this is not root, where the directory is root's own, and where there is none yet.
    package static func besideRoot(of path: String) throws(Failure) -> DirectoryOwner? {
        guard geteuid() == 0 else { return nil }
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw Failure(.io, "\(path): \(String(cString: strerror(errno)))")
        }
        guard status.st_uid != 0 else { return nil }
        return DirectoryOwner(path: path, user: status.st_uid, group: status.st_gid)
    }

    /// The name, or the number of a user that has none.
    package var name: String {
        getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "uid \(user)"
    }

    /// Root goes on as the owner, for good.
    package func become() throws(Failure) {
        guard setgroups(0, nil) == 0, setgid(group) == 0, setuid(user) == 0 else {
            throw Failure(
                .permission,
                "\(path): cannot become its owner, \(name): \(String(cString: strerror(errno)))")
        }
    }
}
