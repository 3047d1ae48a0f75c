/// How much one expression may cost. What goes beyond is refused with an error, so that no spec can exhaust the
/// machine that evaluates it.
enum Bounds {
    /// How deep expressions, nodes and values may nest. Evaluation runs on threads with small stacks.
    static let depth = 100
    /// The text of one expression or template.
    static let expressionBytes = 4 << 20
    /// One string that an expression makes.
    static let stringBytes = 16 << 20
    /// All strings that one evaluation makes.
    static let totalBytes = 256 << 20
    /// All strings in the arguments of a function that makes one string of them: JSON of many that share their text.
    static let argumentBytes = 64 << 20
    /// The parts of lists and maps that functions make in one evaluation.
    static let parts = 50_000_000
    /// How many steps are told to an allowance at once.
    static let paidSteps = 4096
    /// The parts that one evaluation looks at, loops counted by their rounds.
    static let steps = 5_000_000
    /// The elements that `setproduct` and its like may make.
    static let elements = 1_000_000
    /// Terraform's own bound for `range`.
    static let rangeElements = 1024
    /// Each more doubles the time that `bcrypt` takes: at 10 a tenth of a second, at 16 some seconds.
    static let bcryptCost = 16
    /// The width and precision in `format`.
    static let formatWidth = 10_000

    static let tooDeep =
        "Expressions and values may nest \(depth) levels deep. Split this one up, for instance with locals."
    static let expressionTooLarge =
        "An expression may be \(expressionBytes >> 20) MiB long. Keep large texts in files and read them with file()."
}
