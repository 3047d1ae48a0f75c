import CLibYAML
import PlumbModel
import YAMLEvents

/// Reads the text of an OpenAPI document, YAML or JSON, into nodes.
///
/// Not the reader of specs, because documents are other people's: keys may be numbers (`200:`), numbers may be beyond
/// 64 bits, and JSON has tabs and surrogate pairs.
struct DocumentReader {
    /// Mappings and lists inside each other.
    private static let maximumNesting = 200
    /// The entries that `<<` may copy in all.
    private static let maximumMerged = 1_000_000

    private struct Frame {
        let isMapping: Bool
        let start: Int
        let anchor: String?
        var key: String?
        var entries: [DocumentNode.Entry] = []
        var elements: [DocumentNode] = []
        var merged: [DocumentNode.Entry] = []
    }

    private let file: SourceFile
    private var frames: [Frame] = []
    private var anchors: [String: DocumentNode] = [:]
    private var root: DocumentNode?
    private var mergedCount = 0

    private init(_ file: SourceFile) { self.file = file }

    /// - Parameter path: for problems, and what references are relative to.
    static func read(_ bytes: [UInt8], path: String) throws(Diagnostics) -> DocumentNode {
        let file = SourceFile(path: path, bytes: JSONPreparation.prepared(bytes))
        guard file.bytes.count <= SourceFile.maximumSize else {
            throw Diagnostics(SourceFile.tooLarge(path, size: file.bytes.count))
        }
        guard String(validating: file.bytes, as: UTF8.self) != nil, !file.bytes.contains(0) else {
            throw Diagnostics(
                .error("Document is not UTF-8", "\"\(path)\" is no UTF-8 text. Save it as UTF-8, as YAML or JSON."))
        }
        var reader = DocumentReader(file)
        return try file.bytes.withUnsafeBufferPointer { (bytes) throws(Diagnostics) in try reader.read(bytes) }
    }

    private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(Diagnostics) -> DocumentNode {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let isASCII = bytes.allSatisfy { $0 < 0x80 }
        guard var parser = YAMLEventParser(bytes: bytes, start: start, isASCII: isASCII) else {
            throw Diagnostics(.error("Out of memory", "There is not enough memory to read \"\(file.path)\"."))
        }
        while true {
            guard let event = parser.next() else { throw syntaxProblem(parser.failure()) }
            if event.pointee.type == YAML_STREAM_END_EVENT || event.pointee.type == YAML_DOCUMENT_END_EVENT { break }
            try handle(event, parser.offset(of: event.pointee.start_mark), parser.offset(of: event.pointee.end_mark))
        }
        guard let root else {
            throw Diagnostics(.error("Document is empty", "\"\(file.path)\" has nothing in it."))
        }
        return root
    }

    private func syntaxProblem(_ failure: YAMLEventParser.Failure) -> Diagnostics {
        let end = min(failure.problemOffset + 1, file.bytes.count)
        let context = failure.context.isEmpty ? "" : " \(failure.context),"
        return Diagnostics(
            .error(
                "Document cannot be read",
                "\"\(file.path)\" is neither YAML nor JSON:\(context) \(failure.problem).",
                at: SourceRange(file: file, start: min(failure.problemOffset, end), end: end)))
    }

    private mutating func handle(
        _ event: UnsafePointer<yaml_event_t>, _ start: Int, _ end: Int
    ) throws(Diagnostics) {
        switch event.pointee.type {
        case YAML_SCALAR_EVENT:
            let data = event.pointee.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
            let isPlain = data.style == YAML_PLAIN_SCALAR_STYLE
            let value = isPlain && data.tag == nil ? PlainScalar.value(text) : .string(text)
            let node = DocumentNode(.scalar(value), at: SourceRange(file: file, start: start, end: end))
            if let anchor = data.anchor { anchors[string(anchor)] = node }
            try add(node, key: text)
        case YAML_ALIAS_EVENT:
            let name = event.pointee.data.alias.anchor.map { string($0) } ?? ""
            guard let node = anchors[name] else {
                throw Diagnostics(
                    .error(
                        "Unknown anchor", "No anchor &\(name) stands before this place.",
                        at: SourceRange(file: file, start: start, end: end)))
            }
            try add(node, key: node.text)
        case YAML_SEQUENCE_START_EVENT:
            try open(
                Frame(isMapping: false, start: start, anchor: event.pointee.data.sequence_start.anchor.map(string)))
        case YAML_MAPPING_START_EVENT:
            try open(Frame(isMapping: true, start: start, anchor: event.pointee.data.mapping_start.anchor.map(string)))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: try close(end)
        default: break
        }
    }

    private func string(_ text: UnsafeMutablePointer<yaml_char_t>) -> String {
        String(decodingCString: text, as: UTF8.self)
    }

    private mutating func open(_ frame: Frame) throws(Diagnostics) {
        frames.append(frame)
        guard frames.count > DocumentReader.maximumNesting else { return }
        throw Diagnostics(
            .error(
                "Nesting is too deep",
                "Here begins level \(frames.count) of mappings and lists inside each other; at most "
                    + "\(DocumentReader.maximumNesting) are read.",
                at: SourceRange(file: file, start: frame.start, end: frame.start)))
    }

    private mutating func close(_ end: Int) throws(Diagnostics) {
        guard let frame = frames.popLast() else { return }
        let entries = frame.merged.isEmpty ? frame.entries : merging(frame)
        let node = DocumentNode(
            frame.isMapping ? .object(entries) : .list(frame.elements),
            at: SourceRange(file: file, start: frame.start, end: max(frame.start, end)))
        if let anchor = frame.anchor { anchors[anchor] = node }
        try add(node, key: nil)
    }

    private func merging(_ frame: Frame) -> [DocumentNode.Entry] {
        var known = Set(frame.entries.map(\.key))
        return frame.entries + frame.merged.filter { known.insert($0.key).inserted }
    }

    private mutating func countMerged(_ count: Int, at node: DocumentNode) throws(Diagnostics) {
        mergedCount += count
        guard mergedCount > DocumentReader.maximumMerged else { return }
        throw Diagnostics(
            .error(
                "Document is too large",
                "With this <<, more than \(DocumentReader.maximumMerged) entries are copied from one mapping into others. "
                    + "Merge fewer, or smaller ones.", at: node.range))
    }

    /// - Parameter key: the text that it is as a key; nil for what can be none.
    private mutating func add(_ node: DocumentNode, key: String?) throws(Diagnostics) {
        guard !frames.isEmpty else {
            root = root ?? node
            return
        }
        let last = frames.count - 1
        guard frames[last].isMapping else { return frames[last].elements.append(node) }
        guard let pending = frames[last].key else {
            // A mapping as a key means nothing in OpenAPI: an empty one is never asked for.
            frames[last].key = key ?? ""
            return
        }
        frames[last].key = nil
        if pending == "<<" {
            for source in node.elements.isEmpty ? [node] : node.elements {
                try countMerged(source.entries.count, at: node)
                frames[last].merged += source.entries
            }
        } else {
            frames[last].entries.append(DocumentNode.Entry(key: pending, value: node))
        }
    }
}

/// What an unquoted scalar of a document is.
enum PlainScalar {
    static func value(_ text: String) -> Value {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        guard let first = text.utf8.first, first < 0x3A, first >= 0x2B else { return .string(text) }
        if let number = Int64(text) { return .number(.integer(number)) }
        guard let number = Double(text), number.isFinite else { return .string(text) }
        return .number(.double(number))
    }
}
