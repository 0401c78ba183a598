import SeededRandom

extension SplitMix {
    mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.count)
    }

    /// True so many times in a thousand on average.
    mutating func perMille(_ rate: Int) -> Bool {
        // Most draws of a run are these: no need for the last bit of evenness.
        rate > 0 && next() % 1_000 < UInt64(rate)
    }

    mutating func seconds(_ range: ClosedRange<Int>) -> Duration {
        .seconds(within(range))
    }

    mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration {
        .milliseconds(within(range))
    }

    /// More than nothing and at most so much, in whole milliseconds.
    mutating func duration(upTo longest: Duration) -> Duration {
        let parts = longest.components
        let most = Int(parts.seconds) * 1_000 + Int(parts.attoseconds / 1_000_000_000_000_000)
        return .milliseconds(within(1...max(1, most)))
    }

    mutating func shuffle(_ values: inout [Int]) {
        for index in values.indices.dropFirst().reversed() {
            values.swapAt(index, below(index + 1))
        }
    }
}
