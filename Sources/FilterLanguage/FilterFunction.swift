/// A function that expressions may call, `name(FIELD, "TEXT")` or `FIELD.name("TEXT")`.
///
/// It asks a question about a text field; on any other field, and on a missing one, the call is
/// false. What a service of one's own adds to the language is added here.
package struct FilterFunction: Sendable, Equatable {
    /// As it is written in an expression; unique among the functions of one language.
    package let name: String
    /// How many texts it takes behind the field.
    package let textCount: Int
    let test: @Sendable (_ field: ArraySlice<UInt8>, _ texts: [[UInt8]]) -> Bool

    /// A function of a field and some texts.
    /// - Parameters:
    ///   - name: letters, digits and `_`, a letter first; dots may join several such words.
    ///   - textCount: how many texts follow the field.
    ///   - test: gets the field's text and the texts of the call as UTF-8, quotes and escapes
    ///     resolved. Runs for each operation, so it should be quick and must not trap.
    package init(
        name: String, textCount: Int,
        test: @escaping @Sendable (_ field: ArraySlice<UInt8>, _ texts: [[UInt8]]) -> Bool
    ) {
        self.name = name
        self.textCount = textCount
        self.test = test
    }

    /// Functions are known by their names.
    package static func == (left: FilterFunction, right: FilterFunction) -> Bool {
        left.name == right.name
    }

    /// What every expression of the program may call.
    package static let standard = [startsWith, endsWith]

    /// Whether the field's text begins with the given one.
    package static let startsWith = FilterFunction(name: "startsWith", textCount: 1) {
        (field, texts) in field.starts(with: texts[0])
    }

    /// Whether the field's text ends with the given one.
    package static let endsWith = FilterFunction(name: "endsWith", textCount: 1) {
        (field, texts) in field.suffix(texts[0].count).elementsEqual(texts[0])
    }
}
