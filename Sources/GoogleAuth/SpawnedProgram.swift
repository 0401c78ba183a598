import CLinux
import Glibc
import WireFormat

/// A child whose standard output is read to its end; its errors go nowhere, as they may quote
/// what it was given.
struct SpawnedProgram: Sendable {
    private let pid: pid_t
    private let output: CInt
    private let name: String

    /// Starts the program in a process group of its own.
    ///
    /// - Parameter environment: `NAME=value`, nothing else is inherited.
    init(_ arguments: [String], environment: [String]) throws(AuthFailure) {
        name = "the program \(RemoteText.clean(arguments.first ?? ""))"
        var ends: [CInt] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else {
            throw .unavailable("\(name) cannot be started: \(String(cString: strerror(errno)))")
        }
        defer { close(ends[1]) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What the daemon ignores or blocks must end the child all the same.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = environment.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, arguments.first ?? "", &actions, &attributes, argv, envp)
        guard code == 0 else {
            close(ends[0])
            let reason = "\(name) cannot be started: \(String(cString: strerror(code)))"
            switch code {
            case EACCES:
                throw .setup(reason + "; inside the unit, ExecPaths= has to allow it")
            case ENOENT, ENOTDIR, ENOEXEC: throw .setup(reason)
            // Processes, memory or a file that is being written: it may pass.
            default: throw .unavailable(reason)
            }
        }
        self.pid = pid
        output = ends[0]
    }

    /// All that it printed by its end, which is looked for every now and then: a child is rare and
    /// short, and a thread that waits for it would be one more.
    func output(
        within limit: Duration, bytesMax: Int, lookEvery pause: Duration, in world: AuthWorld
    ) async throws(AuthFailure) -> (bytes: [UInt8], exitCode: CInt) {
        defer { close(output) }
        let deadline = world.instant().advanced(by: limit)
        var bytes: [UInt8] = []
        while true {
            read(into: &bytes, atMost: bytesMax + 1)
            if bytes.count > bytesMax {
                end()
                throw .unavailable("\(name) printed more than \(bytesMax) bytes")
            }
            var status: CInt = 0
            let ended = waitpid(pid, &status, WNOHANG)
            if ended < 0, errno != EINTR {
                throw .unavailable("\(name) was waited for by somebody else")
            }
            if ended == pid {
                read(into: &bytes, atMost: bytesMax + 1)
                let signal = status & 0x7F
                let code = signal == 0 ? status >> 8 & 0xFF : 128 + signal
                guard code == 0 || !bytes.isEmpty else {
                    throw .unavailable("\(name) ended with exit code \(code) and printed nothing")
                }
                return (bytes, code)
            }
            guard world.instant() < deadline else {
                end()
                throw .unavailable("\(name) did not end within \(limit.components.seconds) s")
            }
            do {
                try await world.sleep(pause)
            } catch {
                end()
                throw .stopped
            }
        }
    }

    private func read(into bytes: inout [UInt8], atMost limit: Int) {
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < limit {
            let count = Glibc.read(output, &chunk, chunk.count)
            guard count > 0 else { return }
            bytes += chunk[..<count]
        }
    }

    /// It and its children.
    private func end() {
        kill(-pid, SIGKILL)
        // It may have left its group.
        kill(pid, SIGKILL)
        var status: CInt = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }
}
