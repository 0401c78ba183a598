import Glibc
import NIOCore
import OpwatchCore
import Testing

@testable import OperationsClient

@Suite("failures below HTTP")
struct WireFailureTests {
    @Test(
        "a socket that could not be had, or connected, has sent nothing",
        arguments: [
            (EMFILE, CallFailure.Sent.no), (ENFILE, .no), (ECONNREFUSED, .no),
            (ECONNRESET, .maybe), (EPIPE, .maybe), (EIO, .maybe),
        ])
    func sockets(code: CInt, sent: CallFailure.Sent) {
        let wire = WireFailure(IOError(errnoCode: code, reason: "x"), hasHead: false)
        let reason = String(cString: strerror(code))
        #expect(wire.failure == .unavailable(reason: reason, retryAfter: nil, sent: sent))
    }
}
