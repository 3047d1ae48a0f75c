public import Age
public import PlumbModel

/// Writes encrypted files: replaces the values and comments of a clear text, and lets its layout stand.
public struct SOPSWriter: Sendable {
    private let key: [UInt8]
    private let rules: SOPSRules
    /// What the file was before: whatever is unchanged keeps its encrypted form, so that a change shows as what it is.
    private let before: SealedForms
    private let section: Section

    private enum Section: Sendable {
        case new([SOPSMetadata.WrappedKey])
        /// With its text, in which only the code and its time are replaced.
        case kept(SOPSMetadata)
    }

    /// For a file that is new, or gets a new key.
    ///
    /// - Parameter recipients: of age, as text.
    public init(recipients: [String], rules: SOPSRules) throws(AgeError) {
        key = SOPSDataKey.make()
        self.rules = rules
        before = SealedForms()
        section = .new(try SOPSDataKey.wrap(key, for: recipients))
    }

    /// For a file that was encrypted before, with the key it has.
    public init(replacing file: SOPSFile, with identities: [AgeIdentity]) throws(Diagnostics) {
        key = try SOPSDataKey.unwrap(file.metadata, with: identities)
        rules = file.metadata.rules
        before = try SealedForms(of: file, SOPSCipher(key: key))
        section = .kept(file.metadata)
    }

    /// For a file that keeps its values and gets other recipients.
    public init(replacing file: SOPSFile, with identities: [AgeIdentity], recipients: [String]) throws(Diagnostics) {
        try file.metadata.throwIfOthersHoldTheKey()
        key = try SOPSDataKey.unwrap(file.metadata, with: identities)
        rules = file.metadata.rules
        before = try SealedForms(of: file, SOPSCipher(key: key))
        do throws(AgeError) {
            section = .new(try SOPSDataKey.wrap(key, for: recipients))
        } catch {
            throw SOPSFailure.writing(file.metadata.range, error.message)
        }
    }

    /// - Parameters:
    ///   - document: the clear file, which is one mapping.
    ///   - moment: now, in RFC 3339 and UTC, without fractions of seconds.
    public func encrypt(_ document: SpecificationNode, at moment: String) throws(Diagnostics) -> [UInt8] {
        guard let entries = document.mapping, !entries.isEmpty else {
            throw SOPSFailure.writing(
                document.range, "SOPS encrypts the values of a mapping (`name: value`), and here is \(document.phrase)."
            )
        }
        if let sops = entries.first(where: { $0.key == "sops" }) {
            throw SOPSFailure.writing(
                sops.keyRange, "it has a key `sops`, so that it is encrypted already: `plumb secret edit` changes it.")
        }
        let cipher = SOPSCipher(key: key)
        let layout = try TextLayout(document)
        var edits: [TextEdit] = []
        var code = SOPSCode(rules)
        var forms = before
        for leaf in layout.leaves {
            guard let plain = plain(leaf) else {
                code.add(open: leaf.scalar)
                continue
            }
            code.add(encrypted: plain.text)
            let place = SOPSCipher.place(leaf.keys)
            let sealed = forms.take(plain, place) ?? cipher.seal(plain.text, plain.kind, at: place)
            edits.append(TextEdit(range: leaf.range, text: leaf.isInFlow ? "\"\(sealed)\"" : sealed))
        }
        for comment in layout.comments where rules.encrypts(comment.keys) && !comment.range.isEmpty {
            let text = String(decoding: document.range.file.bytes[comment.range], as: UTF8.self)
            let place = SOPSCipher.place(comment.keys)
            let plain = SOPSCipher.Opened(kind: .comment, text: text)
            let sealed = forms.take(plain, place) ?? cipher.seal(text, .comment, at: place)
            edits.append(TextEdit(range: comment.range, text: sealed))
        }
        let mac = cipher.seal(code.text, .string, at: moment)
        edits.append(try insertion(document, entries, mac, moment))
        return TextEdit.apply(edits, to: document.range.file.bytes)
    }

