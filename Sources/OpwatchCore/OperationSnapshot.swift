package import WireFormat

/// What one answer says of one operation, in the terms that decisions are made of.
package struct OperationSnapshot: Sendable, Equatable {
    /// The full resource name; empty where the answer has none.
    package var name: String
    package var isDone: Bool
    /// The `google.rpc.Code` of the end; 0 is success. Means something only when done.
    package var outcomeCode: Int64
    package var created: TimeReading
    package var started: TimeReading
    /// Changes when the update time or the progress does; 0 where the API reports neither.
    package var progressHash: UInt64
    /// Changes with anything in `metadata`.
    package var metadataHash: UInt64
    package var isCancelRequested: Bool
    /// The `@type` of its metadata, empty where there is none; read only for cancel rules.
    package var metadataType: String
    /// Why this answer cannot carry a decision to cancel, e.g. an error without `done`.
    package var contradiction: String?

    package init(
        name: String, isDone: Bool = false, outcomeCode: Int64 = 0,
        created: TimeReading = .absent, started: TimeReading = .absent,
        progressHash: UInt64 = 0, metadataHash: UInt64 = 0, isCancelRequested: Bool = false,
        metadataType: String = "", contradiction: String? = nil
    ) {
        self.name = name
        self.isDone = isDone
        self.outcomeCode = outcomeCode
        self.created = created
        self.started = started
        self.progressHash = progressHash
        self.metadataHash = metadataHash
        self.isCancelRequested = isCancelRequested
        self.metadataType = metadataType
        self.contradiction = contradiction
    }

    /// What a stalled clock watches, in one figure.
    var stallHash: UInt64 { Self.stallHash(progressHash, metadataHash) }

    static func stallHash(_ progress: UInt64, _ metadata: UInt64) -> UInt64 {
        progress &* 0x9E37_79B9_7F4A_7C15 ^ metadata
    }

    /// The first thing that forbids to judge this operation's age, for people.
    package var problem: String? {
        if let contradiction { return contradiction }
        if let problem = created.problem { return "creation time \(problem)" }
        if let problem = started.problem { return "start time \(problem)" }
        return nil
    }
}

/// A time field: absent, usable, or present and no ground for anything.
package enum TimeReading: Sendable, Equatable {
    case absent
    case at(Timestamp)
    /// Later than the service's clock, or ours, can allow: no age is counted from it, but it tells
    /// one operation from another.
    case future(Timestamp)
    /// The text says why, e.g. `is not RFC 3339`.
    case unusable(String)

    /// The time, where it may be counted from.
    package var timestamp: Timestamp? {
        if case .at(let timestamp) = self { timestamp } else { nil }
    }

    /// The time as the service tells it, whether it can be right or not.
    package var told: Timestamp? {
        switch self {
        case .at(let timestamp), .future(let timestamp): timestamp
        case .absent, .unusable: nil
        }
    }

    /// Why it is no ground for anything.
    var problem: String? {
        switch self {
        case .absent, .at: nil
        case .future(let timestamp): "\(timestamp) is in the future of the server"
        case .unusable(let reason): reason
        }
    }

    /// Google's first public API answered in 2008; anything older is a default value.
    static let earliest = Timestamp(seconds: 1_199_145_600)
}

/// Where a plan's `FieldSet` keeps what a snapshot needs.
struct SnapshotSlots: Sendable {
    let name: Int
    let done: Int
    let error: Int
    let response: Int
    let metadata: Int
    let metadataType: Int
    /// Words at the top that say how it is, in APIs without `done`.
    let states: [Int]
    let created: [Int]
    let started: [Int]
    let progress: [Int]
    let ended: [Int]
    let cancelRequested: [Int]
    let outcomeCode: [Int]

    static let paths =
        FieldMap.paths("name", "done", "error", "response", "metadata") + [typePath]
        + statePaths + [topEndPath]
    private static let typePath = FieldPath(
        segments: [FieldSegment("metadata"), FieldSegment("@type")])
    private static let statePaths = FieldMap.paths("status", "state")
    private static let topEndPath = FieldPath(segments: [FieldSegment("endTime")])

    init(_ map: FieldMap, in fields: FieldSet) {
        func slots(_ paths: [FieldPath]) -> [Int] { paths.compactMap { fields.slot($0) } }
        let fixed = slots(Self.paths)
        precondition(fixed.count == Self.paths.count, "a plan's fields hold the fixed paths")
        name = fixed[0]
        done = fixed[1]
        error = fixed[2]
        response = fixed[3]
        metadata = fixed[4]
        metadataType = fixed[5]
        states = slots(Self.statePaths)
        created = slots(map.createTime)
        started = slots(map.startTime)
        progress = slots(map.updateTime + map.progress)
        ended = slots(map.endTime + [Self.topEndPath])
        cancelRequested = slots(map.cancelRequested)
        outcomeCode = slots(map.outcomeCode)
    }
}

