import SeededRandom

/// How operations come, live and end in a run when nobody interferes.
struct LifePlan: Sendable, Equatable {
    /// Operations of a parent at the start, at most.
    var initialMax = 8
    /// Operations of a parent that can be found at the same time, at most.
    var liveMax = 12
    /// Between two births in a parent, at most; nil: nothing is born later.
    var birthGapMax: Duration? = .seconds(1_800)
    /// How old those of the start are, at most.
    var ageMax: Duration = .seconds(86_400)
    /// Per mille that never end on their own.
    var immortalRate = 400
    var lifeMax: Duration = .seconds(4 * 3_600)
    /// How long one waits to be started, at most.
    var queueMax: Duration = .seconds(600)
    /// Per mille that are never started.
    var neverStartedRate = 50
    /// Per mille that tell their start time.
    var reportsStartRate = 900
    /// Per mille that tell an update time.
    var reportsUpdateRate = 700
    /// Between two changes of the update time, at most.
    var progressGapMax: Duration = .seconds(1_200)
    /// Per mille of the changes behind which none follows.
    var stallRate = 50
    /// How long an ended one can still be found, at most.
    var retentionMax: Duration = .seconds(3_600)
    /// Values of the label, each as likely as another; nil: no label.
    var teams: [String?] = ["slow", "keep", "other", nil]
    /// So many names per parent are used again and again; nil: names never repeat.
    var namePool: Int?
    /// Whether the flag of an asked cancel can be seen.
    var showsFlag = true

    /// Where there are many, most are nobody's business.
    private static let crowd: [String?] =
        ["slow", nil] + Array(repeating: "other", count: 7) + Array(repeating: "keep", count: 7)

    static func random(_ random: inout SplitMix) -> LifePlan {
        var plan = LifePlan()
        let isCrowded = random.once(in: 3)
        plan.liveMax = random.within(isCrowded ? 30...100 : 1...12)
        plan.initialMax = isCrowded ? plan.liveMax : random.below(plan.liveMax + 1)
        let gaps: [Duration?] = [
            nil, .seconds(120), .seconds(900), .seconds(3_600), .seconds(4 * 3_600),
        ]
        plan.birthGapMax = random.pick(gaps)
        plan.ageMax = random.pick([.seconds(60), .seconds(7_200), .seconds(30 * 86_400)])
        plan.immortalRate = random.pick([0, 200, 500, 900])
        plan.lifeMax = random.pick([.seconds(600), .seconds(7_200), .seconds(2 * 86_400)])
        plan.queueMax = random.pick([.seconds(1), .seconds(120), .seconds(3_600)])
        plan.neverStartedRate = random.pick([0, 0, 100, 500])
        plan.reportsStartRate = random.pick([0, 500, 1_000, 1_000])
        plan.reportsUpdateRate = random.pick([0, 500, 1_000, 1_000])
        plan.progressGapMax = random.pick([.seconds(60), .seconds(900), .seconds(7_200)])
        plan.stallRate = random.pick([0, 50, 300])
        plan.retentionMax = random.pick([.seconds(5), .seconds(600), .seconds(86_400)])
        let teams: [[String?]] = [
            ["slow"], ["slow", "other", nil], ["slow", "slow", "keep", "other", nil],
        ]
        plan.teams = isCrowded ? crowd : random.pick(teams)
        plan.namePool = random.pick([nil, plan.liveMax + 2, 20])
        plan.showsFlag = !random.once(in: 5)
        return plan
    }
}
