import CLibYAML
import PlumbModel
import YAMLEvents

/// Builds the trees of a file's documents from libyaml's events, without recursion.
struct YAMLTreeBuilder {
    /// A node with what its repetition would cost.
    struct Built {
        let node: SpecificationNode
        /// Nodes in it, itself included.
        var weight = 1
        /// Levels of mappings and lists in it.
        var height = 0
    }

    /// The scalar that was read last: what explains many a syntax error after it.
    struct LastScalar {
        let text: String
        let style: Scalar.Style
        let start: Int
        let end: Int
    }

    let file: SourceFile
    let bytes: UnsafeBufferPointer<UInt8>
    private let start: Int
    private let isASCII: Bool
    private(set) var problems = Diagnostics()
    private var documents: [SpecificationNode] = []
    private var frames: [CollectionFrame] = []
    private var anchors: [String: Built] = [:]
    private var aliasedNodes = 0
    private var lastScalar: LastScalar?
    /// Set once nothing sensible can follow.
    private var isStopped = false

    init(file: SourceFile, bytes: UnsafeBufferPointer<UInt8>, start: Int, isASCII: Bool) {
        self.file = file
        self.bytes = bytes
        self.start = start
        self.isASCII = isASCII
    }

    mutating func build() -> [SpecificationNode] {
        guard var parser = YAMLEventParser(bytes: bytes, start: start, isASCII: isASCII) else {
            report(.error("Out of memory", "There is not enough memory to read \"\(file.path)\"."))
            return []
        }
        while !isStopped {
            guard let event = parser.next() else {
                let explainer = YAMLFailureExplainer(file: file, failure: parser.failure(), lastScalar: lastScalar)
                report(explainer.diagnostic())
                break
            }
            if event.pointee.type == YAML_STREAM_END_EVENT { break }
            handle(event, &parser)
        }
        return documents
    }

    func range(_ start: Int, _ end: Int) -> SourceRange { SourceRange(file: file, start: start, end: end) }

    mutating func report(_ problem: Diagnostic) {
        guard problems.errorCount < YAMLReader.Bound.problems else { return stop() }
        problems.append(problem)
        if problems.errorCount == YAMLReader.Bound.problems {
            problems.append(
                .error(
                    "Too many problems in one file",
                    "\"\(file.path)\" has more than \(YAMLReader.Bound.problems) problems; the rest of it is not "
                        + "looked at. Mend these first.", at: problem.source))
            stop()
        }
    }

    private mutating func stop() { isStopped = true }

    private mutating func handle(_ event: UnsafePointer<yaml_event_t>, _ parser: inout YAMLEventParser) {
        switch event.pointee.type {
        case YAML_DOCUMENT_START_EVENT: anchors.removeAll()
        case YAML_SCALAR_EVENT: readScalar(event, &parser)
        case YAML_ALIAS_EVENT: readAlias(event, &parser)
        case YAML_SEQUENCE_START_EVENT:
            let data = event.pointee.data.sequence_start
            let place = place(of: event, anchor: data.anchor, tag: data.tag, &parser)
            checkTag(data.tag, allowed: "seq", of: "a list", at: place)
            open(
                CollectionFrame(
                    isMapping: false, isFlow: data.style == YAML_FLOW_SEQUENCE_STYLE, start: place.start,
                    anchor: data.anchor.map { YAMLTreeBuilder.string($0) }))
        case YAML_MAPPING_START_EVENT:
            let data = event.pointee.data.mapping_start
            let place = place(of: event, anchor: data.anchor, tag: data.tag, &parser)
            checkTag(data.tag, allowed: "map", of: "a mapping", at: place)
            open(
                CollectionFrame(
                    isMapping: true, isFlow: data.style == YAML_FLOW_MAPPING_STYLE, start: place.start,
                    anchor: data.anchor.map { YAMLTreeBuilder.string($0) }))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
            close(end: parser.offset(of: event.pointee.end_mark))
        default: break
        }
    }

    private mutating func open(_ frame: CollectionFrame) {
        frames.append(frame)
        guard frames.count > YAMLReader.Bound.nesting else { return }
        report(
            .error(
                "Nesting is too deep",
                "Here begins level \(frames.count) of mappings and lists inside each other; at most "
                    + "\(YAMLReader.Bound.nesting) are read. Is the file what a program wrote by mistake?",
                at: range(frame.start, frame.start + 1)))
        stop()
    }

