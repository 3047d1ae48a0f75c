/// A type of an API file that is being drafted.
struct TypeDraft {
    let name: String
    let summary: String
    let key: [String]
    let entries: [YAMLDraft.Entry]
    /// For people: which requests it is made of.
    let paths: String
    /// What was guessed, in words.
    let guesses: [String]
    let attributeCount: Int
}
