internal import CLinux
internal import Glibc

extension Disk {
    /// The real disk.
    package static let live = Disk(
        makeDirectory: { path in checked(mkdir(path, 0o750)) },
        openDirectory: { path in checked(Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) },
        list: listLive,
        lock: { directory in checked(flock(directory, LOCK_EX | LOCK_NB)) },
        fileSystem: { directory in
            var status = statfs()
            return fstatfs(directory, &status) == 0 ? Int64(status.f_type) : -Int64(errno)
        },
        find: { directory, name in
            checked(faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW))
        },
        size: { directory, name in
            var status = stat()
            let result = fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW)
            return result == 0 ? Int64(status.st_size) : -Int64(errno)
        },
        checkDirectory: { path, directory in
            var (here, there) = (stat(), stat())
            guard fstat(directory, &here) == 0 else { return -errno }
            guard stat(path, &there) == 0 else { return staleOr(errno) }
            return isSame(here, there) ? 0 : -ESTALE
        },
        checkFile: { directory, name, file in
            var (here, there) = (stat(), stat())
            guard fstat(file, &here) == 0 else { return -Int64(errno) }
            guard fstatat(directory, name, &there, AT_SYMLINK_NOFOLLOW) == 0 else {
                return Int64(staleOr(errno))
            }
            return isSame(here, there) ? Int64(here.st_size) : -Int64(ESTALE)
        },
        open: openLive,
        create: { directory, name in
            checked(openat(directory, name, appending | O_CREAT | O_EXCL, 0o640))
        },
        reopen: { directory, name in checked(openat(directory, name, appending)) },
        read: { file, buffer in
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            return count < 0 ? -Int(errno) : count
        },
        write: { file, bytes in
            let count = Glibc.write(file, bytes.baseAddress, bytes.count)
            return count < 0 ? -Int(errno) : count
        },
        syncFile: { checked(fdatasync($0)) },
        syncDirectory: { checked(fsync($0)) },
        rename: { directory, from, to in checked(renameat(directory, from, directory, to)) },
        remove: { directory, name in checked(unlinkat(directory, name, 0)) },
        // What had to be durable was synced before; an error here tells nothing more.
        close: { descriptor in _ = Glibc.close(descriptor) })

    private static let appending = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW

    private static func checked(_ result: Int32) -> Int32 {
        result < 0 ? -errno : result
    }

    private static func isSame(_ left: stat, _ right: stat) -> Bool {
        left.st_dev == right.st_dev && left.st_ino == right.st_ino
    }

    /// What it means that nothing is found where something was.
    private static func staleOr(_ code: Int32) -> Int32 {
        code == ENOENT || code == ENOTDIR ? -ESTALE : -code
    }

    private static func listLive(_ directory: Int32, _ visit: (String) -> Void) -> Int32 {
        let number = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { return -errno }
        guard let stream = fdopendir(number) else {
            let code = errno
            _ = Glibc.close(number)
            return -code
        }
        defer { closedir(stream) }
        while true {
            errno = 0
            guard let entry = readdir(stream) else { return -errno }
            visit(name(of: entry))
        }
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return "" }
        let start = UnsafeRawPointer(entry).advanced(by: offset)
        return String(cString: start.assumingMemoryBound(to: CChar.self))
    }

    private static func openLive(_ directory: Int32, _ name: String) -> Int32 {
        let number = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        // ENXIO: a socket has the name.
        guard number >= 0 else { return errno == ENXIO ? -ELOOP : -errno }
        var status = stat()
        let isRead = fstat(number, &status) == 0
        let code = errno
        guard isRead, status.st_mode & S_IFMT == S_IFREG else {
            _ = Glibc.close(number)
            return isRead ? -ELOOP : -code
        }
        // After a failed sync the cached pages may differ from the disk: read the disk.
        _ = posix_fadvise(number, 0, 0, POSIX_FADV_DONTNEED)
        return number
    }
}
