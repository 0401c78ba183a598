import OperationsClient
import OpwatchDaemon
import OpwatchEngine
import OpwatchProcess

extension World {
    /// The machine as it is, but for its time, which is that of the demo's clock; its services
    /// need no credentials.
    static func demo(_ clock: DemoClock, pools: HTTPPools) -> World {
        let jitter = OperationsClient.Dependencies.live.jitter
        let time = OperationsClient.Dependencies(
            now: { clock.instant }, sleep: { try await clock.sleep(for: $0) }, jitter: jitter)
        return World(
            now: { clock.now },
            instant: { clock.instant },
            sleep: { try await clock.sleep(until: $0) },
            jitter: Jitter(seed: .random(in: .min ... .max)),
            client: { service, _ in service.client(.none, pools, time) })
    }
}
