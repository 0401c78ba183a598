package import WireFormat

/// What complete polls have shown lately; gone at a restart on purpose, its loss can only delay.
package struct PollMemory: Sendable {
    /// Where `WatchState` keeps an operation.
    package typealias OperationRef = WatchState.OperationRef

    /// By table and slot.
    private var sightings: [[LastSighting]] = []
    private var confirmed: [OperationRef: Confirmed] = [:]
    /// Operations whose name may have stood for another one in the last poll that listed them.
    package var doubts: [OperationRef: IdentityDoubt] = [:]
    /// Clocks of operations whose rule has a `stalled` timeout.
    package var stalls: [OperationRef: StallMemory] = [:]
    /// Tracked operations that complete polls no longer list.
    package var absences: [OperationRef: Absence] = [:]
    /// Operations that ended, as long as lists go on to show them.
    package var ended = EndedMemory()
    /// Operations that are left alone for a while, and why.
    package var pauses: [OperationRef: OperationPause] = [:]
    /// Operations whose unusable times or foreign flag were reported.
    package var reported: Set<OperationRef> = []
    /// Operations that were reported to run unlisted, which a list that flaps makes them over and
    /// over.
    package var reportedUnlisted: Set<OperationRef> = []

    /// As after a start: nothing seen yet.
    package init() {}

    /// The walk that listed an operation last; every tracked operation has one, so it is small.
    private struct LastSighting: Sendable {
        var serial: UInt32 = 0
        var walk: UInt32 = 0
    }

    /// Complete polls in a row in which an operation was overdue; numbers count a partition's
    /// complete polls from 1.
    private struct Confirmed: Sendable {
        let serial: UInt32
        let due: Due
        let poll: UInt32
        let count: Int
    }

    /// An operation that complete polls no longer list.
    package struct Absence: Sendable {
        /// Number of the partition's complete poll after which the next GET is due.
        package var nextGetIn: UInt32
        /// Server time of the first 404 of the present row of them.
        package var missingSince: Timestamp?
        /// GETs in a row that failed.
        package var failures: UInt32 = 0

        /// Not fetched yet.
        package init(nextGetIn: UInt32) {
            self.nextGetIn = nextGetIn
        }
    }

    // MARK: Listed

    /// Notes that a walk listed the operation.
    package mutating func list(_ ref: OperationRef, serial: UInt32, in walk: UInt32) {
        while sightings.count <= ref.table { sightings.append([]) }
        let missing = ref.slot + 1 - sightings[ref.table].count
        if missing > 0 {
            sightings[ref.table].append(contentsOf: repeatElement(LastSighting(), count: missing))
        }
        sightings[ref.table][ref.slot] = LastSighting(serial: serial, walk: walk)
        absences[ref] = nil
    }

    /// The number of the walk that last listed the operation, 0 for none.
    package func listedIn(_ ref: OperationRef, serial: UInt32) -> UInt32 {
        guard ref.table < sightings.count, ref.slot < sightings[ref.table].count,
            sightings[ref.table][ref.slot].serial == serial
        else { return 0 }
        return sightings[ref.table][ref.slot].walk
    }

    // MARK: Confirmations

    /// Complete polls in a row, up to and including `poll`, in which this was overdue.
    package func confirmations(
        _ ref: OperationRef, serial: UInt32, of due: Due, in poll: UInt32
    ) -> Int {
        guard let known = confirmed[ref], known.serial == serial, known.poll == poll,
            known.due.isSameDeadline(as: due)
        else { return 0 }
        return known.count
    }

    /// Counts a complete poll in which the operation was overdue.
    package mutating func confirm(
        _ ref: OperationRef, serial: UInt32, _ due: Due, in poll: UInt32
    ) {
        let earlier = confirmations(ref, serial: serial, of: due, in: poll &- 1)
        confirmed[ref] = Confirmed(serial: serial, due: due, poll: poll, count: earlier + 1)
    }

    // MARK: Stalled clocks

    mutating func keep(_ stall: StallMemory, of ref: OperationRef) {
        stalls[ref] = stalls[ref].map(stall.kept(over:)) ?? stall
    }

    /// Lets go of what is remembered beside the last sightings.
    package mutating func forget(_ ref: OperationRef) {
        confirmed[ref] = nil
        stalls[ref] = nil
        absences[ref] = nil
        pauses[ref] = nil
        doubts[ref] = nil
        reported.remove(ref)
        reportedUnlisted.remove(ref)
    }

    /// After a reload rule numbers mean something else.
    package mutating func resetConfirmations() {
        confirmed = [:]
        stalls = [:]
    }

    /// After a gap nothing that was counted in a row counts.
    package mutating func resetStalls(where isAffected: (OperationRef) -> Bool) {
        for ref in Array(stalls.keys) where isAffected(ref) { stalls[ref]?.pause() }
    }
}

