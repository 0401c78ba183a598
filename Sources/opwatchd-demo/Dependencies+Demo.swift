import OperationsClient
import OpwatchDaemon
import OpwatchProcess

extension Dependencies {
    /// The machine as it is, but for its time, which is that of the demo's clock; its services
    /// need no credentials.
    static func demo(_ clock: DemoClock, pools: HTTPPools) -> Dependencies {
        let jitter = OperationsClient.Dependencies.live.jitter
        let time = OperationsClient.Dependencies(
            now: { clock.instant }, sleep: { try await clock.sleep(for: $0) }, jitter: jitter)
        return Dependencies(
            now: { clock.now },
            instant: { clock.instant },
            sleep: { try await clock.sleep(until: $0) },
            jitter: jitter,
            makeClient: { service, _ in service.client(.none, pools, time) })
    }
}
