/// What `verify` found, oldest file first.
package struct JournalReport: Sendable, Equatable {
    /// Every journal file.
    package var files: [File] = []
    /// Names in the directory that are none of the journal's.
    package var ignored: [String] = []

    /// What one file holds.
    package struct File: Sendable, Equatable {
        /// In the directory.
        package let name: String
        /// Good lines, header and checkpoint included.
        package let lines: Int
        /// By its name.
        package let firstSeq: Int64
        /// The last seq that counts; one less than the first where none does.
        package let lastSeq: Int64
        /// Bytes that count.
        package let bytes: Int64
        /// Whether all of it is good.
        package let state: State
    }

    /// What became of a file.
    package enum State: Sendable, Equatable {
        case whole
        /// The newest file ends with lines that were never durable.
        case torn(BadLine)
        /// Something durable is gone.
        case damaged(BadLine)
        /// A later file goes on from an earlier one; this one does not count.
        case superseded
    }

    /// The first damage, by age of the file.
    package var damage: BadLine? {
        for file in files {
            if case .damaged(let bad) = file.state { return bad }
        }
        return nil
    }

    /// By sysexits: 65 when something durable is gone, else 0.
    package var exitCode: Int32 { damage == nil ? 0 : 65 }
}

extension JournalReport.File: CustomStringConvertible {
    /// One line of `journal verify`.
    package var description: String {
        switch state {
        case .whole: "\(name): \(lines) lines, seq \(firstSeq) to \(lastSeq)"
        case .torn(let bad):
            "\(name): \(lines) lines, seq \(firstSeq) to \(lastSeq); torn at line \(bad.line), "
                + "byte \(bad.offset): \(bad.what); nothing acknowledged is lost"
        case .damaged(let bad):
            "\(name): damaged at line \(bad.line), byte \(bad.offset): \(bad.what)"
        case .superseded: "\(name): not part of the journal, a later file goes on without it"
        }
    }
}
