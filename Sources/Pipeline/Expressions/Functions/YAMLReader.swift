import CLibYAML
import PlumbModel
import YAMLEvents

/// Reads one YAML document as Terraform's `yamldecode` does, with YAML 1.1's words for true and false.
struct YAMLReader {
    private static let maximumDepth = 100
    private static let maximumNodes = 1_000_000

    /// A list or mapping that is still open: its children, a mapping's keys among them.
    private struct Open {
        let isMapping: Bool
        let anchor: String?
        var children: [Value] = []
        /// The positions of the children that are `<<` keys.
        var merges: Set<Int> = []
    }

    private var open: [Open] = []
    private var anchors: [String: Value] = [:]
    private var result: Value?
    private var documents = 0
    private var nodes = 0

    static func read(_ bytes: [UInt8]) throws(FunctionError) -> Value {
        var reader = YAMLReader()
        var problem: FunctionError?
        bytes.withUnsafeBufferPointer { buffer in
            let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
            let start = buffer.starts(with: mark) ? mark.count : 0
            guard var parser = YAMLEventParser(bytes: buffer, start: start, isASCII: false) else {
                preconditionFailure("libyaml is out of memory.")
            }
            do throws(FunctionError) {
                while try reader.next(&parser) {}
            } catch {
                problem = error
            }
        }
        if let problem { throw problem }
        if let result = reader.result { return result }
        throw FunctionError("the text holds no YAML document", argument: 0)
    }

    /// Takes one event; false after the last one.
    private mutating func next(_ parser: inout YAMLEventParser) throws(FunctionError) -> Bool {
        guard let event = parser.next()?.pointee else { throw YAMLReader.syntaxError(parser.failure()) }
        let line = event.start_mark.line + 1
        nodes += 1
        guard nodes <= YAMLReader.maximumNodes else {
            throw FunctionError("the document has more than \(YAMLReader.maximumNodes) nodes", argument: 0)
        }
        switch event.type {
        case YAML_STREAM_END_EVENT: return false
        case YAML_DOCUMENT_START_EVENT:
            documents += 1
            if documents > 1 {
                throw FunctionError("the text holds several documents, and only one can be read", argument: 0)
            }
        case YAML_SCALAR_EVENT: try add(scalar: event.data.scalar, line)
        case YAML_ALIAS_EVENT:
            let name = String(cString: event.data.alias.anchor)
            guard let value = anchors[name] else {
                throw FunctionError("line \(line): there is no anchor &\(name) before this alias", argument: 0)
            }
            nodes += value.size(upTo: YAMLReader.maximumNodes)
            try add(value, line)
        case YAML_SEQUENCE_START_EVENT:
            try begin(isMapping: false, YAMLReader.text(event.data.sequence_start.anchor), line)
        case YAML_MAPPING_START_EVENT:
            try begin(isMapping: true, YAMLReader.text(event.data.mapping_start.anchor), line)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: try end(line)
        default: break
        }
        return true
    }

    private static func text(_ bytes: UnsafeMutablePointer<UInt8>?) -> String? {
        bytes.map { String(cString: $0) }
    }

    private static func syntaxError(_ failure: YAMLEventParser.Failure) -> FunctionError {
        FunctionError("the text is no YAML: line \(failure.line): \(failure.problem)", argument: 0)
    }

    // MARK: - Nodes

    private mutating func begin(isMapping: Bool, _ anchor: String?, _ line: Int) throws(FunctionError) {
        guard open.count < YAMLReader.maximumDepth else {
            throw FunctionError("line \(line): nested deeper than \(YAMLReader.maximumDepth)", argument: 0)
        }
        open.append(Open(isMapping: isMapping, anchor: anchor))
    }

    private mutating func end(_ line: Int) throws(FunctionError) {
        guard let closed = open.popLast() else { return }
        let value = closed.isMapping ? try YAMLReader.mapping(closed, line) : .tuple(closed.children)
        if let anchor = closed.anchor { anchors[anchor] = value }
        try add(value, line)
    }

