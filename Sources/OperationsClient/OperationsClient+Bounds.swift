import OpwatchCore

extension OperationsClient {
    /// Bounds of one request and its answer.
    package struct Bounds: Sendable {
        /// From handing the request over to the last byte of the body.
        package var requestTime = Limits.requestTimeout
        /// Bytes of a list page.
        package var pageBytesMax = 8 << 20
        /// Bytes of any other body.
        package var bodyBytesMax = 1 << 20

        package init() {}

        /// The longest that a list or get can take: every try, the one after a 401, every pause.
        /// Who waits for a token that another asks for may wait for one more.
        package var callTime: Duration {
            (requestTime + Limits.tokenTimeout * 2) * (Backoff.triesMax + 1)
                + Backoff.ceiling * (Backoff.triesMax - 1)
        }
    }
}
