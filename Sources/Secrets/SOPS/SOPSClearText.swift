public import Age
public import PlumbModel

extension SOPSFile {
    /// The text of the file without encryption: values and comments in the clear, all else as it stands.
    ///
    /// - Throws: also where the authentication code does not fit.
    public func clearText(with identities: [AgeIdentity]) throws(Diagnostics) -> [UInt8] {
        let cipher = SOPSCipher(key: try SOPSDataKey.unwrap(metadata, with: identities))
        _ = try decrypt(cipher)
        let bytes = root.range.file.bytes
        let layout = try layout()
        let removed = sectionRange
        var edits = [TextEdit(range: removed, text: "")]
        for leaf in layout.leaves where metadata.rules.encrypts(leaf.keys) {
            guard let opened = try? cipher.open(leaf.scalar.text, at: SOPSCipher.place(leaf.keys)) else { continue }
            let writing = ScalarWriting(isInFlow: leaf.isInFlow, column: leaf.column)
            edits.append(TextEdit(range: leaf.range, text: writing.text(opened)))
        }
        for comment in layout.comments {
            let text = String(decoding: bytes[comment.range], as: UTF8.self)
            // One that was not encrypted, or that stood elsewhere before, is no reason to refuse the values.
            guard let opened = open(comment: text, comment.keys, cipher) else { continue }
            edits.append(TextEdit(range: comment.range, text: opened))
        }
        return TextEdit.apply(edits, to: bytes)
    }

    /// Of the values alone, without the section `sops`.
    func layout() throws(Diagnostics) -> TextLayout {
        let section = root.mapping?.first { $0.key == "sops" }
        return try TextLayout(
            SpecificationNode(.mapping(entries), at: root.range),
            without: section.map { $0.keyRange.start..<$0.value.range.end })
    }

    /// SOPS counts a comment between two collections now to one of them, now to the other.
    private func open(comment text: String, _ keys: [String], _ cipher: SOPSCipher) -> String? {
        guard SOPSCipher.isSealed(text) else { return nil }
        for count in stride(from: keys.count, through: 0, by: -1) {
            if let opened = try? cipher.open(text, at: SOPSCipher.place(Array(keys.prefix(count)))) {
                return opened.text
            }
        }
        return nil
    }

    /// The entry `sops` with what separates it from the others.
    private var sectionRange: Range<Int> {
        let bytes = root.range.file.bytes
        guard let index = root.mapping?.firstIndex(where: { $0.key == "sops" }), let all = root.mapping else {
            preconditionFailure("an encrypted file has a section `sops`")
        }
        let entry = all[index]
        guard bytes[root.range.start] == UInt8(ascii: "{") else {
            let start = entry.keyRange.start
            let next = bytes[entry.value.range.end...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
            return start..<max(start, next)
        }
        if index > 0 { return all[index - 1].value.range.end..<entry.value.range.end }
        return entry.keyRange.start..<(all.count > 1 ? all[1].keyRange.start : entry.value.range.end)
    }
}
