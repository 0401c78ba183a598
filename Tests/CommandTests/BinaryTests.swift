import Foundation
import Testing

@Suite("The binary")
struct BinaryTests {
    private static let banned = [
        "libFoundation.so", "libFoundationInternationalization.so", "lib_FoundationICU.so",
        "libFoundationNetworking.so", "libFoundationXML.so",
    ]

    @Test("links no Foundation, which would more than double it")
    func noFoundation() throws {
        // The dynamic linker prints what it would load instead of running the program.
        let outcome = try Program.run(
            "--version", environment: ["LD_TRACE_LOADED_OBJECTS": "1"])
        // A static binary runs instead, and links nothing.
        guard outcome.output.contains(".so") else {
            #expect(outcome.output == (try Program.run("--version")).output)
            return
        }
        #expect(outcome.output.contains("libc.so"))
        #expect(Self.foundation(in: outcome.output) == [])
    }

    @Test("a library of Foundation would be found")
    func planted() {
        let listed = "\tlibFoundation.so => /usr/lib/libFoundation.so (0x00007f00)\n\tlibc.so.6 =>"
        #expect(Self.foundation(in: listed) == ["libFoundation.so"])
        #expect(Self.foundation(in: "\tlibFoundationEssentials.so => /usr/lib/a.so") == [])
    }

    @Test("holds no simulated service and no clock that could go faster; the demo's holds both")
    func noServer() throws {
        let words = ["OperationsSimulator", "DemoClock"]
        let (service, demo) = (try Self.bytes(of: Program.path), try Self.bytes(of: Program.demo))
        for word in words {
            #expect(service.range(of: Data(word.utf8)) == nil, "\(word)")
            #expect(demo.range(of: Data(word.utf8)) != nil, "\(word)")
        }
    }

    @Test(
        "output that cannot be written is an I/O error, never half of it and success",
        arguments: [
            ["filter", "name:*", "--from", Shipped.listing], ["check", Shipped.policy],
            ["plan", "--policy", Shipped.policy, "--json"],
        ])
    func fullDisk(arguments: [String]) throws {
        let outcome = try RunningProgram(arguments, output: "/dev/full").finish()
        #expect(outcome.code == 74)
        #expect(outcome.errors.contains("No space left on device"))
    }

    private static func bytes(of path: String) throws -> Data {
        try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
    }

    private static func foundation(in text: String) -> [String] {
        let libraries = text.split(whereSeparator: \.isWhitespace).map(String.init)
        return banned.filter { libraries.contains($0) }
    }
}
