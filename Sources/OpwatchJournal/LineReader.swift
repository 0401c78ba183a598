internal import Glibc

/// Cuts a file into lines at byte 0x0A, holding a few of them at a time.
struct LineReader: ~Copyable {
    /// What was read; a line's range points in here until the next line is asked for.
    private(set) var bytes = [UInt8](unsafeUninitializedCapacity: bytesCount) { _, count in
        // Left as it is found: nothing is looked at but what was read, and most files are short.
        count = bytesCount
    }
    private static let bytesCount = 4 * LineFrame.bytesMax
    private let descriptor: OwnedDescriptor
    private let disk: Disk
    private let name: String
    /// Nothing at or behind this offset is read.
    private let limit: Int64
    private var start = 0
    private var filled = 0
    private var isAtEnd = false
    /// Inside a line that is too long to be one.
    private var isSkipping = false
    /// Set where the disk did not give the rest (EIO): it may be there yet.
    private(set) var failure: JournalError?
    /// Where in the file `bytes[start]` stands.
    private(set) var offset: Int64 = 0

    struct Line {
        /// Without the LF; empty for a part of a line that is too long to be one.
        let range: Range<Int>
        /// Where the line begins in the file.
        let offset: Int64
        /// False for the rest of a file behind its last LF.
        let isTerminated: Bool
    }

    init(
        _ descriptor: consuming OwnedDescriptor, of disk: Disk, name: String, limit: Int64 = .max
    ) {
        self.descriptor = descriptor
        self.disk = disk
        self.name = name
        self.limit = limit
    }

    /// The next line, nil at the end, and where the disk fails.
    ///
    /// A line that is too long to be one comes in parts: no call reads more than a few buffers.
    mutating func next() throws(JournalError) -> Line? {
        if isSkipping { return try skipOn() }
        var searched = 0
        while true {
            if let end = lineFeed(from: start + searched) {
                let line = Line(range: start..<end, offset: offset, isTerminated: true)
                advance(to: end + 1)
                return line
            }
            if isAtEnd { return unterminated() }
            searched = filled - start
            if searched > LineFrame.bytesMax { return try skipOn() }
            try fill()
        }
    }

    private mutating func unterminated() -> Line? {
        guard start < filled, failure == nil else { return nil }
        let line = Line(range: start..<filled, offset: offset, isTerminated: false)
        advance(to: filled)
        return line
    }

    /// Lets a part of a line go that no buffer needs to hold as a whole.
    private mutating func skipOn() throws(JournalError) -> Line? {
        if start == filled { try fill() }
        guard start < filled else { return nil }
        let begin = offset
        let end = lineFeed(from: start)
        isSkipping = end == nil
        advance(to: end.map { $0 + 1 } ?? filled)
        return Line(range: start..<start, offset: begin, isTerminated: end != nil)
    }

    private mutating func advance(to index: Int) {
        offset += Int64(index - start)
        start = index
    }

    private func lineFeed(from index: Int) -> Int? {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress,
                let found = memchr(base + index, Int32(UInt8(ascii: "\n")), filled - index)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    /// Moves what is left to the front and reads behind it.
    private mutating func fill() throws(JournalError) {
        let (begin, end) = (start, filled)
        let room = min(Int64(bytes.count - (end - begin)), limit - offset - Int64(end - begin))
        guard room > 0 else {
            isAtEnd = true
            return
        }
        let (disk, number) = (disk, descriptor.number)
        let count = bytes.withUnsafeMutableBytes { buffer in
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[begin..<end]))
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[(end - begin)...])
            let target = UnsafeMutableRawBufferPointer(rebasing: rest[..<Int(room)])
            return Disk.uninterrupted { disk.read(number, target) }
        }
        (start, filled) = (0, end - begin + max(count, 0))
        isAtEnd = count <= 0
        guard count < 0 else { return }
        let error = JournalError.io(call: "read", path: name, errno: Int32(-count))
        guard error.unreadable != nil else { throw error }
        failure = error
    }
}
