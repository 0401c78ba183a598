extension Rule {
    /// What no source may say, outside of comments and strings.
    static let banned: [Rule] = [
        .ban(
            ["Task.sleep", CodeText("sleep(", isFree: true), "usleep(", "nanosleep("],
            "waiting goes through World.sleep, so that a test decides how long it takes",
            exceptions: [
                "Sources/OperationsClient/LiveDependencies.swift",
                "Sources/OpwatchProcess/LiveWorld.swift", "Sources/opwatchd-demo/DemoClock.swift",
                "Sources/opwatchd-demo/DemoWatch.swift",
            ],
            broken: ["try await Task.sleep(for: .seconds(1))", "sleep(1)", "usleep(100)"],
            kept: [
                "try await dependencies.sleep(a)", "try await sleep(a)", "// Task.sleep waits",
                "\"Task.sleep\"",
            ]),
        .ban(
            ["ContinuousClock.now", "ContinuousClock()", "SuspendingClock"],
            "time goes through World.now and .instant",
            exceptions: [
                "Sources/OperationsClient/LiveDependencies.swift",
                "Sources/OperationsSimulator/SimulatorClock.swift",
                "Sources/OpwatchProcess/LiveWorld.swift", "Sources/opwatchd-demo/DemoClock.swift",
                "Sources/opwatchd-demo/OpwatchdDemo.swift", "Sources/opwatchd-demo/DemoWatch.swift",
            ],
            broken: ["let a = ContinuousClock.now", "let c = ContinuousClock()"],
            kept: ["let a: ContinuousClock.Instant", "x.ContinuousClock.nowhere"]),
        .ban(
            ["clock_gettime(", "gettimeofday(", "time(nil)", "time(&"],
            "the kernel's clocks are read by the live world; what decides gets time as an argument",
            exceptions: [
                "Sources/OpwatchProcess/LiveWorld.swift", "Sources/opwatchd-demo/DemoClock.swift",
                // The manager orders reloads by CLOCK_MONOTONIC.
                "Sources/OpwatchSystemd/ServiceManager.swift",
                // The log writer's thread, which nothing decided depends on.
                "Sources/OpwatchSystemd/LogQueue.swift", "Sources/OpwatchSystemd/LogWriter.swift",
            ],
            broken: ["clock_gettime(CLOCK_REALTIME, &time)", "let now = time(nil)"],
            kept: ["row.time(1)", "time(.created)", "clockTime(nil)"]),
        .ban(
            ["Task.detached", "Task {", "Task(", CodeText("Task<", isFree: true)],
            "tasks live in groups: no task without a parent that waits for it",
            broken: [
                "Task { await work() }", "Task.detached { }", "let t = Task(priority: nil) {",
            ],
            kept: ["group.addTask { await work() }", "myTask(1)", "withTaskGroup(of: Int.self) {"]
        ),
        .ban(
            [CodeText("Dispatch", isPrefix: true)],
            "no Dispatch: a task group, or the log writer's one thread",
            broken: ["import Dispatch", "DispatchQueue.main.async { }"],
            kept: ["let isDispatched = true", "// Dispatch"]),
        .ban(
            ["try!", "as!", "try?"],
            "errors are handled or thrown: do and catch, or a conditional cast",
            broken: ["let a = try! f()", "let a = x as! Int", "let a = try? f()"],
            kept: ["let a = try f()", "let a = x as? Int", "canTry != nil"]),
        .ban(
            ["public", "open class"],
            "nothing is public: package between targets",
            broken: ["public struct A {}", "    public let b: Int"],
            kept: ["package struct A {}", "let publication = 1"]),
        .ban(
            [CodeText("print(", isFree: true), "debugPrint(", CodeText("dump(", isFree: true)],
            "commands write through Output, the daemon through its reports",
            broken: ["print(1)", "        debugPrint(x)"],
            kept: ["report.print()", "func print() {", "fingerprint(x)"]),
        .ban(
            ["import Foundation", "import FoundationEssentials", "import FoundationNetworking"],
            "no Foundation in the daemon: it would triple the binary; Glibc and WireFormat do it",
            broken: ["import Foundation", "package import FoundationEssentials"],
            kept: ["import Glibc", "// import Foundation"]),
        .ban(
            ["nonisolated(unsafe)", "@preconcurrency", "unsafeBitCast"],
            "the compiler's checks of concurrency and types stay on: a Mutex, or one owner",
            broken: ["nonisolated(unsafe) var a = 1", "@preconcurrency import X"],
            kept: ["nonisolated func a() {}"]),
        .ban(
            ["CancelPermit("],
            "only the gate issues a permit",
            exceptions: ["Sources/OpwatchCore/Gate.swift"],
            broken: ["let permit = CancelPermit(operation: x)"],
            kept: ["func cancel(_ permit: consuming CancelPermit) {}"]),
        .ban(
            ["RecordedIntent("],
            "only the journal says that an intent is recorded",
            exceptions: ["Sources/OpwatchJournal/Journal.swift"],
            broken: ["let recorded = RecordedIntent(durable: intent)"],
            kept: ["func permit(_ intent: consuming RecordedIntent) {}"]),
    ]
}