    private mutating func close(end: Int) {
        guard let frame = frames.popLast() else { return }
        // A block collection ends for libyaml where the next token begins; for people where its last node ends.
        let end = frame.isFlow ? end : frame.lastEnd
        let place = range(frame.start, end)
        var found = Diagnostics()
        let node = frame.node(at: place, problems: &found)
        found.all.forEach { report($0) }
        let built = Built(node: node, weight: frame.weight, height: frame.height)
        if let anchor = frame.anchor { anchors[anchor] = built }
        add(built, scalar: nil)
    }

    /// Gives a node to the collection around it. `scalar` is how it may serve as a key.
    private mutating func add(_ built: Built, scalar: KeyScalar?) {
        guard !frames.isEmpty else {
            documents.append(built.node)
            return
        }
        if let problem = frames[frames.count - 1].add(built, scalar: scalar) { report(problem) }
    }

    // MARK: Scalars

    private mutating func readScalar(_ event: UnsafePointer<yaml_event_t>, _ parser: inout YAMLEventParser) {
        let data = event.pointee.data.scalar
        var place = place(of: event, anchor: data.anchor, tag: data.tag, &parser)
        let text = UnsafeBufferPointer<UInt8>(start: data.value, count: data.length)
        let style = YAMLTreeBuilder.style(data.style)
        if style == .literal || style == .folded { place = trimmed(place) }
        let string = String(decoding: text, as: UTF8.self)
        let tag = data.tag.map { YAMLTreeBuilder.string($0) }
        let value = value(of: text, string, style: style, tag: tag, at: place)
        let node = SpecificationNode(.scalar(Scalar(text: string, style: style, value: value)), at: place)
        lastScalar = LastScalar(text: string, style: style, start: place.start, end: place.end)
        if style == .plain, let cut = ExpressionQuoting.cutByComment(string, in: file, at: place) { report(cut) }
        let built = Built(node: node)
        if let anchor = data.anchor { anchors[YAMLTreeBuilder.string(anchor)] = built }
        add(built, scalar: KeyScalar(isMerge: style == .plain && tag == nil && string == "<<"))
    }

    private mutating func value(
        of text: UnsafeBufferPointer<UInt8>, _ string: String, style: Scalar.Style, tag: String?, at place: SourceRange
    ) -> Value {
        if let tag { return taggedValue(of: text, string, tag: tag, at: place) }
        guard style == .plain else { return .string(string) }
        let resolution = CoreSchema.resolve(text)
        if case .leadingZero(let value) = resolution { report(ScalarProblem.leadingZero(string, value, at: place)) }
        return checked(resolution, string, at: place)
    }

    private mutating func taggedValue(
        of text: UnsafeBufferPointer<UInt8>, _ string: String, tag: String, at place: SourceRange
    ) -> Value {
        switch ScalarTag(tag) {
        case .string: return .string(string)
        case .scalar(let word, let accepts):
            let value = checked(CoreSchema.resolve(text), string, at: place)
            if accepts(value) { return value }
            report(ScalarProblem.wrongForTag(word, string, at: place))
        case .collection(let word):
            report(ScalarProblem.tagOfCollection(word, at: place))
        case .unknown: report(ScalarProblem.unknownTag(tag, at: place))
        }
        return .string(string)
    }

    private mutating func checked(_ resolution: CoreSchema.Resolution, _ text: String, at place: SourceRange) -> Value {
        switch resolution {
        case .value(let value), .leadingZero(let value): return value
        case .string: return .string(text)
        case .tooLarge: report(ScalarProblem.tooLarge(text, at: place))
        case .notFinite: report(ScalarProblem.notFinite(text, at: place))
        }
        return .string(text)
    }

    private mutating func checkTag(
        _ tag: UnsafeMutablePointer<yaml_char_t>?, allowed: String, of phrase: String, at place: SourceRange
    ) {
        guard let tag = tag.map({ YAMLTreeBuilder.string($0) }), tag != "!" else { return }
        if tag == ScalarTag.prefix + allowed { return }
        if tag.hasPrefix(ScalarTag.prefix), case let word = String(tag.dropFirst(ScalarTag.prefix.utf8.count)),
            ScalarTag.words.contains(word)
        {
            report(ScalarProblem.wrongForTag(word, phrase, quoted: false, at: range(place.start, place.start + 1)))
        } else {
            report(ScalarProblem.unknownTag(tag, at: range(place.start, place.start + 1)))
        }
    }

