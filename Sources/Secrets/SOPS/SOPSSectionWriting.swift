public import PlumbModel

/// Writes what stands under `sops:`, in the form that SOPS has for it.
struct SOPSSectionWriting {
    /// Of the form.
    static let version = "3.11.0"

    let keys: [SOPSMetadata.WrappedKey]
    let rules: SOPSRules
    let mac: String
    let moment: String

    private var facts: [(name: String, value: String)] {
        var facts = [("lastmodified", moment), ("mac", mac)]
        for choice in SOPSRules.Choice.allCases {
            if let text = rules.choices[choice] { facts.append((choice.rawValue, text)) }
        }
        return facts + [("version", Self.version)]
    }

    var yaml: String {
        var text = "    age:\n"
        for key in keys {
            text += "        - recipient: \(key.recipient)\n          enc: |\n"
            for line in key.file.split(separator: "\n") { text += "            \(line)\n" }
        }
        for (name, value) in facts {
            text += "    \(name): \(name == "mac" || name == "version" ? value : ScalarWriting.quoted(value))\n"
        }
        return text + (rules.codeIsOfEncryptedOnly ? "    mac_only_encrypted: true\n" : "")
    }

    var json: String {
        let keys = keys.map { key in
            "\t\t\t{\n\t\t\t\t\"recipient\": \(ScalarWriting.quoted(key.recipient)),\n"
                + "\t\t\t\t\"enc\": \(ScalarWriting.quoted(key.file))\n\t\t\t}"
        }
        var parts = ["\t\t\"age\": [\n" + keys.joined(separator: ",\n") + "\n\t\t]"]
        parts += facts.map { "\t\t\"\($0.name)\": \(ScalarWriting.quoted($0.value))" }
        if rules.codeIsOfEncryptedOnly { parts.append("\t\t\"mac_only_encrypted\": true") }
        return "{\n" + parts.joined(separator: ",\n") + "\n\t}"
    }
}

extension SOPSMetadata {
    /// The text of the section with another code.
    func text(mac: String, moment: String, isFlow: Bool) -> String {
        var edits: [TextEdit] = []
        if let place = codeRange {
            edits.append(TextEdit(range: place.start..<place.end, text: isFlow ? "\"\(mac)\"" : mac))
        }
        if let place = lastModifiedRange {
            edits.append(TextEdit(range: place.start..<place.end, text: "\"\(moment)\""))
        }
        let bytes = range.file.bytes
        // From the beginning of the line, whose indentation is part of the section.
        var start = range.start
        if !isFlow { while start > 0, bytes[start - 1] == 0x20 { start -= 1 } }
        let shifted = edits.map {
            TextEdit(range: ($0.range.lowerBound - start)..<($0.range.upperBound - start), text: $0.text)
        }
        let text = String(decoding: TextEdit.apply(shifted, to: Array(bytes[start..<range.end])), as: UTF8.self)
        return isFlow ? text : text + "\n"
    }

    /// The key of what another service can decrypt cannot be given to that service anew here.
    public func throwIfOthersHoldTheKey() throws(Diagnostics) {
        guard !otherServices.isEmpty else { return }
        throw SOPSFailure.writing(
            range,
            "its key is also with \(otherServices.joined(separator: ", ")), which are not asked here. Change who can decrypt "
                + "it with sops itself; `plumb secret edit` keeps them.")
    }
}
