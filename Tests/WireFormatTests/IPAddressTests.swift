import Glibc
import SeededRandom
import Testing
import WireFormat

@Suite("Addresses")
struct IPAddressTests {
    /// What the C library makes of a text.
    private func reference(_ text: String) -> [UInt8]? {
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 { return withUnsafeBytes(of: v4) { Array($0) } }
        return inet_pton(AF_INET6, text, &v6) == 1 ? withUnsafeBytes(of: v6) { Array($0) } : nil
    }

    @Test(
        "an address is read as the C library reads it",
        arguments: [
            "127.0.0.1", "0.0.0.0", "255.255.255.255", "256.0.0.1", "127.1", "0127.0.0.1", "1.2.3.",
            "1.2.3.4.5", "+1.2.3.4", "1.2.3.-4", "", ".", ":", "::", ":::", "::1", "1::", "0:0::1",
            "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::2::3",
            "1:2:3:4:5:6:7:8:9", "::1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4",
            "1.2.3.4::", "::1.2.3", "::1.2.3.04", "12345::", "g::", "::+1", "::-1", "fd00::/8",
            "FD00::A", "1:", ":1", "1:2", "::1%lo", "::1 ",
        ])
    func known(text: String) {
        #expect(IPAddress(text)?.bytes == reference(text))
    }

    @Test("so is any text of its signs", arguments: [UInt64(7), 8])
    func random(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let parts = ["0", "1", "ff", "12", "::", ":", ".", "1.2.3.4", "abcd", "255", "g", "00"]
        for _ in 0..<20_000 {
            let count = Int.random(in: 1...12, using: &random)
            let text = (0..<count).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
            #expect(IPAddress(text)?.bytes == reference(text), "\(text)")
        }
    }

    @Test(
        "loopback is 127.0.0.0/8, ::1 in any spelling, and the name localhost",
        arguments: [
            ("127.0.0.1", true), ("127.255.0.9", true), ("128.0.0.1", false), ("::1", true),
            ("0:0::1", true), ("::2", false), ("::", false), ("localhost", true),
            ("LOCALHOST", true), ("localhost.test", false), ("0127.0.0.1", false),
            ("127.0.0.1.test", false), ("1::1", false),
        ])
    func loopback(host: String, isLoopback: Bool) {
        #expect(LoopbackHost.isOne(host) == isLoopback)
    }
}
