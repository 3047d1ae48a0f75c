import PlumbModel

/// Makes one plain sentence of what a document says about something at length.
enum SentenceMaker {
    private static let longest = 140

    /// - Parameter choices: the only values there are; told unless the text names them.
    static func sentence(_ text: String, choices: [String] = []) -> String {
        guard !text.isEmpty || !choices.isEmpty else { return "" }
        // Whole manuals stand in some descriptions.
        let first = firstSentence(plain(String(text.prefix(longest * 4))))
        guard !choices.isEmpty, choices.count <= 12, !choices.allSatisfy(text.contains) else { return ended(first) }
        let list = choices.count == 1 ? "Only \(choices[0])." : "One of \(choices.joined(separator: ", "))."
        guard list.count <= longest else { return ended(first) }
        return first.isEmpty ? list : ended(first) + " " + list
    }

    private static func ended(_ text: String) -> String {
        guard let last = text.last else { return "" }
        return ".!?…".contains(last) ? text : text + "."
    }

    /// What a schema's sentence says, and which values there are.
    static func summary(_ shape: SchemaShape) -> String {
        let choices = shape.choices.compactMap(\.asText)
        return choices.isEmpty ? shape.summary : sentence(shape.summary, choices: choices)
    }

    /// Without Markdown and HTML, in one line of its first paragraph.
    private static func plain(_ text: String) -> String {
        var paragraph = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let line = line.drop { $0.isWhitespace || "#>*-".contains($0) }
            if line.allSatisfy(\.isWhitespace) {
                if paragraph.isEmpty { continue } else { break }
            }
            paragraph += (paragraph.isEmpty ? "" : " ") + line
        }
        return withoutLinks(withoutTags(paragraph)).filter { $0 != "`" && $0 != "*" }
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private static func withoutTags(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
            let inner = rest[rest.index(after: open)..<close]
            result += rest[..<open]
            // `a < b` is no tag.
            if inner.first?.isLetter != true && inner.first != "/" { result += rest[open...close] }
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    private static func withoutLinks(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "["), let middle = rest[open...].firstIndex(of: "]") {
            let after = rest.index(after: middle)
            result += rest[..<open]
            guard after < rest.endIndex, rest[after] == "(", let close = rest[after...].firstIndex(of: ")") else {
                result += rest[open...middle]
                rest = rest[after...]
                continue
            }
            result += rest[rest.index(after: open)..<middle]
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    private static func firstSentence(_ text: String) -> String {
        let words = text.split(separator: " ")
        var sentence = ""
        for word in words {
            guard sentence.count + word.count < longest else { return sentence + "…" }
            sentence += (sentence.isEmpty ? "" : " ") + word
            let bare = word.drop { "([\"'".contains($0) }.lowercased()
            let isAbbreviation = ["e.g.", "i.e.", "etc.", "vs.", "cf.", "approx.", "incl.", "resp."].contains(bare)
            if let last = word.last, ".!?".contains(last), !isAbbreviation, sentence.count > 3 { break }
        }
        return sentence.last == ":" ? String(sentence.dropLast()) : sentence
    }
}
