import Foundation
import Testing

@Suite("opwatchd filter")
struct FilterTests {
    private let folder = Folder()

    @Test("names of the operations that match, one a line, in the order of the listing")
    func matches() throws {
        let all = try Listing.recorded()
        let done = try Program.run("filter", "done = true", "--from", Shipped.listing)
        let rest = try Program.run("filter", "NOT done = true", "--from", Shipped.listing)
        let every = try Program.run("filter", "name:*", "--from", Shipped.listing)
        #expect([done.code, rest.code, every.code] == [0, 0, 0])
        #expect([done.errors, rest.errors, every.errors] == ["", "", ""])
        #expect(done.lines == all.filter(\.isDone).map(\.name))
        #expect(rest.lines == all.filter { !$0.isDone }.map(\.name))
        #expect(every.lines == all.map(\.name))
        #expect(every.lines.count == 224)
    }

    @Test("- reads standard input")
    func standardInput() throws {
        let outcome = try Program.run(
            "filter", "done = true", "--from", "-", input: Shipped.listing)
        let file = try Program.run("filter", "done = true", "--from", Shipped.listing)
        #expect(outcome.code == 0)
        #expect(outcome.output == file.output)
        #expect(outcome.lines.count > 100)
    }

    @Test("no match prints nothing and is no error")
    func none() throws {
        let outcome = try Program.run("filter", "name = \"none\"", "--from", Shipped.listing)
        #expect(outcome.code == 0)
        #expect(outcome.output == "")
        #expect(outcome.errors == "")
    }

    @Test(
        "a bad expression is a usage error: what is wrong, the expression, a ^ under the spot",
        arguments: [
            ("metadata.x = ", 11), ("a AND", 2), ("(a = 1", 0), ("a = \"b", 4), ("= 1", 0),
            ("a = 1)", 5), ("a == 1", 2), ("NOT", 0),
        ])
    func badExpression(expression: String, column: Int) throws {
        let outcome = try Program.run("filter", expression, "--from", Shipped.listing)
        #expect(outcome.code == 64)
        #expect(outcome.output == "")
        let spot = "\(expression)\n\(String(repeating: " ", count: column))^\n"
        #expect(outcome.errors.contains(spot))
        let words = outcome.errors.replacing(spot, with: "")
        #expect(words.contains(" "), "the message is missing: \(outcome.errors)")
    }

    @Test(
        "no expression is too deep or too long to be refused politely",
        arguments: [
            String(repeating: "(", count: 100_000),
            String(repeating: "NOT ", count: 20_000) + "a = 1",
            String(repeating: "a ", count: 50_000), String(repeating: "-", count: 100_000),
            String(repeating: "a.", count: 50_000) + "a = 1",
        ])
    func hugeExpression(expression: String) throws {
        let outcome = try Program.run("filter", expression, "--from", Shipped.listing)
        #expect(outcome.code == 64)
    }

    @Test("the refusal sends no control characters to the terminal")
    func controlCharacters() throws {
        let outcome = try Program.run("filter", "a = \u{1B}[31m \"", "--from", Shipped.listing)
        #expect(outcome.code == 64)
        #expect(!outcome.errors.contains("\u{1B}"))
    }

    @Test("without a listing the expression is only checked and shown as it was understood")
    func onlyChecked() throws {
        let outcome = try Program.run("filter", "NOT done=true")
        #expect(outcome.code == 0)
        #expect(outcome.output == "NOT done = true\n")
    }

