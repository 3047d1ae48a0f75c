public import PlumbModel

/// Reads the YAML documents of a file into nodes with places.
///
/// What is read is YAML 1.2 with the core schema: `null`, `true`, `false`, decimal, `0o` octal and `0x` hexadecimal
/// integers, decimal fractions; `yes`, `no`, `on`, `off` and `12:30:45` are strings. `.inf` and `.nan` are refused,
/// because the language has no such numbers, and so are integers beyond 64 bits. The tags `!!str`, `!!int`, `!!float`,
/// `!!bool`, `!!null`, `!!map` and `!!seq` are honoured; any other is refused. Keys must be strings.
///
/// Anchors and aliases work within a document. What an alias stands for keeps the place where it was written.
///
/// Merge keys: an unquoted key `<<` takes the entries of the mapping that stands behind it, or of each mapping of the
/// list that stands behind it. Keys the mapping has itself win wherever they stand; among several mappings the earlier
/// wins; merged entries come after the mapping's own; one mapping has at most one `<<`. Nothing is merged deeply.
public enum YAMLReader {
    /// The bounds within which a file is read. They keep a hostile file from exhausting memory, stack or time.
    public enum Bound {
        /// Mappings and lists inside each other.
        public static let nesting = 200
        /// Nodes that a file gains because aliases repeat them.
        public static let aliasedNodes = 1_000_000
        /// Problems told of one file.
        public static let problems = 100
    }

    /// All documents of a file, in their order; an empty document is a null scalar.
    ///
    /// Throws every problem that is found. After a syntax error the rest of the file is not looked at.
    public static func read(_ file: SourceFile) throws(Diagnostics) -> [SpecificationNode] {
        var warnings = Diagnostics()
        return try read(file, warnings: &warnings)
    }

    /// As `read(_:)`; what is only suspicious goes to `warnings`.
    static func read(_ file: SourceFile, warnings: inout Diagnostics) throws(Diagnostics) -> [SpecificationNode] {
        let encoding = TextEncodingCheck(file)
        try encoding.throwIfNotText()
        // A plain file array outlives the call; the pointer does not leave it.
        let outcome = file.bytes.withUnsafeBufferPointer { bytes in
            var builder = YAMLTreeBuilder(file: file, bytes: bytes, start: encoding.start, isASCII: encoding.isASCII)
            let documents = builder.build()
            return (documents, builder.problems)
        }
        for problem in outcome.1.all where problem.severity == .warning { warnings.append(problem) }
        let errors = Diagnostics(outcome.1.all.filter { $0.severity == .error })
        try errors.throwIfErrors()
        return outcome.0
    }
}
