import Foundation
import Testing

@Suite("opwatchd plan")
struct PlanTests {
    private let folder = Folder()
    private static let noon = "2024-04-02T12:00:00Z"

    private func plan(
        _ policy: String, listing: String = Shipped.listing, service: String = "ml",
        _ rest: String...
    ) throws -> Outcome {
        let file = try folder.write(policy, to: "policy.yaml")
        return try RunningProgram(
            [
                "plan", "--policy", file, "--from", listing, "--service", service, "--at",
                Self.noon,
            ] + rest
        ).finish()
    }

    private func planJSON(_ policy: String) throws -> [String: Any] {
        let outcome = try plan(policy, "--json")
        #expect(outcome.code == 0)
        #expect(outcome.errors == "")
        let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        return try #require(json as? [String: Any])
    }

    @Test("every operation of the listing is in the plan, in its order, with every key")
    func complete() throws {
        let root = try planJSON(PolicyText.watching())
        #expect(Set(root.keys) == ["at", "mode", "operations"])
        #expect(root["at"] as? String == Self.noon)
        #expect(root["mode"] as? String == "observe")
        let rows = try #require(root["operations"] as? [[String: Any]])
        let listing = try Listing.recorded()
        #expect(rows.count == 224)
        #expect(rows.map { $0["name"] as? String } == listing.map(\.name))
        let keys: Set<String> = [
            "service", "name", "rule", "decision", "clock", "age_sec", "timeout_sec", "deadline",
            "reason",
        ]
        let decisions = ["keep", "warn", "cancel", "verify", "finished", "ignore"]
        for row in rows {
            #expect(Set(row.keys) == keys)
            #expect(row["service"] as? String == "ml")
            #expect(decisions.contains(row["decision"] as? String ?? ""))
            #expect((row["reason"] as? String)?.isEmpty == false)
            // A clock comes with its numbers or not at all.
            let isTimed = row["clock"] is String
            #expect(row["age_sec"] is NSNumber || !isTimed)
            #expect((row["timeout_sec"] is NSNumber) == isTimed)
            #expect((row["deadline"] is String) == isTimed)
        }
    }

    @Test("an operation with a creation time has its age, what is done has no rule and no clock")
    func ages() throws {
        let root = try planJSON(PolicyText.watching())
        let rows = try #require(root["operations"] as? [[String: Any]])
        let listing = try Listing.recorded()
        var timed = 0
        for (row, operation) in zip(rows, listing) {
            if operation.isDone {
                #expect(row["decision"] as? String == "finished")
                for key in ["rule", "clock", "age_sec", "timeout_sec", "deadline"] {
                    #expect(row[key] is NSNull, "\(key) of \(operation.name)")
                }
            } else if operation.isCreatedAtNoon {
                timed += 1
                #expect(row["decision"] as? String == "warn")
                #expect(row["rule"] as? String == "everything")
                #expect(row["clock"] as? String == "total")
                // From 12:34:56 of the day before to noon.
                #expect(row["age_sec"] as? Int == 84_303)
                #expect(row["timeout_sec"] as? Int == 3_600)
                #expect((row["deadline"] as? String)?.hasPrefix("2024-04-01T13:34:56") == true)
            }
        }
        #expect(timed >= 50)
    }

    @Test("no operation is cancelled without a rule that says so", arguments: ["warn", "ignore"])
    func noCancel(action: String) throws {
        let timeouts = action == "ignore" ? "" : "    timeouts: { total: 1h }\n"
        let policy = PolicyText.watching(action: action)
            .replacing("    timeouts: { total: 1h }\n", with: timeouts)
        let rows = try #require(try planJSON(policy)["operations"] as? [[String: Any]])
        #expect(!rows.isEmpty)
        #expect(!rows.contains { $0["decision"] as? String == "cancel" })
    }

    @Test("a cancel names what it would still wait for")
    func waits() throws {
        let outcome = try plan(PolicyText.watching(action: "cancel"), "--json")
        #expect(outcome.code == 0)
        // A cancel rule without warn_before is worth a warning.
        #expect(outcome.errors.contains(": warning: "))
        let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        let rows = (json as? [String: Any])?["operations"] as? [[String: Any]] ?? []
        let cancels = rows.filter { $0["decision"] as? String == "cancel" }
        #expect(cancels.count >= 50)
        for row in cancels {
            let reason = row["reason"] as? String ?? ""
            #expect(reason.contains("mode enforce"))
            #expect(reason.contains("complete polls in a row"))
        }
    }

