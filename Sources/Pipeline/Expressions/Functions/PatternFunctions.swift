import PlumbModel

/// Functions with regular expressions.
enum PatternFunctions {
    private static let pattern = Function.Parameter("pattern", .string)
    private static let text = Function.Parameter("string", .string)

    static let all: [Function] = [
        Function("regex", [pattern, text]) { (arguments) throws(FunctionError) in
            let program = try program(arguments.string(0), argument: 0)
            var matcher = RegexMatcher(program, arguments.string(1))
            guard let match = try run(0, { () throws(RegexError) in try matcher.first(from: 0) }) else {
                throw FunctionError("the pattern does not match the string", argument: 1)
            }
            return try result(match, matcher, program)
        },
        Function("regexall", [pattern, text], returns: .list(.any)) { (arguments) throws(FunctionError) in
            let program = try program(arguments.string(0), argument: 0)
            var matcher = RegexMatcher(program, arguments.string(1))
            var results: [Value] = []
            for match in try run(0, { () throws(RegexError) in try matcher.matches() }) {
                results.append(try result(match, matcher, program))
            }
            return .list(results)
        },
        Function(
            "replace", [text, Function.Parameter("substring", .string), Function.Parameter("replacement", .string)],
            returns: .string
        ) { (arguments) throws(FunctionError) in
            let pattern = arguments.string(1)
            if pattern.utf8.count >= 2, pattern.hasPrefix("/"), pattern.hasSuffix("/") {
                return .string(try replaceMatches(arguments, String(pattern.dropFirst().dropLast())))
            }
            return .string(try replaceText(arguments))
        },
    ]

    /// Runs a part of matching, and tells its problem as one of the pattern.
    private static func run<Result>(
        _ argument: Int, _ body: () throws(RegexError) -> Result
    ) throws(FunctionError) -> Result {
        do {
            return try body()
        } catch {
            throw FunctionError("the pattern cannot be used: \(error.message)", argument: argument)
        }
    }

    private static func program(_ pattern: String, argument: Int) throws(FunctionError) -> RegexProgram {
        try run(argument) { () throws(RegexError) in try RegexProgram(pattern) }
    }

    /// The whole match, or its groups: a list, or an object where they have names.
    private static func result(
        _ match: [Int], _ matcher: RegexMatcher, _ program: RegexProgram
    ) throws(FunctionError) -> Value {
        if program.groups.isEmpty { return .string(matcher.text(match[0], match[1])) }
        let values = program.groups.indices.map { index -> Value in
            let (start, end) = (match[2 * index + 2], match[2 * index + 3])
            return start < 0 || end < 0 ? .null : .string(matcher.text(start, end))
        }
        let names = program.groups.compactMap { $0 }
        if names.isEmpty { return .tuple(values) }
        guard names.count == values.count else {
            throw FunctionError("either all groups of the pattern have names or none has", argument: 0)
        }
        return .object(ValueMap(zip(names, values).map { ($0, $1) }))
    }

    private static func replaceText(_ arguments: Arguments) throws(FunctionError) -> String {
        let (text, needle, replacement) = (arguments.string(0), arguments.string(1), arguments.string(2))
        let parts =
            needle.isEmpty
            ? [""] + text.unicodeScalars.map { String($0) } + [""] : StringFunctions.split(text, by: needle)
        try StringFunctions.bound(text.utf8.count + (parts.count - 1) * replacement.utf8.count)
        return parts.joined(separator: replacement)
    }

    private static func replaceMatches(_ arguments: Arguments, _ pattern: String) throws(FunctionError) -> String {
        let program = try program(pattern, argument: 1)
        let template = Array(arguments.string(2).unicodeScalars)
        var matcher = RegexMatcher(program, arguments.string(0))
        var output = String.UnicodeScalarView()
        var size = 0
        var last = 0
        for match in try run(1, { () throws(RegexError) in try matcher.matches() }) {
            output.append(contentsOf: matcher.text[last..<match[0]])
            let before = output.count
            expand(template, match, matcher, program, into: &output)
            size += output.count - before
            try StringFunctions.bound(size)
            last = match[1]
        }
        output.append(contentsOf: matcher.text[last...])
        return String(output)
    }

    /// Puts the groups in the places of `$1`, `$name` and `${name}`; `$$` is a dollar sign.
    private static func expand(
        _ template: [Unicode.Scalar], _ match: [Int], _ matcher: RegexMatcher, _ program: RegexProgram,
        into output: inout String.UnicodeScalarView
    ) {
        var offset = 0
        while offset < template.count {
            guard template[offset] == "$", offset + 1 < template.count else {
                output.append(template[offset])
                offset += 1
                continue
            }
            if template[offset + 1] == "$" {
                output.append("$")
                offset += 2
                continue
            }
            let isBraced = template[offset + 1] == "{"
            let start = offset + (isBraced ? 2 : 1)
            var end = start
            while end < template.count, CharacterClass.isWord(template[end]) { end += 1 }
            guard end > start, !isBraced || (end < template.count && template[end] == "}") else {
                output.append("$")
                offset += 1
                continue
            }
            var name = String.UnicodeScalarView()
            name.append(contentsOf: template[start..<end])
            if let group = group(String(name), program), match[2 * group] >= 0 {
                output.append(contentsOf: matcher.text[match[2 * group]..<match[2 * group + 1]])
            }
            offset = isBraced ? end + 1 : end
        }
    }

    private static func group(_ name: String, _ program: RegexProgram) -> Int? {
        if let number = Int(name) { return number <= program.groups.count ? number : nil }
        return program.groups.firstIndex(of: name).map { $0 + 1 }
    }
}
