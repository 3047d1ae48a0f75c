import PlumbModel
import YAMLEvents

/// Turns libyaml's terse words and marks into a problem that tells what to do.
struct YAMLFailureExplainer {
    let file: SourceFile
    let failure: YAMLEventParser.Failure
    let lastScalar: YAMLTreeBuilder.LastScalar?

    private var offset: Int { failure.problemOffset }
    private var byte: UInt8? { offset < file.bytes.count ? file.bytes[offset] : nil }
    private var isFlow: Bool { failure.context.contains("flow") }

    func diagnostic() -> Diagnostic {
        if let lastScalar, lastScalar.end <= offset, lastScalar.end + 80 > offset,
            let problem = ExpressionQuoting.endedByItsQuotes(lastScalar, in: file)
        {
            return problem
        }
        if let problem = ExpressionQuoting.broken(in: file, at: offset, isFlow: isFlow) { return problem }
        return tab() ?? structure() ?? token() ?? quoting() ?? other()
    }

    private func at(_ offset: Int, length: Int = 1) -> SourceRange {
        SourceRange(file: file, start: min(offset, file.bytes.count), end: min(offset + length, file.bytes.count))
    }

    /// The rest of the line from a place.
    private func line(from offset: Int) -> SourceRange {
        SourceRange(file: file, start: min(offset, file.bytes.count), end: file.bytes.count).firstLine
    }

    private func position(_ offset: Int) -> SourcePosition { file.position(at: offset) }

    // MARK: Tabs

    private func tab() -> Diagnostic? {
        let candidates = [offset, offset - 1].filter { $0 >= 0 && $0 < file.bytes.count }
        let isTold = failure.problem.contains("tab character")
        guard isTold || byte == 0x09 || isIndentedByTab else { return nil }
        let place = isIndentedByTab ? lineStart : candidates.first { file.bytes[$0] == 0x09 } ?? offset
        return .error(
            "Tab in indentation",
            "YAML is indented with spaces only; here stands a tab. Replace it with spaces (most editors have a command "
                + "\"convert indentation to spaces\").", at: at(place))
    }

    private var lineStart: Int { file.offset(ofLine: position(offset).line - 1) }

    private var isIndentedByTab: Bool {
        var index = lineStart
        while index < offset, file.bytes[index] == 0x20 { index += 1 }
        return index < offset && file.bytes[index] == 0x09 && file.bytes[lineStart..<offset].allSatisfy { $0 <= 0x20 }
    }

    // MARK: Mappings, lists, brackets

    private func structure() -> Diagnostic? {
        switch failure.problem {
        case "did not find expected key": blockMapping()
        case "did not find expected '-' indicator": blockSequence()
        case "did not find expected ',' or ']'": flow("list", closing: "]")
        case "did not find expected ',' or '}'": flow("mapping", closing: "}")
        case "mapping values are not allowed in this context": colon()
        case "could not find expected ':'": loneLine()
        case "block sequence entries are not allowed in this context":
            .error(
                "List item does not fit here",
                "A list item (\"- \") cannot stand here: it must begin on a line of its own, indented like the other "
                    + "items of its list. A value that begins with \"- \" must be quoted.", at: line(from: offset))
        case "mapping keys are not allowed in this context":
            .error(
                "Key does not fit here",
                "A key cannot begin here. \"? \" begins a key in YAML; if it is text, put the value in quotes.",
                at: line(from: offset))
        case "did not find expected <document start>":
            .error(
                "Content after the end of a document",
                "The document has ended before this line, because the line does not fit the value before it. Check the "
                    + "indentation, or begin a new document with a line \"---\".", at: line(from: offset))
        case "did not find expected node content": missingValue()
        default: nil
        }
    }

