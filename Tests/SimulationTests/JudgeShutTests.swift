import OpwatchCore
import Testing
import WireFormat

@testable import Simulation

/// What shuts a whole service or all of them: its breaker, a journal that cannot be written.
@Suite struct JudgeShutTests {
    @Test(
        "a breaker that opened by the share closes after three polls, the other after an hour",
        arguments: [
            Trial("two polls", .breakerClosed) {
                $0.growOpen(.share)
                $0.poll(until: 840)
                $0.close()
            },
            Trial("three polls") {
                $0.growOpen(.share)
                $0.poll(until: 900)
                $0.close()
            },
            Trial("one of three while the clocks disagree", .breakerClosed) {
                $0.growOpen(.share)
                $0.poll(until: 840)
                $0.wait(60)
                $0.poll(dateOff: 3_600)
                $0.close()
            },
            Trial("three polls, two of them before a start", .breakerClosed) {
                $0.growOpen(.share)
                $0.poll(until: 840)
                $0.see(.daemonKilled)
                $0.start()
                $0.poll(until: 900)
                $0.close()
            },
            Trial("less than an hour", .breakerClosed) {
                $0.growOpen(.failedCancels)
                $0.wait(3_599)
                $0.close()
            },
            Trial("an hour") {
                $0.growOpen(.failedCancels)
                $0.wait(3_600)
                $0.close()
            },
            Trial("an hour, a start between", .breakerClosed) {
                $0.growOpen(.failedCancels)
                $0.wait(60)
                $0.start()
                $0.wait(3_540)
                $0.close()
            },
        ])
    func closing(_ trial: Trial) { trial.check() }

    @Test(
        "nothing is posted while too much is overdue",
        arguments: [
            Trial("three of three", .shareOver) {
                $0.grow(3) { $0.maxOverdueSharePercent = 50 }
                $0.cancel(1, 1)
            },
            Trial("no more than a poll may cancel") {
                $0.grow(2) { $0.maxOverdueSharePercent = 50 }
                $0.cancel(1, 1)
            },
            Trial("three of six") {
                $0.grow(3) { $0.maxOverdueSharePercent = 50 }
                for number in 4...6 { $0.bear(number) }
                $0.wait(60)
                $0.poll()
                $0.cancel(1, 1)
            },
        ])
    func share(_ trial: Trial) { trial.check() }

    @Test(
        "no permit leaves while records cannot be written",
        arguments: [
            Trial("one cannot", .journalDown) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.see(.held)
                $0.permit(1, 1)
            },
            Trial("one could not, and is written") {
                $0.grow()
                $0.see(.held)
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.permit(1, 1)
            },
        ])
    func journal(_ trial: Trial) { trial.check() }
}

extension Script {
    /// One overdue operation, and a breaker that opens at 720 s.
    fileprivate mutating func growOpen(_ cause: BreakerCause.Kind) {
        grow()
        write(.breaker(service: "s", opened: BreakerCause(cause, words: ""), at: now))
    }

    fileprivate mutating func close() {
        write(.breaker(service: "s", opened: nil, at: now))
    }
}
