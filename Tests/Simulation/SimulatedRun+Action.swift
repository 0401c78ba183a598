extension SimulatedRun {
    /// What happens at a time of a run.
    enum Action: Sendable {
        case deliver(SimulatedNetwork.Delivery, life: Int)
        case post(SimulatedNetwork.Post, life: Int)
        case happen(RunPlan.What)
        case start
        case diskWorks
        case heal
        /// Ends the run if nothing waits any more.
        case lookForEnd
    }
}
