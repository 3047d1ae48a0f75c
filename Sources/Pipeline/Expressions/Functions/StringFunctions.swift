import PlumbModel

/// Functions on strings. What people see as one character is one character here.
enum StringFunctions {
    private static let text = Function.Parameter("string", .string)

    /// A function from one string to another.
    private static func map(_ name: String, _ body: @escaping @Sendable (String) -> String) -> Function {
        Function(name, [text], returns: .string) { (arguments) throws(FunctionError) in
            .string(body(arguments.string(0)))
        }
    }

    /// A question about two strings.
    private static func test(
        _ name: String, _ second: String, _ body: @escaping @Sendable (String.UTF8View, String.UTF8View) -> Bool
    ) -> Function {
        Function(name, [text, Function.Parameter(second, .string)], returns: .bool) {
            (arguments) throws(FunctionError) in
            .bool(body(arguments.string(0).utf8, arguments.string(1).utf8))
        }
    }

    static let all: [Function] = [
        map("upper") { recased($0) { $0.properties.uppercaseMapping } },
        map("lower") { recased($0) { $0.properties.lowercaseMapping } },
        map("title", titled),
        map("strrev") { String($0.reversed()) },
        map("chomp") { String($0.unicodeScalars.trimmedEnd { $0 == "\n" || $0 == "\r" }) },
        map("trimspace") { String($0.unicodeScalars.trimmed { $0.properties.isWhitespace }) },
        test("startswith", "prefix") { $0.starts(with: $1) },
        test("endswith", "suffix") { $0.count >= $1.count && $0.suffix($1.count).elementsEqual($1) },
        test("strcontains", "substring") { ByteSearch.first(Array($1), in: Array($0), from: 0) != nil },
        Function("trim", [text, Function.Parameter("characters", .string)], returns: .string) {
            (arguments) throws(FunctionError) in
            let set = Set(arguments.string(1).unicodeScalars)
            return .string(String(arguments.string(0).unicodeScalars.trimmed { set.contains($0) }))
        },
        Function("trimprefix", [text, Function.Parameter("prefix", .string)], returns: .string) {
            (arguments) throws(FunctionError) in
            let (bytes, prefix) = (arguments.bytes(0), arguments.bytes(1))
            guard bytes.starts(with: prefix) else { return arguments[0] }
            return .string(String(decoding: bytes[prefix.count...], as: UTF8.self))
        },
        Function("trimsuffix", [text, Function.Parameter("suffix", .string)], returns: .string) {
            (arguments) throws(FunctionError) in
            let (bytes, suffix) = (arguments.bytes(0), arguments.bytes(1))
            guard bytes.count >= suffix.count, bytes.suffix(suffix.count).elementsEqual(suffix) else {
                return arguments[0]
            }
            return .string(String(decoding: bytes[..<(bytes.count - suffix.count)], as: UTF8.self))
        },
        Function(
            "substr", [text, Function.Parameter("offset", .number), Function.Parameter("length", .number)],
            returns: .string
        ) { (arguments) throws(FunctionError) in try substring(arguments) },
        Function(
            "split", [Function.Parameter("separator", .string), text], returns: .list(.string)
        ) { (arguments) throws(FunctionError) in
            .list(split(arguments.string(1), by: arguments.string(0)).map(Value.string))
        },
        Function(
            "join", [Function.Parameter("separator", .string)], variadic: Function.Parameter("list", .list(.string)),
            returns: .string
        ) { (arguments) throws(FunctionError) in try join(arguments) },
        Function(
            "indent", [Function.Parameter("spaces", .number), text], returns: .string
        ) { (arguments) throws(FunctionError) in try indent(arguments) },
        Function("format", [Function.Parameter("format", .string)], variadic: anything, returns: .string) {
            (arguments) throws(FunctionError) in
            .string(try Formatter(arguments.string(0)).format(Array(arguments.values.dropFirst())))
        },
        Function("formatlist", [Function.Parameter("format", .string)], variadic: anything, returns: .list(.string)) {
            (arguments) throws(FunctionError) in try formatList(arguments)
        },
    ]

    private static let anything = Function.Parameter("value", .any, allowsNull: true)

    /// As Go's `strings.Title`, which Terraform uses: a letter after anything but a letter, a digit or `_`.
    private static func titled(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var isStart = true
        for scalar in text.unicodeScalars {
            if isStart {
                result.append(simple(scalar, scalar.properties.titlecaseMapping))
            } else {
                result.append(scalar)
            }
            isStart = isSeparator(scalar)
        }
        return String(result)
    }