    // MARK: Aliases

    private mutating func readAlias(_ event: UnsafePointer<yaml_event_t>, _ parser: inout YAMLEventParser) {
        let name = event.pointee.data.alias.anchor.map { YAMLTreeBuilder.string($0) } ?? ""
        let place = range(
            parser.offset(of: event.pointee.start_mark), parser.offset(of: event.pointee.end_mark))
        guard let built = anchors[name] else {
            report(unknownAnchor(name, at: place))
            let null = SpecificationNode(.scalar(Scalar(text: "", style: .plain, value: .null)), at: place)
            return add(Built(node: null), scalar: KeyScalar(isUnknown: true))
        }
        aliasedNodes += built.weight
        if aliasedNodes > YAMLReader.Bound.aliasedNodes || frames.count + built.height > YAMLReader.Bound.nesting {
            report(tooMuchRepetition(name, built, at: place))
            return stop()
        }
        if !frames.isEmpty { frames[frames.count - 1].note(end: place.end) }
        add(built, scalar: built.node.scalar == nil ? nil : KeyScalar(keyRange: place))
    }

    private func unknownAnchor(_ name: String, at place: SourceRange) -> Diagnostic {
        if frames.contains(where: { $0.anchor == name }) {
            return .error(
                "Alias inside its own anchor",
                "The alias *\(name) stands inside what the anchor &\(name) names, so that it would contain itself "
                    + "without end. Repeat a part that does not contain the alias.", at: place)
        }
        let hint = Suggestion.nearest(to: name, among: anchors.keys).map { " Did you mean *\($0)?" } ?? ""
        return .error(
            "Unknown anchor",
            "No anchor &\(name) stands before this place in the document.\(hint) An unquoted value that begins with * "
                + "is an alias: if text was meant, put it in quotes.", at: place)
    }

    private func tooMuchRepetition(_ name: String, _ built: Built, at place: SourceRange) -> Diagnostic {
        if frames.count + built.height > YAMLReader.Bound.nesting {
            return .error(
                "Nesting is too deep",
                "With what the alias *\(name) stands for, mappings and lists stand more than "
                    + "\(YAMLReader.Bound.nesting) levels inside each other. Repeat a flatter part.", at: place)
        }
        return .error(
            "Aliases repeat too much",
            "With this alias, *\(name), aliases would repeat more than \(YAMLReader.Bound.aliasedNodes) nodes. Aliases "
                + "of aliases multiply. Write a shared value once under `locals` and refer to it.", at: place)
    }

    // MARK: Places

    /// From the first byte of the node itself, behind its anchor and tag, to its end.
    private func place(
        of event: UnsafePointer<yaml_event_t>, anchor: UnsafeMutablePointer<yaml_char_t>?,
        tag: UnsafeMutablePointer<yaml_char_t>?, _ parser: inout YAMLEventParser
    ) -> SourceRange {
        let start = parser.offset(of: event.pointee.start_mark)
        let isScalar = event.pointee.type == YAML_SCALAR_EVENT
        let end = isScalar ? parser.offset(of: event.pointee.end_mark) : bytes.count
        guard anchor != nil || tag != nil else { return range(start, isScalar ? end : start) }
        let first = afterProperties(from: start, to: end)
        return range(first, isScalar ? end : first)
    }

    private func afterProperties(from start: Int, to end: Int) -> Int {
        var offset = start
        while offset < end {
            switch bytes[offset] {
            case UInt8(ascii: "&"), UInt8(ascii: "!"):
                while offset < end, !YAMLTreeBuilder.isSpace(bytes[offset]) { offset += 1 }
            case UInt8(ascii: "#"):
                while offset < end, bytes[offset] != UInt8(ascii: "\n") { offset += 1 }
            case let byte where YAMLTreeBuilder.isSpace(byte): offset += 1
            default: return offset
            }
        }
        return end
    }

    /// A block scalar's place without the empty lines after it.
    private func trimmed(_ place: SourceRange) -> SourceRange {
        var end = place.end
        while end > place.start, YAMLTreeBuilder.isSpace(bytes[end - 1]) { end -= 1 }
        return range(place.start, end)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>) -> String {
        String(decodingCString: text, as: UTF8.self)
    }

    private static func style(_ style: yaml_scalar_style_t) -> Scalar.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: .literal
        case YAML_FOLDED_SCALAR_STYLE: .folded
        default: .plain
        }
    }
}
