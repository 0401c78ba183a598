extension UInt8 {
    /// An ASCII digit.
    var isDigit: Bool { self &- 0x30 <= 9 }
}
