import Glibc
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

    private static func foundation(in text: String) -> [String] {
        let libraries = text.split(whereSeparator: \.isWhitespace).map(String.init)
        return banned.filter { libraries.contains($0) }
    }
}

@Suite("opwatchd demo")
struct DemoTests {
    @Test("every operation ends as scripted, at full speed")
    func demo() throws {
        let outcome = try Program.run("demo", "--speed", "120", within: .seconds(60))
        #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
        for verdict in [
            "cancelled", "defied", "refused", "finishedAnyway", "failedOtherwise", "vanished",
            "cancelledByOther", "untouched",
        ] {
            #expect(outcome.output.contains(" \(verdict) "), "\(verdict)")
        }
        #expect(!outcome.output.contains("NO, expected"))
    }
}
