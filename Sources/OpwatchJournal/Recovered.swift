package import WireFormat

/// What a journal held when it was read.
package struct Recovered: Sendable, Equatable {
    /// The seq of the last good line, or that history ends with where no journal file can be used;
    /// 0 for a journal that does not exist yet.
    package var lastSeq: Int64 = 0
    /// The wall clock of the last good line.
    package var lastAt: Timestamp?
    /// How the newest file ends.
    package var tail = Tail.absent
    /// Who made the newest file or took it up since.
    package var holder: JournalError.Holder?
    /// Whether the last record is `close`.
    package var isClosed = false
    /// Names in the directory that are none of the journal's: the first of them, by name.
    package var ignored: [String] = []
    /// How many such names there are.
    package var ignoredCount = 0
    /// A file system that forgets at a reboot, e.g. `tmpfs`; nil for a real one.
    package var forgetfulFileSystem: String?

    /// The ways in which a journal can end.
    package enum Tail: Sendable, Equatable {
        /// There is no journal file.
        case absent
        case clean
        /// Lines that were never durable; nothing that was acknowledged is lost.
        case torn(BadLine)
        /// Something that was durable is gone: observe only until a human accepts it.
        case damaged(BadLine)
    }

    /// Whether anything durable was lost.
    package var isDamaged: Bool {
        if case .damaged = tail { true } else { false }
    }
}

/// What it means for a start that the disk does not give a part of a file.
package enum Unreadable: Sendable {
    /// It may be there yet: no state is made without it.
    case isFailure
    /// A human goes on without it.
    case isDamage
}

/// Where a file stops being good, and why.
package struct BadLine: Sendable, Equatable, CustomStringConvertible {
    /// The file's name in the directory.
    package let file: String
    /// Counts from 1; nil where the file does not show the line any more.
    package let line: Int?
    /// Bytes from the start of the file to the start of the line.
    package let offset: Int64
    /// What is wrong, for people.
    package let what: String

    /// Of a name that stands for something that is no regular file.
    static func notAFile(_ name: String) -> BadLine {
        BadLine(file: name, line: 1, offset: 0, what: "not a regular file")
    }

    /// Line, if it is known, and byte.
    var place: String { (line.map { "line \($0), " } ?? "") + "byte \(offset)" }

    /// File, line, byte and what is wrong.
    package var description: String { "\(file): \(place): \(what)" }
}
