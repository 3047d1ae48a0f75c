internal import Expressions
internal import Loading
internal import PlumbModel
internal import SOPS

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// For whom a file is encrypted, and which of its values.
struct EncryptionRules {
    var recipients: [String]
    /// Nil where nobody says which.
    var rules: SOPSRules?
    /// Where it stands, for people.
    var origin: String
}

/// Finds the rules for a file in `.sops.yaml`, in its folder or the nearest one around it.
struct EncryptionRuleFinder {
    private static let name = ".sops.yaml"
    /// Key services that are none of ours, as a rule names them.
    private static let otherServices = [
        "kms", "gcp_kms", "azure_keyvault", "hc_vault_transit_uri", "hckms", "pgp",
    ]

    /// - Parameter path: of the file, which need not exist.
    /// - Returns: nil where no rule is for it.
    static func find(for path: String) throws(Diagnostics) -> EncryptionRules? {
        let absolute = URL(filePath: path).standardizedFileURL.path
        var folder = absolute
        while let slash = folder.lastIndex(of: "/") {
            folder = String(folder[..<slash])
            let place = folder + "/" + name
            guard FileManager.default.fileExists(atPath: place) else { continue }
            return try read(place, for: String(absolute.dropFirst(folder.count + 1)))
        }
        return nil
    }

    private static func read(_ place: String, for relative: String) throws(Diagnostics) -> EncryptionRules? {
        guard let data = FileManager.default.contents(atPath: place) else {
            throw Diagnostics(.error("Encryption rules cannot be read", "\(place) cannot be read. Check your rights."))
        }
        let documents = try YAMLReader.read(SourceFile(path: place, bytes: Array(data)))
        let rules = documents.first?["creation_rules"]?.sequence ?? []
        for rule in rules {
            if let node = rule["path_regex"], let text = node.scalar?.text, !text.isEmpty {
                guard let pattern = KeyPattern(text) else {
                    throw malformed("`path_regex` is no regular expression.", node)
                }
                guard pattern.isFound(in: relative) else { continue }
            }
            return try encryption(rule, place)
        }
        return nil
    }

    private static func encryption(
        _ rule: SpecificationNode, _ place: String
    ) throws(Diagnostics) -> EncryptionRules {
        var holder = rule
        if let groups = rule["key_groups"]?.sequence, !groups.isEmpty {
            guard groups.count == 1 else {
                throw malformed("several `key_groups` split the key, which is not supported. Keep one.", rule)
            }
            holder = groups[0]
        }
        for service in otherServices where !isEmpty(holder[service]) || !isEmpty(rule[service]) {
            throw malformed(
                "the rule names `\(service)`, and only age is used here. Give the recipients with --recipient, or use sops for "
                    + "this file.", rule)
        }
        var choices: [SOPSRules.Choice: String] = [:]
        for choice in SOPSRules.Choice.allCases { choices[choice] = rule[choice.rawValue]?.scalar?.text }
        do throws(SOPSRules.Malformed) {
            return EncryptionRules(
                recipients: recipients(holder["age"]),
                rules: try SOPSRules(
                    choices.isEmpty ? SOPSRules.usual : choices,
                    codeIsOfEncryptedOnly: rule["mac_only_encrypted"]?.scalar?.value.asBool ?? false),
                origin: place)
        } catch {
            throw malformed("`\(error.choice.rawValue)` is no regular expression.", rule)
        }
    }

    private static func isEmpty(_ node: SpecificationNode?) -> Bool {
        switch node?.content {
        case nil: true
        case .scalar(let scalar): scalar.text.isEmpty
        case .sequence(let nodes): nodes.isEmpty
        case .mapping(let entries): entries.isEmpty
        }
    }

    /// A list, or one text with commas.
    private static func recipients(_ node: SpecificationNode?) -> [String] {
        if let list = node?.sequence { return list.compactMap { $0.scalar?.text } }
        return split(node?.scalar?.text ?? "")
    }

    static func split(_ text: String) -> [String] {
        text.split { $0 == "," || $0.isWhitespace }.map(String.init)
    }

    private static func malformed(_ reason: String, _ node: SpecificationNode) -> Diagnostics {
        Diagnostics(
            .error("Encryption rules cannot be used", "A rule of \(node.range.file.path): \(reason)", at: node.range))
    }
}
