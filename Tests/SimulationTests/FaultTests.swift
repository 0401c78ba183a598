import OpwatchCore
import SeededRandom
import Testing
import WireFormat

@testable import Simulation

/// Each kind alone, and often: what it does, and that nothing else happens.
@Suite("Faults do what their names say")
struct FaultTests {
    /// Lives that leave something to see: many, long ones, in several pages.
    private static let lives: LifePlan = {
        var plan = LifePlan()
        plan.initialMax = 12
        plan.immortalRate = 600
        plan.showsFlag = true
        return plan
    }()

    private func script(_ kind: FaultKind, perMille rate: Int, seed: UInt64 = 3) -> ServiceScript {
        var script = ServiceScript(
            seed: seed, plan: .only(kind, perMille: rate), lives: Self.lives)
        script.run(polls: 60)
        #expect(script.service.counts[kind] > 0, "\(kind)")
        #expect(script.service.counts.total == script.service.counts[kind], "\(kind)")
        return script
    }

    @Test("a fault that fails requests fails lists, gets and cancels")
    func failures() {
        let kinds: [(FaultKind, (CallFailure) -> Bool)] = [
            (.requestLost, { if case .malformed = $0 { false } else { $0.error == nil } }),
            (.replyLost, { !$0.isUnsent && $0.error == nil }),
            (.throttled, { if case .throttled = $0 { true } else { false } }),
            (.serverError, { if case .unavailable(_, _, .maybe) = $0 { true } else { false } }),
            (.foreignPage, { if case .foreign = $0 { true } else { false } }),
            (.wordless, { if case .wordless = $0 { true } else { false } }),
            (.unauthenticated, { if case .unauthenticated = $0 { true } else { false } }),
            (.denied, { if case .denied = $0 { true } else { false } }),
        ]
        for (kind, fits) in kinds {
            let scripts = (0..<4 as Range<UInt64>).map { requests(kind, seed: $0) }
            let failures = [
                scripts.flatMap(\.pages).compactMap(\.failure),
                scripts.flatMap(\.gets).compactMap(\.failure),
                scripts.flatMap(\.cancels).compactMap(\.failure),
            ]
            for group in failures { #expect(group.contains(where: fits), "\(kind)") }
            // A cancel of what ended, and a GET of what is gone, are no faults.
            let strange = failures[0].filter { !fits($0) }
            #expect(strange.isEmpty, "\(kind): \(strange)")
        }
    }

    /// Each kind of request once a minute, whatever becomes of it.
    private func requests(_ kind: FaultKind, seed: UInt64) -> ServiceScript {
        var script = ServiceScript(
            seed: seed, plan: .only(kind, perMille: 250), lives: Self.lives)
        for _ in 0..<120 {
            script.wait(.seconds(60))
            for parent in script.parents {
                _ = script.walk(parent)
                let found = script.truth.found(in: parent).map(\.truth.name)
                guard let name = found.randomElement(using: &script.random) else { continue }
                script.get(name)
                script.cancel(name)
            }
        }
        #expect(script.service.counts.total == script.service.counts[kind], "\(kind)")
        return script
    }

    @Test("a cancel whose request is lost does nothing, one whose reply is lost may do all")
    func effects() {
        let lost = cancels(.requestLost)
        for reply in lost where reply.failure != nil {
            #expect(!reply.fate.isEffective && !reply.fate.didArrive && reply.fate.number == nil)
        }
        #expect(lost.contains { $0.postAnswer == .notSent })
        #expect(lost.contains { $0.postAnswer == .lost })
        for kind in [FaultKind.replyLost, .truncated, .foreignPage] {
            let cancels = cancels(kind).filter { $0.failure != nil }
            #expect(cancels.contains { $0.fate.isEffective }, "\(kind)")
            #expect(cancels.allSatisfy { $0.postAnswer == .lost }, "\(kind)")
            #expect(cancels.allSatisfy { $0.fate.didArrive || kind == .foreignPage }, "\(kind)")
        }
        let errors = cancels(.serverError).filter { $0.failure != nil }
        #expect(errors.contains { $0.postAnswer == .error("INTERNAL") })
        #expect(errors.contains { $0.postAnswer == .error("UNAVAILABLE") })
        #expect(errors.contains { $0.fate.isEffective })
        #expect(errors.contains { !$0.fate.isEffective })
    }

    /// The answers to one cancel of each live operation.
    private func cancels(_ kind: FaultKind) -> [Reply<CancelOutcome>] {
        (0..<8 as Range<UInt64>).flatMap { seed in
            var script = ServiceScript(
                seed: seed, plan: .only(kind, perMille: 700), lives: Self.lives)
            script.wait(.zero)
            for operation in script.parents.flatMap(script.truth.found) {
                script.cancel(operation.truth.name)
                script.wait(.seconds(60))
            }
            return script.cancels.filter { $0.fate.status != .failedPrecondition }
        }
    }

    @Test("late replies take up to 90 seconds")
    func late() {
        let delays = script(.lateReply, perMille: 300).pages.map(\.delay)
        #expect(delays.contains { $0 > .seconds(30) })
        #expect(delays.allSatisfy { $0 <= .seconds(90) && $0 >= .milliseconds(1) })
        #expect(delays.contains { $0 < .seconds(1) })
    }

    @Test("throttling lasts for minutes, with and without Retry-After")
    func throttling() {
        var waits: Set<Duration?> = []
        for seed in 0..<10 as Range<UInt64> {
            let script = script(.throttled, perMille: 300, seed: seed)
            waits.formUnion(script.pages.compactMap { $0.failure?.error }.map(\.retryAfter))
        }
        #expect(waits.contains(nil) && waits.count > 2)
    }

    @Test("dates are missing, or off by at least an hour in both directions")
    func dates() {
        let missing = script(.dateMissing, perMille: 300).pages
        #expect(missing.contains { $0.date == nil } && missing.contains { $0.date != nil })
        var offsets: [Duration] = []
        for seed in 0..<12 as Range<UInt64> {
            var script = ServiceScript(
                seed: seed, plan: .only(.dateLies, perMille: 400), lives: Self.lives)
            for _ in 0..<200 {
                script.wait(.seconds(60))
                let date = script.walk(script.parents[0])?.first?.date ?? script.now
                offsets.append(date.duration(since: script.now))
            }
        }
        let lies = offsets.filter { $0 < .seconds(-2) || $0 > .seconds(2) }
        #expect(lies.allSatisfy { $0 < .seconds(-3_590) || $0 > .seconds(3_590) })
        #expect(lies.contains { $0 < .zero } && lies.contains { $0 > .seconds(86_400 * 300) })
        #expect(lies.count < offsets.count)
    }

    @Test("rows of lists leave out or change what they are said to, and GETs do not")
    func rows() {
        let kinds: [(FaultKind, (Shown, Shown) -> Bool)] = [
            (.creationMissing, { row, _ in row.created == nil }),
            (
                .creationShifted,
                { row, truth in
                    guard let shown = row.created, let created = truth.created else { return false }
                    let offset = shown.duration(since: created)
                    return [1, 3_600, 7 * 3_600].contains(abs(offset.components.seconds))
                }
            ),
            (.startMissing, { row, truth in row.started == nil && truth.started != nil }),
            (.labelMissing, { row, truth in row.team == nil && truth.team != nil }),
        ]
        for (kind, isAltered) in kinds {
            var script = ServiceScript(
                seed: 8, plan: .only(kind, perMille: 400), lives: Self.lives)
            script.wait(.zero)
            var altered = 0
            for parent in script.parents {
                for row in (script.walk(parent) ?? []).flatMap({ $0.page?.shown ?? [] }) {
                    let outcome = try? script.get(row.name).result.get()
                    guard let truth = outcome?.shown else { continue }
                    if row != truth { altered += 1 }
                    #expect(row == truth || isAltered(row, truth), "\(kind)")
                }
            }
            #expect(altered > 0 && altered == script.service.counts[kind], "\(kind)")
        }
    }
}