    /// Changes the case character by character, as Terraform does: what would become two characters stays.
    private static func recased(_ text: String, _ mapping: (Unicode.Scalar) -> String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(simple(scalar, mapping(scalar))) }
        return String(result)
    }

    private static func simple(_ scalar: Unicode.Scalar, _ mapping: String) -> Unicode.Scalar {
        let scalars = mapping.unicodeScalars
        return scalars.count == 1 ? scalars.first ?? scalar : scalar
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return
                !(scalar.value < 0x80
                && (Lexer.isDigit(UInt8(scalar.value)) || Lexer.startsIdentifier(UInt8(scalar.value))))
        }
        if scalar.properties.isAlphabetic || scalar.properties.numericType != nil { return false }
        return scalar.properties.isWhitespace
    }

    private static func substring(_ arguments: Arguments) throws(FunctionError) -> Value {
        let characters = arguments.string(0)
        let count = characters.count
        var start = try arguments.int(1)
        let length = try arguments.int(2)
        // As Terraform has it: from the end, no length is all of the rest as well.
        let takesRest = length < 0 || (length == 0 && start < 0)
        if start < 0 { start = max(0, start + count) }
        let rest = characters.dropFirst(min(start, count))
        return .string(String(takesRest ? rest : rest.prefix(length)))
    }

    static func split(_ text: String, by separator: String) -> [String] {
        if separator.isEmpty { return text.map(String.init) }
        let bytes = Array(text.utf8)
        let needle = Array(separator.utf8)
        var parts: [String] = []
        var start = 0
        while let found = ByteSearch.first(needle, in: bytes, from: start) {
            parts.append(String(decoding: bytes[start..<found], as: UTF8.self))
            start = found + needle.count
        }
        parts.append(String(decoding: bytes[start...], as: UTF8.self))
        return parts
    }

    private static func join(_ arguments: Arguments) throws(FunctionError) -> Value {
        guard arguments.count > 1 else { throw FunctionError("at least one list is needed") }
        let separator = arguments.string(0)
        var parts: [String] = []
        var size = 0
        for index in 1..<arguments.count {
            let strings = try arguments.strictStrings(index)
            for string in strings { size += string.utf8.count + separator.utf8.count }
            parts += strings
        }
        try bound(size)
        return .string(parts.joined(separator: separator))
    }

    /// Refuses a string before it is made.
    static func bound(_ size: Int) throws(FunctionError) {
        guard size <= Bounds.stringBytes else {
            throw FunctionError("the result would be larger than \(Bounds.stringBytes >> 20) MiB")
        }
    }

    private static func indent(_ arguments: Arguments) throws(FunctionError) -> Value {
        let spaces = try arguments.int(0)
        guard (0...Bounds.formatWidth).contains(spaces) else {
            throw FunctionError("the number of spaces must be 0 to \(Bounds.formatWidth)", argument: 0)
        }
        let bytes = arguments.bytes(1)
        try bound(bytes.count + spaces * bytes.count { $0 == 0x0A })
        var result: [UInt8] = []
        for byte in bytes {
            result.append(byte)
            if byte == 0x0A { result.append(contentsOf: repeatElement(0x20, count: spaces)) }
        }
        return .string(String(decoding: result, as: UTF8.self))
    }

    private static func formatList(_ arguments: Arguments) throws(FunctionError) -> Value {
        var count: Int?
        for (index, value) in arguments.values.enumerated().dropFirst() {
            guard let elements = value.asList else { continue }
            if let count, count != elements.count {
                throw FunctionError(
                    "all lists must be of one length, but \(count) and \(elements.count) are given", argument: index)
            }
            count = elements.count
        }
        let formatter = Formatter(arguments.string(0))
        var results: [Value] = []
        var size = 0
        for round in 0..<(count ?? 1) {
            let line = try formatter.format(arguments.values.dropFirst().map { $0.asList?[round] ?? $0 })
            size += line.utf8.count
            try bound(size)
            results.append(.string(line))
        }
        return .list(results)
    }
}

/// Finds bytes in bytes.
enum ByteSearch {
    static func first(_ needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard let head = needle.first else { return start }
        var offset = start
        while offset + needle.count <= bytes.count {
            if bytes[offset] == head, bytes[offset..<offset + needle.count].elementsEqual(needle) { return offset }
            offset += 1
        }
        return nil
    }
}

extension BidirectionalCollection {
    func trimmedEnd(_ isTrimmed: (Element) -> Bool) -> SubSequence {
        var end = endIndex
        while end > startIndex, isTrimmed(self[index(before: end)]) { end = index(before: end) }
        return self[..<end]
    }

    func trimmed(_ isTrimmed: (Element) -> Bool) -> SubSequence {
        trimmedEnd(isTrimmed).drop(while: isTrimmed)
    }
}