    private func blockMapping() -> Diagnostic {
        if let lastScalar, lastScalar.style == .doubleQuoted || lastScalar.style == .singleQuoted,
            position(lastScalar.end).line == position(offset).line
        {
            return .error(
                "Text after a quoted string",
                "The quoted string has ended, and more text follows on its line. Put the whole value in quotes, or, if "
                    + "the quotes are part of the text, wrap the value in the other kind of quotes.",
                at: line(from: offset))
        }
        guard let begin = failure.contextOffset else { return indentation("a key", begin: offset) }
        if byte == UInt8(ascii: ":") {
            return .error(
                "Key is missing", "Nothing stands before this colon. Write the key, or remove the line.", at: at(offset)
            )
        }
        if byte == UInt8(ascii: "-") {
            return .error(
                "List item among keys",
                "Here stands a list item (\"- \") among the keys of the mapping that begins in line "
                    + "\(position(begin).line). If it belongs to a list above, give it the same indentation as that "
                    + "list's other items; if not, indent it below a key or make it a key.",
                at: line(from: offset))
        }
        return indentation("a key", begin: begin)
    }

    private func blockSequence() -> Diagnostic {
        guard let begin = failure.contextOffset else { return indentation("a list item", begin: offset) }
        if position(begin).column == position(offset).column {
            return .error(
                "Key among list items",
                "Lines of the list that begins in line \(position(begin).line) must begin with \"- \". Put \"- \" before "
                    + "this line, or indent it differently if it does not belong to the list.", at: line(from: offset))
        }
        return indentation("a list item", begin: begin)
    }