    @Test("for people: one aligned line an operation and a count of each decision")
    func table() throws {
        let outcome = try plan(PolicyText.watching())
        #expect(outcome.code == 0)
        let lines = outcome.lines
        // A header and a line an operation, a header and a line a rule, the summary.
        #expect(lines.count == 1 + 224 + 1 + 1 + 1)
        #expect(lines.dropLast().last?.contains("99") == true)
        let header = try #require(lines.first)
        #expect(header.hasPrefix("DECISION"))
        let column = try #require(header.firstRange(of: "OPERATION")).lowerBound
        let offset = header.distance(from: header.startIndex, to: column)
        for line in lines[1...224] {
            #expect(Array(line)[offset - 1] == " " && Array(line)[offset] != " ")
        }
        #expect(lines.last?.hasPrefix("as of \(Self.noon), mode observe: ") == true)
        #expect(!outcome.output.contains("\u{1B}"))
    }

    @Test("a service that the policy does not have is a usage error that lists those it has")
    func wrongService() throws {
        let outcome = try plan(PolicyText.watching(), service: "nope")
        #expect(outcome.code == 64)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains("nope"))
        #expect(outcome.errors.contains("ml"))
    }

    @Test("a listing that is broken exits 65, one that is missing 74, and nothing is printed")
    func badListing() throws {
        let broken = try folder.write("{\"operations\": [", to: "broken.json")
        let first = try plan(PolicyText.watching(), listing: broken, "--json")
        #expect(first.code == 65)
        #expect(first.output == "")
        #expect(first.errors.hasPrefix("\(broken): "))
        let second = try plan(PolicyText.watching(), listing: "/nonexistent.json", "--json")
        #expect(second.code == 74)
        #expect(second.output == "")
    }

    @Test(
        "a listing that is only a part of the answer is told to be one",
        arguments: [
            #"{"operations": [{"name": "a"}], "nextPageToken": "t"}"#,
            #"{"operations": [{"name": "a"}], "unreachable": ["projects/acme/locations/x"]}"#,
        ])
    func partialListing(text: String) throws {
        let listing = try folder.write(text, to: "listing.json")
        let outcome = try plan(PolicyText.watching(), listing: listing)
        #expect(outcome.code == 69)
        #expect(outcome.lines.count == 5)
        #expect(outcome.errors.hasPrefix("\(listing): warning: "))
        let last = "the plan is not complete: operations are missing from it\n"
        #expect(outcome.errors.hasSuffix(last))
    }

    @Test("the array that gcloud --format=json writes is a listing too")
    func array() throws {
        let listing = try folder.write(#"[{"name": "a"}, {"name": "b"}]"#, to: "listing.json")
        let outcome = try plan(PolicyText.watching(), listing: listing)
        #expect(outcome.code == 0)
        #expect(outcome.errors == "")
        #expect(outcome.lines.count == 6)
    }

    @Test("a breaker that would open is told on standard error")
    func breaker() throws {
        let outcome = try plan(PolicyText.watching(action: "cancel"))
        #expect(outcome.code == 0)
        let line = outcome.errors.split(separator: "\n").last ?? ""
        #expect(line.contains(": warning: its breaker would open: "))
        #expect(line.hasSuffix(", limit 50%; nothing of it is cancelled then"))
    }

    @Test("a bad policy exits 78 with its problems")
    func badPolicy() throws {
        let outcome = try plan(PolicyText.broken)
        #expect(outcome.code == 78)
        #expect(outcome.errors.contains("policy.yaml:2:1: error: "))
    }

    @Test("a service that does not answer exits 69, and an incomplete plan says that it is")
    func unavailable() throws {
        let port = ClosedPort()
        let file = try folder.write(PolicyText.watching(port: port.number), to: "policy.yaml")
        let outcome = try Program.run("plan", "--policy", file)
        #expect(outcome.code == 69)
        #expect(outcome.errors.contains("ml"))
        #expect(outcome.errors.contains("not complete"))
    }
}
