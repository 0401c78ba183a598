/// How much of a file may still be read before others must have their turn.
struct Slice {
    private var bytesLeft: Int64

    /// Some milliseconds of reading.
    static let bytesMax = 2 << 20

    init(bytes: Int = bytesMax) {
        bytesLeft = Int64(bytes)
    }

    var isSpent: Bool { bytesLeft <= 0 }

    mutating func spend(_ bytes: Int64) {
        bytesLeft -= bytes
    }
}
