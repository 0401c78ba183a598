import ArgumentParser
import WireFormat

/// How the demo tells its daemon what time it is: `WALL,BOOT_NANOSECONDS,SPEED`.
struct DemoClockOption: ExpressibleByArgument {
    let origin: LiveClock.Origin

    init(_ origin: LiveClock.Origin) {
        self.origin = origin
    }

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 3, let wall = Timestamp(rfc3339: parts[0]),
            let boot = Int64(parts[1]), let speed = Double(parts[2]),
            DemoCommand.speeds.contains(speed)
        else { return nil }
        origin = LiveClock.Origin(wall: wall, bootNanoseconds: boot, speed: speed)
    }

    /// The text that `init(argument:)` reads.
    var argument: String { "\(origin.wall),\(origin.bootNanoseconds),\(origin.speed)" }
}