    private mutating func add(_ value: Value, _ line: Int, isMerge: Bool = false) throws(FunctionError) {
        guard !open.isEmpty else {
            result = value
            return
        }
        let last = open.count - 1
        if isMerge, open[last].isMapping, open[last].children.count % 2 == 0 {
            open[last].merges.insert(open[last].children.count)
        }
        open[last].children.append(value)
    }

    private static func mapping(_ closed: Open, _ line: Int) throws(FunctionError) -> Value {
        var merged = ValueMap()
        var own: [(String, Value)] = []
        for index in stride(from: 0, to: closed.children.count - 1, by: 2) {
            let (key, value) = (closed.children[index], closed.children[index + 1])
            if closed.merges.contains(index) {
                for source in value.asList ?? [value] {
                    guard let map = source.asMap else {
                        throw FunctionError("line \(line): \"<<\" takes a mapping or a list of mappings", argument: 0)
                    }
                    merged = map.merging(merged)
                }
                continue
            }
            guard !key.isNull, let name = (try? key.converted(to: .string))?.asString else {
                throw FunctionError("line \(line): a key is \(key.phrase), and must be a string", argument: 0)
            }
            own.append((name, value))
        }
        return .object(merged.merging(ValueMap(own)))
    }

    // MARK: - Scalars

    private mutating func add(
        scalar: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar, _ line: Int
    ) throws(FunctionError) {
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        let text = String(decoding: bytes, as: UTF8.self)
        let tag = YAMLReader.text(scalar.tag)
        let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
        let value: Value
        switch tag {
        case nil where isPlain: value = try YAMLReader.plain(text, line)
        case nil, "!", "tag:yaml.org,2002:str": value = .string(text)
        case "tag:yaml.org,2002:binary": value = .string(text)
        case let tag?:
            guard tag.hasPrefix("tag:yaml.org,2002:") else {
                throw FunctionError("line \(line): the tag \(tag) is not known", argument: 0)
            }
            value = isPlain ? try YAMLReader.plain(text, line) : .string(text)
        }
        if let anchor = YAMLReader.text(scalar.anchor) { anchors[anchor] = value }
        try add(value, line, isMerge: isPlain && text == "<<")
    }

    private static func plain(_ text: String, _ line: Int) throws(FunctionError) -> Value {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON": return true
        case "false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF": return false
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN":
            throw FunctionError("line \(line): \(text) is no number that can be calculated with", argument: 0)
        default: return try number(text, line) ?? date(text) ?? .string(text)
        }
    }

    private static func number(_ text: String, _ line: Int) throws(FunctionError) -> Value? {
        guard let first = text.utf8.first, Lexer.isDigit(first) || "+-.".utf8.contains(first) else { return nil }
        for (prefix, radix) in [("0x", 16), ("0o", 8)] where text.hasPrefix(prefix) {
            return Int64(text.dropFirst(2), radix: radix).map { .number(.integer($0)) }
        }
        let isWhole = text.utf8.dropFirst("+-".utf8.contains(first) ? 1 : 0).allSatisfy(Lexer.isDigit)
        guard text.utf8.contains(where: Lexer.isDigit), isWhole || Double(text) != nil,
            !text.utf8.contains(UInt8(ascii: "x")), !text.utf8.contains(UInt8(ascii: "X"))
        else { return nil }
        if let number = Number(parsing: text) { return .number(number) }
        throw FunctionError("line \(line): \(text) is a whole number that 64 bits cannot hold", argument: 0)
    }

    /// A day alone becomes the moment at which it begins.
    private static func date(_ text: String) -> Value? {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
        let moment = text + "T00:00:00Z"
        return Moment(parsing: moment).map { _ in .string(moment) }
    }
}

extension Value {
    /// How many values it consists of, counted no further than the bound.
    fileprivate func size(upTo bound: Int) -> Int {
        var inspection = Inspection()
        inspection.visit(self, depth: 0)
        return min(inspection.count, bound)
    }
}
