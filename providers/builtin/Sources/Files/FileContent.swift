import PlumbModel
import ProviderAPI

/// Which of the three content attributes a `local_file` has, and what it says.
struct FileContent {
    enum Source: String, CaseIterable {
        case content
        case sensitiveContent = "sensitive_content"
        case base64 = "content_base64"
    }

    let source: Source
    /// Nil while the content is unknown.
    let bytes: [UInt8]?

    /// - Throws: `invalid` unless exactly one is given.
    init(_ values: Value) throws(ProviderError) {
        let given = Source.allCases.filter { !values.attribute($0.rawValue).isNull }
        guard let source = given.first, given.count == 1 else {
            let names = given.map(\.rawValue).joined(separator: " and ")
            throw ProviderError(
                .invalid,
                "A local_file has exactly one of content, sensitive_content and content_base64; "
                    + (given.isEmpty ? "none is given." : "\(names) are given."))
        }
        self.source = source
        guard let text = values.attribute(source.rawValue).asString else {
            bytes = nil
            return
        }
        guard source == .base64 else {
            bytes = Array(text.utf8)
            return
        }
        guard let decoded = Base64.decode(text) else {
            throw ProviderError(
                .invalid, "content_base64 is no valid base64 (RFC 4648, standard alphabet, with padding).")
        }
        bytes = decoded
    }

    /// What `file_mode` is where the spec gives none.
    var defaultMode: String { source == .sensitiveContent ? "0600" : "0644" }

    /// The digests as attributes: null for sensitive content, whose hash could give a short secret away, and unknown
    /// while the content is.
    var digests: [(String, Value)] {
        guard source != .sensitiveContent else { return ContentDigests.schema.map { ($0.name, .null) } }
        guard let bytes else { return ContentDigests.schema.map { ($0.name, .unknown(.string)) } }
        return ContentDigests(bytes).attributes
    }
}

/// What a file holds now: all of it where it is short, its digests in any case.
struct LiveContent {
    private(set) var bytes: [UInt8] = []
    private(set) var size = 0
    private(set) var digests = ContentDigests()
    private let limit: Int

    /// Files up to this size are shown in a plan, and kept in the state, when they differ from what is recorded.
    static let shownSize = 256 * 1024

    /// Nil where there is no file.
    init?(_ place: FilePlace, limit: Int = shownSize) throws(ProviderError) {
        var content = LiveContent(limit: limit)
        guard try place.read({ content.add($0) }) else { return nil }
        self = content
    }

    private init(limit: Int) { self.limit = limit }

    private mutating func add(_ piece: UnsafeRawBufferPointer) {
        size += piece.count
        digests.add(piece)
        if isWhole { bytes.append(contentsOf: piece) } else { bytes = [] }
    }

    /// Whether `bytes` is all of it.
    var isWhole: Bool { size <= limit }

    /// The content as text, if it is text and short enough.
    var text: String? { isWhole ? String(validating: bytes, as: UTF8.self) : nil }

    /// The content the way the attribute holds it, or, where that cannot be, a line that says what is there.
    func value(_ source: FileContent.Source) -> Value {
        if source == .base64, isWhole { return .string(Base64.encode(bytes)) }
        if source != .base64, let text { return .string(text) }
        return .string("(\(isWhole ? "binary" : "large") file of \(size) bytes, SHA-256 \(digests.sha256Hex))")
    }

    func matches(_ other: [UInt8]) -> Bool {
        isWhole ? bytes == other : size == other.count && digests.sha256Hex == ContentDigests(other).sha256Hex
    }
}
