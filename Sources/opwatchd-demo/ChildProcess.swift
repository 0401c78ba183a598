import Glibc
import OpwatchProcess

/// A copy of this program as a child.
struct ChildProcess {
    let pid: pid_t

    /// Starts this executable with other arguments; standard streams are shared.
    init(arguments: [String]) throws(Failure) {
        let argv = (["opwatchd-demo"] + arguments).map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/proc/self/exe", nil, nil, argv, environ)
        guard code == 0 else {
            throw Failure(.failure, "cannot start the daemon: \(String(cString: strerror(code)))")
        }
        self.pid = pid
    }

    func signal(_ number: Int32) {
        kill(pid, number)
    }

    /// The exit status if it has ended, 128 + the signal if one ended it.
    func ended() -> Int32? {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        return Self.exitCode(status)
    }

    /// Waits for its end.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return Self.exitCode(status)
    }

    private static func exitCode(_ status: Int32) -> Int32 {
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}