    @Test("what is probably not meant is told on standard error, with a ^, and does not fail")
    func advice() throws {
        let expression = "a = 1 AND b = 2 OR done"
        let outcome = try Program.run("filter", expression)
        #expect(outcome.code == 0)
        #expect(
            outcome.errors == """
                warning: OR binds tighter than AND here; put parentheses around what belongs \
                together
                \(expression)
                                ^
                warning: a bare done only looks into the operation's name; write done = true, \
                or name:done to look into the operation's name
                \(expression)
                                   ^

                """)
    }

    @Test("--explain prints the terms that decided, with what they met, for every operation")
    func explained() throws {
        let listing = #"""
            {"operations": [
              {"name": "a", "metadata": {"type": "CREATE", "labels": {"keep": "true"}}},
              {"name": "b", "metadata": {"type": "CREATE"}},
              {"name": "c\u001b[31m", "metadata": {"type": "a\u0000b"}}]}
            """#
        let file = try folder.write(listing, to: "listing.json")
        let outcome = try Program.run(
            "filter", "metadata.type = CREATE AND NOT metadata.labels.keep = true", "--explain",
            "--from", file)
        #expect(outcome.code == 0)
        #expect(outcome.errors == "")
        #expect(
            outcome.output == #"""
                MATCH  OPERATION    HOLDS  TERM                         FIELD
                no     a            yes    metadata.labels.keep = true  "true"
                yes    b            yes    metadata.type = CREATE       "CREATE"
                yes    b            no     metadata.labels.keep = true  absent
                no     c\u{1b}[31m  no     metadata.type = CREATE       "a\u0000b"

                """#)
    }

    @Test("--explain needs a listing, and a broken one explains nothing")
    func explainNeedsListing() throws {
        let without = try Program.run("filter", "done = true", "--explain")
        #expect(without.code == 64)
        #expect(without.errors.contains("--from"))
        let file = try folder.write("{\"operations\": [{\"name\": \"a\"}", to: "listing.json")
        let broken = try Program.run("filter", "done = true", "--explain", "--from", file)
        #expect(broken.code == 65)
        #expect(broken.output == "")
    }

    @Test(
        "a listing that is broken exits 65, says where, and no match of it is printed",
        arguments: [
            "", "[", "[{}] x", "not JSON", "{\"operations\": [{\"name\": \"a\"}",
            "{\"operations\": 5}",
            "{\"operations\": [{\"name\": \"a\", \"name\": \"b\"}]}",
            "\u{FEFF}{\"operations\": []}",
            "{\"operations\": [{\"name\": \"a\"}]} trailing",
        ])
    func brokenListing(text: String) throws {
        let file = try folder.write(text, to: "listing.json")
        let outcome = try Program.run("filter", "name:*", "--from", file)
        #expect(outcome.code == 65)
        #expect(outcome.output == "")
        #expect(outcome.errors.hasPrefix("\(file): "))
        #expect(outcome.errors.contains("byte"))
    }

    @Test("a listing that is no text exits 65")
    func binaryListing() throws {
        let outcome = try Program.run("filter", "name:*", "--from", Program.path)
        #expect(outcome.code == 65)
        #expect(outcome.output == "")
    }

    @Test(
        "a listing that cannot be read exits 74 and says why",
        arguments: [
            ("/nonexistent.json", "No such file or directory"), ("/", "Is a directory"),
        ])
    func unreadableListing(path: String, words: String) throws {
        let outcome = try Program.run("filter", "name:*", "--from", path)
        #expect(outcome.code == 74)
        #expect(outcome.errors == "\(path): \(words)\n")
    }

    @Test("an answer without operations has no match")
    func empty() throws {
        let file = try folder.write("{}", to: "listing.json")
        let outcome = try Program.run("filter", "name:*", "--from", file)
        #expect(outcome.code == 0)
        #expect(outcome.output == "")
    }

    @Test("the array that gcloud --format=json writes is a listing too")
    func array() throws {
        let file = try folder.write(
            #"[{"name": "a", "done": true}, {"name": "b"}]"#, to: "listing.json")
        let outcome = try Program.run("filter", "done = true", "--from", file)
        #expect(outcome.code == 0)
        #expect(outcome.output == "a\n")
        #expect(outcome.errors == "")
    }

    @Test(
        "a listing that is only a part of the answer is told to be one",
        arguments: [
            (#""nextPageToken": "t""#, "one page of several, more operations follow it"),
            (
                #""unreachable": ["l/x", "l/y"]"#,
                "unreachable, so that their operations are missing: l/x, l/y"
            ),
        ])
    func part(member: String, words: String) throws {
        let file = try folder.write(
            "{\"operations\": [{\"name\": \"a\"}], \(member)}", to: "listing.json")
        let outcome = try Program.run("filter", "name:*", "--from", file)
        #expect(outcome.code == 0)
        #expect(outcome.output == "a\n")
        #expect(outcome.errors == "\(file): warning: \(words)\n")
    }

    @Test(
        "an expression may begin with a -, wherever it stands among the options",
        arguments: [
            ["-done = true"], ["--", "-done = true"], ["-done=true"], ["-(done = true)"],
            ["-name:nothing -done=true"],
        ])
    func negation(expression: [String]) throws {
        let listing = ["--from", Shipped.listing]
        let options =
            expression.first == "--"
            ? [listing + expression]
            : [
                listing + expression, expression + listing,
            ]
        for arguments in options {
            let outcome = try RunningProgram(["filter"] + arguments).finish()
            #expect(outcome.code == 0)
            #expect(outcome.lines == (try Listing.recorded()).filter { !$0.isDone }.map(\.name))
        }
    }

    @Test("an option that does not exist is no expression", arguments: ["--nope", "-x", "--a=b"])
    func noOption(argument: String) throws {
        let outcome = try Program.run("filter", argument)
        #expect(outcome.code == 64)
    }

    @Test("names that hold control characters do not reach the terminal as such")
    func hostileNames() throws {
        let listing = #"{"operations": [{"name": "a\u001b[31m\nb"}]}"#
        let file = try folder.write(listing, to: "listing.json")
        let outcome = try Program.run("filter", "name:*", "--from", file)
        #expect(outcome.code == 0)
        #expect(outcome.lines.count == 1)
        #expect(!outcome.output.contains("\u{1B}"))
    }
}