/// Observed time without a change of an operation's update time or progress.
package struct StallMemory: Sendable, Equatable {
    private var progressHash: UInt64
    private var metadataHash: UInt64
    /// nil while the clock is stopped.
    private var last: Observation?
    private var pauses: UInt32 = 0
    /// What the clock shows.
    package private(set) var stalledFor = Duration.zero
    /// Server time of the last change that was seen.
    package private(set) var changedAt: Timestamp

    /// When it was observed, by the service's time or by ours.
    private struct Observation: Sendable, Equatable {
        let at: Timestamp
        let isServerTime: Bool
    }

    /// The first observation, from which changes are counted.
    package init(_ snapshot: OperationSnapshot, at now: Timestamp, isServerTime: Bool) {
        progressHash = snapshot.progressHash
        metadataHash = snapshot.metadataHash
        last = Observation(at: now, isServerTime: isServerTime)
        changedAt = now
    }

    /// The first observation after a start, which goes on from what the journal keeps of the same
    /// state.
    init(
        _ snapshot: OperationSnapshot, resuming known: Stalled?, at now: Timestamp,
        isServerTime: Bool
    ) {
        self.init(snapshot, at: now, isServerTime: isServerTime)
        guard let known, known.fieldHash == snapshot.stallHash else { return }
        stalledFor = known.stalledFor
        changedAt = known.since
    }

    /// What has not changed, in one figure.
    var fieldHash: UInt64 { OperationSnapshot.stallHash(progressHash, metadataHash) }

    /// Whether the answer shows what the last one saw.
    func isUnchanged(in snapshot: OperationSnapshot) -> Bool {
        snapshot.progressHash == progressHash && snapshot.metadataHash == metadataHash
    }

    /// - Parameters:
    ///   - isServerTime: whether `now` is by the service's clock, and not by ours: between times of
    ///     two clocks nothing counts.
    ///   - gapMax: a longer time between two of them was not observed and does not count.
    package mutating func observe(
        _ snapshot: OperationSnapshot, at now: Timestamp, isServerTime: Bool, gapMax: Duration
    ) {
        // A change that was dated by a clock ahead of this one would outlast every warning.
        changedAt = min(changedAt, now)
        let isComparable = last?.isServerTime == isServerTime
        let step = isComparable ? last.map { now.duration(since: $0.at) } ?? .zero : .zero
        if !isUnchanged(in: snapshot) {
            reset(snapshot, at: now)
        } else if step > .zero, step <= gapMax {
            stalledFor += step
        }
        // After a small step back in time the same seconds must not count again.
        if step >= .zero || .zero - step > gapMax {
            last = Observation(at: now, isServerTime: isServerTime)
        }
    }

    /// Stops the clock: time that nobody watched does not count.
    package mutating func pause() {
        last = nil
        pauses &+= 1
    }

    /// This observation of a poll, on top of what is known when the poll completes.
    ///
    /// A pause that came in between, for a gap or a clock jump, takes back what it added.
    func kept(over known: StallMemory) -> StallMemory {
        guard pauses != known.pauses else { return self }
        var kept = self
        kept.stalledFor = min(stalledFor, known.stalledFor)
        kept.last = nil
        kept.pauses = known.pauses
        return kept
    }

    private mutating func reset(_ snapshot: OperationSnapshot, at now: Timestamp) {
        progressHash = snapshot.progressHash
        metadataHash = snapshot.metadataHash
        stalledFor = .zero
        changedAt = now
    }
}
