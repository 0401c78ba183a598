/// Proposes the known word that a misspelt one was meant to be.
enum NearestWord {
    /// Nil where nothing known is near: at most one slip in three letters, or a beginning.
    static func of(_ word: String, in known: some Sequence<String>) -> String? {
        let letters = Array(word.lowercased().unicodeScalars)
        // No known word is longer; the distance takes time by the square of the length.
        guard !letters.isEmpty, letters.count <= 64 else { return nil }
        let slipsMax = max(1, letters.count / 3)
        var nearest: (word: String, slips: Int)?
        for candidate in known {
            let other = Array(candidate.lowercased().unicodeScalars.prefix(80))
            var slips = distance(letters, other)
            if letters.count >= 3, other.starts(with: letters) { slips = min(slips, slipsMax) }
            if slips <= slipsMax, slips < nearest?.slips ?? .max { nearest = (candidate, slips) }
        }
        return nearest?.word
    }

    /// The proposal as the end of a message, e.g. `; did you mean "rules"?`; nil as above.
    static func question(for word: String, in known: some Sequence<String>) -> String? {
        of(word, in: known).map { "; did you mean \"\($0)\"?" }
    }

    /// Letters put in, left out, replaced, or swapped with their neighbour.
    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var slips = min(
                    last[column] + (letter == other ? 0 : 1), last[column + 1] + 1,
                    current[column] + 1)
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    slips = min(slips, beforeLast[column - 1] + 1)
                }
                current.append(slips)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
