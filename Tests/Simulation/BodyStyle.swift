import SeededRandom
import WireFormat

/// How a simulated service writes its JSON: differences that mean nothing.
struct BodyStyle: Sendable {
    private let isIndented: Bool
    private let hasSpaces: Bool
    /// Members stand in another order: so many further, round about.
    private let rotation: Int
    private let isReversed: Bool
    /// `\/` for `/`.
    private let escapesSlashes: Bool
    /// `"done": false` is written, and an empty token.
    private let writesDefaults: Bool

    private struct Member {
        let key: String
        let value: [UInt8]

        init(_ key: String, _ value: [UInt8]) {
            self.key = key
            self.value = value
        }
    }

    static func random(_ random: inout SplitMix) -> BodyStyle {
        BodyStyle(
            isIndented: random.once(in: 3), hasSpaces: random.once(in: 2),
            rotation: random.below(6), isReversed: random.once(in: 2),
            escapesSlashes: random.once(in: 4), writesDefaults: random.once(in: 3))
    }

    /// The types of operations; the last part of each is also its `operationType`.
    static let types = ["CreateVersion", "DeleteVersion", "UpdateModel"]

    /// The `@type` of the metadata of the operations of a type.
    static func metadataType(_ type: Int) -> String {
        "type.googleapis.com/google.cloud.ml.v1.\(types[type])Metadata"
    }

    /// An operation as it stands in a list, or as an answer by itself.
    func operation(_ shown: Shown, type: Int) -> [UInt8] {
        var members = [
            Member("name", string(shown.name)), Member("metadata", metadata(shown, type: type)),
        ]
        if shown.isDone || writesDefaults { members.append(Member("done", bool(shown.isDone))) }
        if shown.isDone {
            members.append(
                shown.code == 0
                    ? Member("response", response)
                    : Member("error", status(shown.code, "it ended early", depth: 3)))
        }
        return object(members, depth: 2)
    }

    func list(_ operations: [[UInt8]], token: String?, unreachable: [String]) -> [UInt8] {
        var members: [Member] = []
        if !operations.isEmpty || writesDefaults {
            members.append(Member("operations", array(operations)))
        }
        if let token {
            members.append(Member("nextPageToken", string(token)))
        } else if writesDefaults {
            members.append(Member("nextPageToken", string("")))
        }
        if !unreachable.isEmpty {
            members.append(Member("unreachable", array(unreachable.map(string))))
        }
        return object(members, depth: 0)
    }

    /// An answer without content.
    var empty: [UInt8] { isIndented ? Array("{}\n".utf8) : Array("{}".utf8) }

    private func metadata(_ shown: Shown, type: Int) -> [UInt8] {
        let name = Self.types[type]
        var members = [
            Member("@type", string(Self.metadataType(type))),
            Member("operationType", string(name)),
        ]
        func add(_ key: String, _ time: Timestamp?) {
            if let time { members.append(Member(key, string(time.description))) }
        }
        add("createTime", shown.created)
        add("startTime", shown.started)
        add("updateTime", shown.updated)
        if let team = shown.team {
            let label = object([Member("team", string(team))], depth: 4)
            members.append(Member("labels", label))
        }
        if shown.isCancelRequested || writesDefaults {
            members.append(Member("isCancellationRequested", bool(shown.isCancelRequested)))
        }
        return object(members, depth: 3)
    }

    private var response: [UInt8] {
        let type = string("type.googleapis.com/google.cloud.ml.v1.Version")
        return object([Member("@type", type)], depth: 3)
    }

    private func status(_ code: Int, _ words: String, depth: Int) -> [UInt8] {
        let members = [Member("code", Array("\(code)".utf8)), Member("message", string(words))]
        return object(members, depth: depth)
    }

    private func bool(_ value: Bool) -> [UInt8] { Array((value ? "true" : "false").utf8) }

    private func string(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            if escapesSlashes, byte == UInt8(ascii: "/") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
        return bytes
    }

    private func array(_ elements: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            breakLine(depth: 2, &bytes)
            bytes += element
        }
        if !elements.isEmpty { breakLine(depth: 1, &bytes) }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }

    private func object(_ members: [Member], depth: Int) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        for index in members.indices {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            breakLine(depth: depth + 1, &bytes)
            let turned = (index + rotation) % members.count
            let member = members[isReversed ? members.count - 1 - turned : turned]
            bytes += string(member.key)
            bytes += hasSpaces ? ": ".utf8 : ":".utf8
            bytes += member.value
        }
        if !members.isEmpty { breakLine(depth: depth, &bytes) }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private func breakLine(depth: Int, _ bytes: inout [UInt8]) {
        if isIndented { bytes += Self.breaks[depth] }
    }

    /// By depth; none is deeper than the labels of an operation in a list.
    private static let breaks = (0...5).map { depth in
        Array("\n".utf8) + Array(repeating: UInt8(ascii: " "), count: 2 * depth)
    }
}
