import OpwatchCore
import OpwatchEngine

/// The daemon's one loop: waits for events, and alone owns what they change.
///
/// Everything that waits on the outside is a child task that does one request and leaves its answer
/// in the mailbox.
final class Watcher {
    private let loop: DaemonLoop
    private let sender: Sender
    private let mailbox: Mailbox<LoopEvent>

    init(_ loop: DaemonLoop, _ mailbox: Mailbox<LoopEvent>) {
        self.loop = loop
        self.mailbox = mailbox
        sender = Sender(in: loop.world, to: mailbox)
        // A large state takes a second to write: the watchdog hears that the loop goes on
        // meanwhile. A shutdown that comes now may as well have come before.
        loop.keeper.pulse = { [unowned loop] in
            loop.keepAlive()
            return !mailbox.contains { $0.isShutdown }
        }
    }

    /// Watches until a shutdown event; then finishes what is in hand and closes the journal.
    ///
    /// A cancelled task ends at once: what is in hand then is fetched after the next start.
    func run() async {
        let (world, sender) = (loop.world, sender)
        await withDiscardingTaskGroup { group in
            loop.start { sender.perform($0, in: &group) }
            var events: [LoopEvent] = []
            while true {
                loop.step(events) { sender.perform($0, in: &group) }
                if Task.isCancelled || loop.isFinished { break }
                let wake = loop.nextWake(after: world.instant())
                events = await mailbox.take(until: wake, sleep: world.sleep)
            }
            group.cancelAll()
        }
        loop.close()
    }
}