    /// What is sealed of a value; nil where it stays as it is.
    private func plain(_ leaf: TextLayout.Leaf) -> SOPSCipher.Opened? {
        // SOPS leaves what is empty as it is.
        guard rules.encrypts(leaf.keys), !leaf.scalar.value.isNull, !leaf.scalar.text.isEmpty else { return nil }
        let value = leaf.scalar.value
        if let flag = value.asBool { return .init(kind: .bool, text: flag ? "True" : "False") }
        switch value.asNumber {
        case .integer(let whole)?: return .init(kind: .integer, text: String(whole))
        case .double(let number)?: return .init(kind: .float, text: GoScalar.digits(number))
        case nil: return .init(kind: .string, text: leaf.scalar.text)
        }
    }

    // MARK: - The section `sops`

    private func insertion(
        _ document: SpecificationNode, _ entries: [SpecificationNode.Entry], _ mac: String, _ moment: String
    ) throws(Diagnostics) -> TextEdit {
        let bytes = document.range.file.bytes
        let isFlow = bytes[document.range.start] == UInt8(ascii: "{")
        let content: String
        switch section {
        case .new(let keys):
            let writing = SOPSSectionWriting(keys: keys, rules: rules, mac: mac, moment: moment)
            content = isFlow ? writing.json : writing.yaml
        case .kept(let metadata): content = metadata.text(mac: mac, moment: moment, isFlow: isFlow)
        }
        if isFlow {
            guard let last = entries.last else { preconditionFailure("a mapping without entries was refused") }
            return TextEdit(range: last.value.range.end..<last.value.range.end, text: ",\n\t\"sops\": " + content)
        }
        guard bytes[..<document.range.start].last ?? 0x0A == 0x0A else {
            throw SOPSFailure.writing(
                document.range, "its mapping does not begin at the beginning of a line. Write it without indentation.")
        }
        let rest = bytes[document.range.end...]
        if let end = rest.indices.first(where: { rest[$0...].starts(with: "\n...".utf8) }) {
            throw SOPSFailure.writing(
                SourceRange(file: document.range.file, start: end + 1, end: end + 4),
                "the document is ended by `...`, which leaves no place for the section `sops`. Remove that line.")
        }
        let lineEnd = bytes.last == 0x0A ? "" : "\n"
        return TextEdit(range: bytes.count..<bytes.count, text: lineEnd + "sops:\n" + content)
    }
}

/// The encrypted forms that the values and comments of a file have, by what they hold and where.
struct SealedForms: Sendable {
    private struct Key: Hashable {
        let place: String
        let kind: String
        let text: String
    }

    private var forms: [Key: [String]] = [:]

    init() {}

    init(of file: SOPSFile, _ cipher: SOPSCipher) throws(Diagnostics) {
        let layout = try file.layout()
        for leaf in layout.leaves where SOPSCipher.isSealed(leaf.scalar.text) {
            add(leaf.scalar.text, SOPSCipher.place(leaf.keys), cipher)
        }
        for comment in layout.comments {
            let text = String(decoding: file.root.range.file.bytes[comment.range], as: UTF8.self)
            if SOPSCipher.isSealed(text) { add(text, SOPSCipher.place(comment.keys), cipher) }
        }
        // Taken from the end, in the order of the file.
        for key in forms.keys { forms[key]?.reverse() }
    }

    private mutating func add(_ sealed: String, _ place: String, _ cipher: SOPSCipher) {
        guard let opened = try? cipher.open(sealed, at: place) else { return }
        forms[Key(place: place, kind: opened.kind.family, text: opened.text), default: []].append(sealed)
    }

    mutating func take(_ plain: SOPSCipher.Opened, _ place: String) -> String? {
        forms[Key(place: place, kind: plain.kind.family, text: plain.text)]?.popLast()
    }
}

extension SOPSCipher.Kind {
    /// What cannot be told apart once it stands in the clear: SOPS has types that a text does not show.
    fileprivate var family: String {
        switch self {
        case .integer, .float: "number"
        case .string, .time, .bytes: "text"
        case .bool, .comment: rawValue
        }
    }
}

/// A part of a text that is replaced.
struct TextEdit {
    let range: Range<Int>
    let text: String

    /// - Parameter edits: none of which overlap.
    static func apply(_ edits: [TextEdit], to bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var offset = 0
        for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            result += bytes[offset..<edit.range.lowerBound]
            result += edit.text.utf8
            offset = edit.range.upperBound
        }
        return result + bytes[offset...]
    }
}