extension OperationSnapshot {
    init(_ row: borrowing FieldRow, slots: SnapshotSlots, at now: Timestamp) {
        let done = row.kind(slots.done)
        let hasError = row.isPresent(slots.error)
        self.init(
            name: row.string(slots.name) ?? "",
            isDone: done == .true,
            outcomeCode: Self.outcomeCode(row, slots, hasError: hasError),
            created: Self.time(row, slots.created, at: now),
            started: Self.time(row, slots.started, skipsUnset: true, at: now),
            progressHash: Self.progressHash(row, slots),
            metadataHash: slots.progress.isEmpty ? 0 : row.contentHash(slots.metadata),
            isCancelRequested: slots.cancelRequested.contains { Self.isSet(row, $0) })
        switch done {
        case .true: break
        case .absent, .null, .false: contradiction = Self.signOfAnEnd(row, slots)
        case .number, .string, .object, .array, .repeated:
            contradiction = "done is neither true nor false"
        }
    }

    /// What says that it has ended, though `done` does not; nil where nothing does.
    private static func signOfAnEnd(
        _ row: borrowing FieldRow, _ slots: SnapshotSlots
    ) -> String? {
        if row.isPresent(slots.error) { return "error is there but it is not done" }
        if row.isPresent(slots.response) { return "response is there but it is not done" }
        if slots.ended.contains(where: { row.isPresent($0) && !row.isUnsetTime($0) }) {
            return "end time is there but it is not done"
        }
        for slot in slots.states {
            guard let state = row.string(slot), EndState.isOver(state) else { continue }
            return "state is over but it is not done"
        }
        return nil
    }

    /// The first path that is present decides; a bad value there is not mended by the next path.
    /// - Parameter skipsUnset: whether what encoders write for no time counts as absent.
    private static func time(
        _ row: borrowing FieldRow, _ slots: [Int], skipsUnset: Bool = false, at now: Timestamp
    ) -> TimeReading {
        for slot in slots where row.isPresent(slot) {
            if skipsUnset, row.isUnsetTime(slot) { continue }
            guard let time = row.timestamp(slot) else { return .unusable("is not RFC 3339") }
            if let earliest = TimeReading.earliest, time < earliest {
                return .unusable("\(time) is before 2008")
            }
            if time > now.advanced(by: Limits.clockDifferenceMax) {
                return .future(time)
            }
            return .at(time)
        }
        return .absent
    }

    /// An error object without a readable code above 0 is some failure, never a success.
    private static func outcomeCode(
        _ row: borrowing FieldRow, _ slots: SnapshotSlots, hasError: Bool
    ) -> Int64 {
        for slot in slots.outcomeCode where row.isPresent(slot) {
            let code = row.integer(slot) ?? unknownCode
            return code == 0 && hasError ? unknownCode : code
        }
        return hasError ? unknownCode : 0
    }

    private static let unknownCode: Int64 = 2

    private static func progressHash(_ row: borrowing FieldRow, _ slots: SnapshotSlots) -> UInt64 {
        var hash: UInt64 = 0
        for (position, slot) in slots.progress.enumerated()
        where row.isPresent(slot) && !row.isUnsetTime(slot) {
            hash ^= row.contentHash(slot) &* UInt64(truncatingIfNeeded: 2 * position + 1)
        }
        return hash
    }

    /// A flag is `true`, or a time at which the cancel was asked for; one of another form protects.
    private static func isSet(_ row: borrowing FieldRow, _ slot: Int) -> Bool {
        switch row.kind(slot) {
        case .absent, .null, .false: false
        case .string: !row.isString(slot, "false") && !row.isUnsetTime(slot)
        case .number: row.number(slot) != 0
        case .true, .object, .array, .repeated: true
        }
    }
}

extension FieldRow {
    /// What encoders write for a time that was never set: an empty text, year 1, 1970.
    func isUnsetTime(_ slot: Int) -> Bool {
        guard kind(slot) == .string else { return false }
        if isString(slot, "") { return true }
        guard let time = timestamp(slot) else { return false }
        return time == .earliest || time == Timestamp(seconds: 0)
    }

    /// JSON null is as good as absent.
    func isPresent(_ slot: Int) -> Bool {
        switch kind(slot) {
        case .absent, .null: false
        case .true, .false, .number, .string, .object, .array, .repeated: true
        }
    }
}
