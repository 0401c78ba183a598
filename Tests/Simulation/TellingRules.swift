import OpwatchCore

/// What people may be told: nothing before it is durable.
enum TellingRules {
    static func findings(
        kind: String?, operation: String, text: String, in world: JudgedWorld
    ) -> [Finding] {
        if kind == "cancelAsked" { return asked(operation, in: world) }
        guard let verdict = told(kind, text) else { return [] }
        let isDurable = world.places(ofName: operation).contains {
            world.names[$0].verdicts.contains(verdict)
        }
        if isDurable || world.wasDamaged { return [] }
        return [
            Finding(
                .toldBeforeDurable, "\(operation) was told as \(verdict.rawValue) with no record")
        ]
    }

    /// "Only when that returned 0 is it acknowledged, and only then acted upon."
    private static func asked(_ operation: String, in world: JudgedWorld) -> [Finding] {
        let isDurable = world.places(ofName: operation).contains {
            let intent = world.names[$0].lastPosted.flatMap { world.intents[$0] }
            return intent?.isAskedDurable ?? false
        }
        if isDurable { return [] }
        return [
            Finding(.toldBeforeDurable, "\(operation) was told as asked with no record of it")
        ]
    }

    /// The verdict that a message tells: by its kind, or for `cancelled` by the words of the
    /// README.
    private static func told(_ kind: String?, _ text: String) -> Verdict? {
        if let verdict = kind.flatMap(Verdict.init(rawValue:)) { return verdict }
        return text.hasPrefix("cancelled, proven") ? .cancelled : nil
    }
}
