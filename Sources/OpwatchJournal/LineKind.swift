/// The kinds of lines that are no records.
enum LineKind: String {
    case header, history, ready
}
