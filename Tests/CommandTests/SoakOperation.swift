import OperationsSimulator
import SeededRandom
import WireFormat

/// The services that are watched; each has a server of its own.
enum SoakService: String, CaseIterable {
    case alpha
    case beta
    /// Refuses cancels in ways that are remembered for its other operations, too.
    case odd

    var parents: [String] {
        switch self {
        case .alpha: ["projects/a0", "projects/a1", "projects/a2"]
        case .beta: ["projects/b0", "projects/b1"]
        case .odd: ["projects/denies", "projects/lacks"]
        }
    }
}

/// One operation of the soak.
struct SoakOperation {
    enum Kind: String {
        case deployment = "CREATE_VERSION"
        case deletion = "DELETE_VERSION"
        case training = "TRAIN"
        case report = "REPORT"
    }

    let script: ScriptedOperation
    let service: SoakService
    let kind: Kind
    /// By the service's clock.
    let created: Timestamp

    var name: String { script.name }
    var parent: String { script.parent }
    var isKept: Bool { script.life == .kept }
    var isFrozen: Bool { script.model == "frozen" }

    /// Whether it goes on whatever it is asked, so that a cancel ends as refused or defied.
    var isStubborn: Bool {
        switch script.life {
        case .ignoresCancel, .refusesUnimplemented, .refusesPrecondition, .deniedCancel: true
        case .normal, .slow, .queuedForEver, .stalled, .finishesAnyway, .failsOtherwise,
            .vanishes, .cancelledByOther, .kept:
            false
        }
    }
}

extension SoakOperation {
    /// An operation of any life, of a service where that harms nobody else.
    static func script(
        _ id: String, _ random: inout SplitMix
    ) -> (script: ScriptedOperation, service: SoakService, kind: Kind) {
        var script = ScriptedOperation(
            id, cancelTakes: .milliseconds(100 + random.below(3_000)),
            reportsProgress: random.once(in: 3))
        var service = random.pick([SoakService.alpha, .alpha, .beta])
        var kind = Kind.deployment
        script.life = life(&random)
        script.parent = random.pick(service.parents)
        switch script.life {
        case .deniedCancel: (service, script.parent) = (.odd, "projects/denies")
        case .refusesUnimplemented: (service, script.parent) = (.odd, "projects/lacks")
        case .queuedForEver: kind = .deletion
        case .stalled: kind = .training
        case .slow where random.once(in: 4): kind = .report
        case .slow where random.once(in: 3): script.model = "frozen"
        case .normal, .slow, .ignoresCancel, .refusesPrecondition, .finishesAnyway,
            .failsOtherwise, .vanishes, .cancelledByOther, .kept:
            break
        }
        script.type = kind.rawValue
        return (script, service, kind)
    }

    private static func life(_ random: inout SplitMix) -> Life {
        let seconds = Int64(1 + random.below(25))
        let quick: [Life] = [
            .normal(after: .seconds(seconds)), .normal(after: .seconds(seconds), outcome: .nothing),
            .normal(after: .seconds(seconds), outcome: .cancelled),
            .cancelledByOther(
                flagAfter: .seconds(seconds / 3), endsAfter: .seconds(seconds)),
        ]
        let endless: [Life] = [
            .slow, .slow, .slow, .slow, .slow, .queuedForEver, .finishesAnyway, .failsOtherwise,
            .vanishes, .stalled(after: .seconds(2 + seconds / 5)), .kept,
        ]
        let stubborn: [Life] = [
            .ignoresCancel(), .ignoresCancel(showsFlag: true), .refusesPrecondition,
            .refusesUnimplemented, .deniedCancel,
        ]
        return switch random.below(12) {
        case 0..<4: random.pick(quick)
        case 4..<10: random.pick(endless)
        default: random.pick(stubborn)
        }
    }
}
