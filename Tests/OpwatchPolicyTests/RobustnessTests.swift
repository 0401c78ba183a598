import OpwatchPolicy
import SeededRandom
import Testing

@Suite("Damaged and hostile files")
struct RobustnessTests {
    /// Every file ends as a policy or as problems inside the file.
    private func read(_ bytes: [UInt8], _ comment: Comment) {
        do throws(PolicyErrors) {
            let loaded = try PolicyFile.parse(bytes, file: "p")
            #expect(loaded.warnings.allSatisfy { $0.severity == .warning }, comment)
        } catch {
            let lines = bytes.count { $0 == 0x0A } + 1
            #expect(error.problems.contains { $0.severity == .error }, comment)
            for problem in error.problems {
                #expect(problem.line >= 1 && problem.column >= 1, comment)
                #expect(!problem.message.utf8.contains { $0 < 0x20 }, comment)
                // Carriage returns and a few rare characters end lines of YAML too.
                #expect(
                    problem.line <= lines || bytes.contains { $0 == 0x0D || $0 >= 0x80 }, comment)
            }
        }
    }

    @Test("a valid file cut off anywhere")
    func truncations() {
        let bytes = Array(Fixture.full.utf8)
        for count in 0...bytes.count { read(Array(bytes.prefix(count)), "first \(count) bytes") }
    }

    @Test("random bytes", arguments: 0..<300)
    func randomBytes(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let count = Int.random(in: 0...400, using: &random)
        read((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }, "seed \(seed)")
    }

    @Test("random YAML punctuation", arguments: 0..<300)
    func randomPunctuation(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let pieces = [
            "\n", "  ", "- ", ": ", "{", "}", "[", "]", ", ", "? ", "&a ", "*a", "!t ", "'", "\"",
            "|\n", ">-\n", "#", "---\n", "...\n", "%YAML 1.1\n", "<<", "version: 1\n", "services:",
            "rules:", "name", "match: ", "timeouts", "1h", "~", "\\", "\r", "\t", "\u{2028}", "ä",
        ]
        let count = Int.random(in: 0...120, using: &random)
        let text = (0..<count).compactMap { _ in pieces.randomElement(using: &random) }.joined()
        read(Array(text.utf8), "seed \(seed)")
    }

    @Test("a valid file with a few bytes changed", arguments: 0..<600)
    func mutations(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var bytes = Array(Fixture.full.utf8)
        for _ in 0...Int.random(in: 0...3, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0...3, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: place)
            default:
                let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
                bytes.insert(contentsOf: bytes[place..<end], at: bytes.count / 2)
            }
        }
        read(bytes, "seed \(seed)")
    }

    @Test(
        "a megabyte of one thing ends soon",
        arguments: [
            "[", "{", "- ", "? ", "&a ", "*a ", "!", "'", "\"", "a: ", "a: {", "[a, ", "\n", "#",
            "- &a b\n", "%", "|\n", ": ", "<<: *a\n", "\t", "-", "[]", "- *a\n", "- []\n",
        ])
    func hostile(piece: String) {
        let count = 1_000_000 / piece.utf8.count
        let bytes = Array(String(repeating: piece, count: count).utf8)
        let taken = ContinuousClock().measure {
            _ = try? PolicyFile.parse(bytes, file: "p")
        }
        #expect(taken < .seconds(20), "a megabyte of \(piece)")
    }
}
