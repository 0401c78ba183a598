/// An answer and how it travels.
struct Delivery: Sendable, Equatable {
    var answer: SimulatedAnswer
    /// Real time before the first byte.
    var delay: Duration = .zero
    var transport = Transport.whole

    enum Transport: Sendable, Equatable {
        /// With `Content-Length`.
        case whole
        /// The same, and the connection ends behind it.
        case closing
        /// With `Transfer-Encoding: chunked`.
        case chunked
        case drip(bytes: Int, every: Duration)
        /// The connection ends after so many bytes of the body.
        case cut(after: Int)
        /// The connection ends at once.
        case dropped
    }
}
