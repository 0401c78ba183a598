import OpwatchCore
import OpwatchReports
import WireFormat

/// Reads answers of services, and what their `Date` says of their clocks.
final class AnswerReader {
    private let facts: Facts
    /// One row for all answers; its scratch space is reused.
    private var row = FieldRow()

    init(_ facts: Facts) {
        self.facts = facts
    }

    /// A page that was read to its end.
    struct Page {
        var sightings: [Sighting] = []
        let nextPageToken: String?
        /// The first places whose operations are missing.
        let unreachable: [String]
        let unreachableCount: Int
    }

    /// - Parameter readable: rules that have something to read in what was listed; grows.
    /// - Throws: what the page is not; nothing of it counts then.
    func page(
        _ answer: PageAnswer, of plan: ServicePlan, at now: Timestamp, readable: inout Set<Int>
    ) throws(WireError) -> Page {
        var reader = ListPageReader(answer.body, fields: plan.fields)
        var sightings: [Sighting] = []
        while try reader.next(into: &row) {
            sightings.append(plan.sighting(of: row, at: now))
            plan.noteReadable(in: row, &readable)
        }
        return Page(
            sightings: sightings, nextPageToken: reader.nextPageToken,
            unreachable: reader.unreachable.map { answer.context.redact($0) },
            unreachableCount: reader.unreachableCount)
    }

    /// Reads the answer of a GET; anything unreadable is no answer.
    func operation(
        _ answer: Result<OperationAnswer, CallFailure>, _ operation: OperationIdentity,
        _ service: LiveService
    ) -> Result<FreshAnswer, CallFailure> {
        do throws(CallFailure) {
            let answer = try answer.get()
            let now = time(of: answer.time, service)
            do throws(WireError) {
                try ObjectReader.read(
                    answer.body, fields: service.plan.fields, limits: .body, into: &row)
            } catch {
                throw CallFailure.malformed(
                    reason: answer.context.complaint(answer.body, error))
            }
            let sighting = service.plan.sighting(of: row, at: now)
            guard sighting.snapshot.name.utf8.elementsEqual(operation.name.utf8) else {
                throw CallFailure.malformed(reason: "the answer is about another operation")
            }
            return .success(
                FreshAnswer(sighting: sighting, now: now, sentAt: answer.time.sentAt))
        } catch {
            return .failure(error)
        }
    }

    /// The same, with what every rule makes of it; nil for what is no answer.
    func explained(
        _ answer: OperationAnswer, _ operation: OperationIdentity, _ service: LiveService
    ) -> (FreshAnswer, [RuleStanding])? {
        switch self.operation(.success(answer), operation, service) {
        case .failure: return nil
        case .success(let fresh):
            let ruling = fresh.sighting.ruling
            return (fresh, service.plan.standings(on: row, ruling, isExplained: true))
        }
    }

    // MARK: The service's clock

    /// When an answer was given: by its `Date`, or by our clock where that cannot be relied on.
    func time(of answer: AnswerTime, _ service: LiveService) -> Timestamp {
        guard service.rails.clock == .agrees, let date = answer.date else {
            return facts.now.wall
        }
        return date
    }

    /// Compares a `Date` with the local clock; tells of changes only.
    func noteClock(_ service: LiveService, _ time: AnswerTime) {
        let before = service.rails.note(time, at: facts.now)
        switch (before, service.rails.clock) {
        case (.unknown, .agrees), (.agrees, .agrees), (.missing, .missing), (.differs, .differs):
            break
        case (_, .agrees): facts.tell(.clockAgrees(service: service.name))
        case (_, .missing):
            facts.tell(
                .clockDisagrees(
                    service: service.name, reason: "its answers have no Date; local time is used"))
        case (_, .differs(let seconds)):
            let difference = DurationText.short(.seconds(seconds.magnitude))
            let side = seconds < 0 ? "behind" : "ahead of"
            facts.tell(
                .clockDisagrees(
                    service: service.name, reason: "its clock is \(difference) \(side) ours"))
        case (_, .unknown): break
        }
    }
}

/// One operation as a GET shows it.
struct FreshAnswer {
    let sighting: Sighting
    /// Server time of the answer, or local time where it has none.
    let now: Timestamp
    let sentAt: ContinuousClock.Instant
}
