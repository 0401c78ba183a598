import OpwatchPolicy
import Testing

/// A fixture, named after what is wrong with it, and what the reader says to it.
struct Defect: Sendable, CustomTestStringConvertible {
    let name: String
    let yaml: String
    /// Without the file's name: `LINE:COL: error: MESSAGE`.
    let problems: [String]

    var testDescription: String { name }

    /// A whole file.
    init(_ name: String, file yaml: String, _ problems: String...) {
        self.name = name
        self.yaml = yaml
        self.problems = problems
    }

    /// A policy whose only service ends with these lines; the first is line 7.
    init(_ name: String, service lines: String, _ problems: String...) {
        self.name = name
        yaml = Fixture.policy(service: lines)
        self.problems = problems
    }

    /// A policy whose only rule, of one service on ml/v1, ends with these lines; the first is
    /// line 9.
    init(_ name: String, rule lines: String, _ problems: String...) {
        self.name = name
        yaml = Fixture.policy(rule: lines)
        self.problems = problems
    }

    /// The fixture gives these problems, all of them and no other.
    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        let expected = problems.map { "p.yaml:\($0)" }
        #expect(Fixture.problems(of: yaml) == expected, sourceLocation: sourceLocation)
    }
}

/// Policies to begin with, and the reader applied to them.
enum Fixture {
    static func policy(service lines: String) -> String {
        """
        version: 1
        services:
          - name: ml
            api: ml/v1
            parents: [projects/a]
            credentials: none
        \(indented(lines))
        """
    }

    static func policy(rule lines: String) -> String {
        """
        version: 1
        services:
          - name: ml
            api: ml/v1
            parents: [projects/a]
            credentials: none
        rules:
          - name: r
        \(indented(lines))
        """
    }

    private static func indented(_ lines: String) -> String {
        lines.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
    }

    static func problems(of yaml: String) -> [String] {
        do {
            return try PolicyFile.parse(yaml, file: "p.yaml").warnings.map(\.description)
        } catch {
            return error.problems.map(\.description)
        }
    }

    /// The accepted policy, without a look at its warnings.
    static func load(_ yaml: String) throws -> LoadedPolicy {
        try PolicyFile.parse(yaml, file: "p.yaml")
    }

    /// One of everything, with no value left at its default.
    static let full = """
        version: 1
        mode: enforce
        services:
          - name: ml
            api: ml/v1
            parents: [projects/acme, projects/b]
            filter: 'NOT done = true'
            interval: 30s
            page_size: 100
            requests_per_minute: 90
            credentials: token:opwatchd.token
          - name: own
            endpoint: http://127.0.0.1:8080/v1/
            fields: { create_time: metadata.made, start_time: [metadata.begun, metadata.ready],
              update_time: metadata.touched, progress: metadata.percent, end_time: metadata.over,
              cancel_requested: [], outcome_code: error.status }
            parents: [""]
            server_filter: 'status:running'
            credentials: none
        rules:
          - name: protected
            match: 'metadata.labels.keep = "true"'
            action: ignore
          - name: slow
            services: [own]
            match: 'metadata.verb = "create" AND NOT metadata.dry = true'
            timeouts: { total: 2h30m, queued: 15m, running: 45m, stalled: 5m }
            warn_before: 60s
            action: cancel
          - name: rest
            timeouts: { total: 7d }
            action: warn
        safety:
          confirmations: 3
          cancels_per_poll: 4
          cancels_per_hour: 10
          max_overdue_share: 20%
          max_failed_cancels: 0
          canary: false
        verify: { within: 5m, attempts: 2 }
        journal: { keep: 10d, keep_audit: 100d, max_size: 64MiB }

        """
}
