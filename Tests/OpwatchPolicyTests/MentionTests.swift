import OpwatchPolicy
import Testing

@Suite("Fields that no operation has")
struct MentionTests {
    /// The built-in service `ml`, one of its own with times at the top, one of its own with
    /// nothing said, and rules from line 7 on.
    private static func rules(_ lines: String...) -> String {
        """
        version: 1
        services:
          - { name: ml, api: ml/v1, parents: [p], credentials: none }
          - { name: gke, endpoint: 'https://g', parents: [p], credentials: none, \
        fields: { create_time: [startTime, metadata.made], progress: "\\"x y\\".z" } }
          - { name: own, endpoint: 'https://h', parents: [p], credentials: none }
        rules:

        """ + lines.map { "  - { \($0), timeouts: { total: 1h }, action: warn }\n" }.joined()
    }

    @Test(
        "of a built-in API are an error, with what was probably meant",
        arguments: [
            Defect(
                "below metadata",
                file: rules("name: r, services: [ml], match: 'labels.keep = \"true\"'"),
                "7:40: error: match: an operation has no field \"labels\"; "
                    + "did you mean \"metadata.labels.keep\"?"),
            Defect(
                "misspelt", file: rules("name: r, services: [ml], match: 'metdata.type = x'"),
                "7:40: error: match: an operation has no field \"metdata\"; "
                    + "did you mean \"metadata.type\"?"),
            Defect(
                "of another API",
                file: rules("name: r, services: [ml], match: 'name:x AND status = RUNNING'"),
                "7:51: error: match: an operation has no field \"status\"; "
                    + "did you mean \"metadata.status\"?"),
            Defect(
                "in a call",
                file: rules("name: r, services: [ml], match: 'startsWith(labels.a, \"x\")'"),
                "7:51: error: match: an operation has no field \"labels\"; "
                    + "did you mean \"metadata.labels.a\"?"),
            Defect(
                "each word once",
                file: rules("name: r, services: [ml], match: 'b.c = 1 OR b.d = 1 OR \"b\".e = 1'"),
                "7:40: error: match: an operation has no field \"b\"; did you mean "
                    + "\"metadata.b.c\"?"),
            Defect(
                "in an ignore rule",
                rule: "match: 'NOT labels.drop:*'\naction: ignore",
                "9:17: error: match: an operation has no field \"labels\"; did you mean "
                    + "\"metadata.labels.drop\"?"),
            Defect(
                "all five",
                file: rules(
                    "name: r, services: [ml], match: 'name:x AND metadata.a = 1 AND done = false "
                        + "AND NOT error.code = 1 AND NOT response:*'")),
        ])
    func builtIn(defect: Defect) {
        defect.check()
    }

    @Test(
        "of an API of one's own are a warning, unless the file names them; errors where misspelt",
        arguments: [
            Defect(
                "an unheard-of one",
                file: rules("name: r, services: [own], match: 'operationType = x'"),
                "7:41: warning: match: \"operationType\" is none of the fields of every operation "
                    + "(name, metadata, done, error, response); did you mean "
                    + "\"metadata.operationType\"?"),
            Defect(
                "one that only looks like another",
                file: rules("name: r, services: [own], match: 'zone = x'"),
                "7:41: warning: match: \"zone\" is none of the fields of every operation "
                    + "(name, metadata, done, error, response); did you mean \"done\"?"),
            Defect(
                "misspelt", file: rules("name: r, services: [own], match: 'metdata.a = x'"),
                "7:41: error: match: an operation has no field \"metdata\"; did you mean "
                    + "\"metadata.a\"?"),
            Defect(
                "status and state",
                file: rules("name: r, services: [own], match: 'status = RUNNING AND state = x'")),
            Defect(
                "named by fields, in either spelling",
                file: rules(
                    "name: r, services: [gke], match: 'startTime:* AND start_time:* "
                        + "AND \"x y\".a = 1'")),
            Defect(
                "in the other spelling where quotes forbid that",
                file: rules("name: r, services: [gke], match: '\"start_time\":*'"),
                "7:41: warning: match: \"start_time\" is none of the fields of every operation "
                    + "(name, metadata, done, error, response); did you mean "
                    + "\"metadata.\"start_time\"\"?"),
            Defect(
                "in letters that find nothing of it",
                file: rules("name: r, services: [gke], match: 'starttime:*'"),
                "7:41: warning: match: \"starttime\" is none of the fields of every operation "
                    + "(name, metadata, done, error, response); did you mean "
                    + "\"metadata.starttime\"?"),
            Defect(
                "known to one of the rule's services",
                file: rules("name: r, match: 'status = RUNNING OR startTime:*'")),
            Defect(
                "of no service",
                file: "version: 1\nrules: [{ name: r, match: 'zone = x', action: ignore }]",
                "2:28: warning: match: \"zone\" is none of the fields of every operation "
                    + "(name, metadata, done, error, response); did you mean \"done\"?"),
        ])
    func own(defect: Defect) {
        defect.check()
    }

    @Test("in the filter of a service are a warning: the service may know them")
    func filter() {
        let problems = Fixture.problems(of: Fixture.policy(service: "filter: 'status:RUNNING'"))
        #expect(
            problems == [
                "p.yaml:7:14: warning: filter: \"status\" is none of the fields of every operation "
                    + "(name, metadata, done, error, response); did you mean "
                    + "\"metadata.status\"?"
            ])
    }
}