    private func indentation(_ what: String, begin: Int) -> Diagnostic {
        let here = position(offset)
        let start = position(begin)
        if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: ",") {
            return .error(
                "Bracket does not fit here",
                "Nothing is open that this character could close or separate. Remove it, or put the value in quotes if "
                    + "it is text.", at: at(offset))
        }
        if here.column == start.column {
            return .error(
                "Line does not fit here",
                "This line has the indentation of \(what), but is none that could stand here. Check this line and the one "
                    + "before it for a missing colon, quote or bracket.", at: line(from: offset))
        }
        let owner = what == "a key" ? "keys of the mapping" : "items of the list"
        return .error(
            "Indentation does not fit",
            "This line is indented by \(here.column - 1) \(here.column == 2 ? "space" : "spaces"); the \(owner) that "
                + "begins in line \(start.line) are indented by \(start.column - 1). Give it the indentation of the "
                + "lines it belongs to.", at: line(from: offset))
    }

    private func flow(_ what: String, closing: String) -> Diagnostic {
        let begin = failure.contextOffset ?? offset
        guard byte != nil, !isAtStreamEnd else {
            return .error(
                "Bracket is not closed",
                "The \(what) that begins here is never closed. Add the missing \"\(closing)\".",
                at: at(begin))
        }
        if position(begin).line < position(offset).line {
            return .error(
                "Bracket is not closed",
                "The \(what) that begins here is not closed before line \(position(offset).line), where neither a comma nor "
                    + "\"\(closing)\" comes next. Add the missing \"\(closing)\" or the missing comma.", at: at(begin),
                notes: [Diagnostic.Note("Here the \(what) cannot go on", at: line(from: offset))])
        }
        return .error(
            "Comma or bracket is missing",
            "Within a \(what) in brackets, a comma or the closing \"\(closing)\" must come next. If this is text with "
                + "brackets, braces or quotes in it, put the whole value in quotes.", at: line(from: offset))
    }

    private var isAtStreamEnd: Bool { file.bytes[min(offset, file.bytes.count)...].allSatisfy { $0 <= 0x20 } }

    private func colon() -> Diagnostic {
        let start = lineStart
        let before = String(decoding: file.bytes[start..<min(offset, file.bytes.count)], as: UTF8.self)
        let text = before.drop { $0 == " " }
        if text.contains(": ") {
            return .error(
                "Colon in an unquoted value",
                "The value has \": \" in it, which separates a key from its value in YAML. Put the whole value in quotes, "
                    + "or put the second key on a line of its own.", at: at(offset))
        }
        return .error(
            "Indentation does not fit",
            "This line is indented like a continuation of the value in the line before it, but holds a key. Indent the "
                + "key like the keys it belongs to; if it belongs below the line before, that line must end with \":\".",
            at: line(from: start + before.utf8.count - text.utf8.count))
    }

    private func loneLine() -> Diagnostic {
        let begin = failure.contextOffset ?? offset
        return .error(
            "Line without a key",
            "This line is neither \"key: value\" nor a list item. Is a colon missing, or the space after the colon? Text "
                + "of several lines needs \"|\" after its key and deeper indentation.", at: line(from: begin))
    }

    private func missingValue() -> Diagnostic {
        if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
            return .error(
                "Value is missing", "A value must stand before this character. Write it, or remove the character.",
                at: at(offset))
        }
        return .error(
            "Value is missing",
            "A value must stand here. If this is text that begins with a special character, put it in quotes.",
            at: line(from: offset))
    }

    // MARK: Single characters

    private func token() -> Diagnostic? {
        guard failure.problem == "found character that cannot start any token", let byte else { return nil }
        if byte == UInt8(ascii: "%") {
            return .error(
                "Value must be quoted",
                "An unquoted value cannot begin with \"%\". Put the whole value in quotes; that is also how a template "
                    + "such as \"%{ if var.a }...%{ endif }\" is written.", at: line(from: offset))
        }
        return .error(
            "Value must be quoted",
            "An unquoted value cannot begin with \"\(Character(Unicode.Scalar(byte)))\". Put the whole value in quotes.",
            at: line(from: offset))
    }

    private func quoting() -> Diagnostic? {
        let begin = failure.contextOffset ?? offset
        switch failure.problem {
        case "found unexpected end of stream" where failure.context.contains("quoted scalar"),
            "found unexpected document indicator":
            return .error(
                "Quote is not closed",
                "The string that begins here has no closing quote. Add it; a quote inside the string is written \\\" in "
                    + "double quotes and '' in single quotes.", at: line(from: begin))
        case "found unknown escape character":
            return .error(
                "Unknown escape",
                "After a backslash in double quotes, YAML knows n, t, r, \", \\, /, x41, u0041 and a few more. Write \\\\ "
                    + "for a backslash itself, or put the value in single quotes, where backslashes are ordinary.",
                at: at(offset, length: 2))
        case "did not find expected hexdecimal number", "found invalid Unicode character escape code":
            return .error(
                "Unknown escape",
                "\\x needs two hexadecimal digits, \\u four and \\U eight, and they must name a Unicode character. Write "
                    + "\\\\ for a backslash itself, or put the value in single quotes.", at: at(offset))
        case "did not find expected alphabetic or numeric character":
            let isAlias = failure.context.contains("alias")
            return .error(
                "Value must be quoted",
                "Unquoted, \"\(isAlias ? "*" : "&")\" begins \(isAlias ? "an alias" : "an anchor") in YAML, and what "
                    + "follows is no name of one (letters, digits, - and _). If it is text, such as a pattern, put the "
                    + "whole value in quotes.", at: line(from: begin))
        default: return nil
        }
    }

    private func other() -> Diagnostic {
        switch failure.problem {
        case "control characters are not allowed":
            return .error(
                "Control character in the file",
                "An invisible control character stands here, which YAML does not allow. Remove it; in double quotes it "
                    + "can be written as an escape such as \\x1b.", at: at(offset))
        case "found undefined tag handle", "did not find expected tag URI",
            "did not find expected whitespace or line break" where failure.context.contains("tag"):
            return .error(
                "Tag is not supported",
                "Unquoted, \"!\" begins a tag in YAML, and specs know only tags such as !!str and !!int. If it is text, "
                    + "put the whole value in quotes.", at: line(from: failure.contextOffset ?? offset))
        case "found unexpected ':'":
            return .error(
                "Colon in an unquoted value",
                "Within brackets or braces, a colon cannot stand here in an unquoted value. Put the whole value in quotes, or "
                    + "put a space behind the colon if it ends a key.", at: at(offset))
        case "found unknown directive name", "could not find expected directive name":
            return .error(
                "Unknown directive",
                "A line that begins with % is a directive for the YAML parser, and only %YAML and %TAG are known. Remove the "
                    + "line, or indent it if it belongs to a value.", at: line(from: failure.contextOffset ?? offset))
        case "found incompatible YAML document":
            return .error(
                "YAML version is not supported",
                "The %YAML line names a version other than 1.1 or 1.2. Remove the line.", at: line(from: offset))
        default:
            let context = failure.context.isEmpty ? "" : " \(failure.context)"
            return .error(
                "Invalid YAML",
                "The YAML parser stopped\(context): \(failure.problem). Compare the line with its neighbours; when in "
                    + "doubt, put the value in quotes.", at: line(from: offset))
        }
    }
}
