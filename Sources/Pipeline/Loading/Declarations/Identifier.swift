import PlumbModel

/// The rule of names: a letter or `_`, then letters, digits, `_` and `-`, as in Terraform.
enum Identifier {
    /// Words that begin a reference to something other than a resource.
    static let roots: Set<String> = [
        "var", "local", "data", "module", "each", "count", "self", "path", "stack", "env", "terraform",
    ]

    static func isValid(_ text: some StringProtocol) -> Bool {
        var isFirst = true
        for scalar in text.unicodeScalars {
            let isLetter =
                scalar.isASCII
                ? (scalar.value | 0x20) >= 0x61 && (scalar.value | 0x20) <= 0x7A
                : scalar.properties.isXIDStart
            let isFollower =
                scalar.isASCII
                ? (scalar.value >= 0x30 && scalar.value <= 0x39) || scalar == "-" : scalar.properties.isXIDContinue
            guard isLetter || scalar == "_" || (!isFirst && isFollower) else { return false }
            isFirst = false
        }
        return !isFirst
    }

    /// The rule as part of a sentence.
    static let rule = "must begin with a letter or \"_\" and may hold letters, digits, \"_\" and \"-\""

    static func check(_ name: String, _ what: String, at range: SourceRange) throws(Diagnostics) {
        guard !isValid(name) else { return }
        let article = what == "output" ? "an" : "a"
        throw Diagnostics(
            .error(
                "Invalid name",
                name.isEmpty
                    ? "The name of \(article) \(what) is empty here. Give it one; it \(rule)."
                    : "\"\(name)\" cannot name \(article) \(what): a name \(rule).\(suggestion(for: name))", at: range))
    }

    private static func suggestion(for name: String) -> String {
        var mended = String(
            String.UnicodeScalarView(name.unicodeScalars.map { isValid("a\($0)") ? $0 : "_" as Unicode.Scalar }))
        if !isValid(mended) { mended = "_" + mended }
        return name.contains("$") || name.count > 60 ? "" : " For example: \"\(mended)\"."
    }
}
