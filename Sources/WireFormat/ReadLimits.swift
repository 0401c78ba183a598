/// What a reader accepts at most.
package struct ReadLimits: Sendable, Equatable {
    /// Objects and arrays inside one another, the outermost included.
    package var depthMax: Int
    /// Bytes of the whole input.
    package var bytesMax: Int

    /// Limits with the usual depth.
    package init(depthMax: Int = 64, bytesMax: Int) {
        self.depthMax = depthMax
        self.bytesMax = bytesMax
    }

    /// One page of a list answer: 8 MiB.
    package static let listPage = ReadLimits(bytesMax: 8 << 20)
    /// Any other answer or file: 1 MiB.
    package static let body = ReadLimits(bytesMax: 1 << 20)
    /// One line of the journal: 64 KiB.
    package static let line = ReadLimits(bytesMax: 64 << 10)

    /// A row keeps places as 32 bits; more than a limit could sensibly allow anyway.
    static let addressableMax = Int(UInt32.max)

    func check(_ range: Range<Int>) throws(WireError) {
        guard range.upperBound <= Self.addressableMax else {
            throw .tooLarge(offset: Self.addressableMax, limit: Self.addressableMax)
        }
        guard range.count <= bytesMax else {
            throw .tooLarge(offset: range.lowerBound + max(0, bytesMax), limit: bytesMax)
        }
    }
}
