internal import PlumbModel

/// What stands under `sops:` in an encrypted file: who can decrypt it, by which rules, and the code that authenticates
/// it.
public struct SOPSMetadata: Sendable {
    /// The data key, encrypted for one recipient of age.
    struct WrappedKey: Sendable {
        let recipient: String
        /// An armored file of age.
        let file: String
    }

    /// Other services that can hold a data key, with the words for people.
    private static let otherServices = [
        ("kms", "AWS KMS"), ("gcp_kms", "Google Cloud KMS"), ("azure_kv", "Azure Key Vault"),
        ("hc_vault", "HashiCorp Vault"), ("hckms", "Huawei Cloud KMS"), ("pgp", "PGP"),
    ]

    let keys: [WrappedKey]
    public let rules: SOPSRules
    /// RFC 3339, in UTC; part of what the code is bound to.
    let lastModified: String
    let code: String
    /// The names of services besides age that the data key was encrypted for.
    public let otherServices: [String]
    /// Of `lastmodified` and `mac`, to be replaced in the text.
    let lastModifiedRange: SourceRange?
    let codeRange: SourceRange?
    let range: SourceRange

    /// Who can decrypt the file with age.
    public var recipients: [String] { keys.map(\.recipient) }

    /// - Parameter node: what stands under `sops`.
    init(_ node: SpecificationNode) throws(Diagnostics) {
        range = node.range
        func text(_ name: String) -> String? { node[name]?.scalar?.value.asString }
        otherServices = Self.otherServices.filter { node[$0.0]?.sequence?.isEmpty == false }.map(\.1)
        if node["key_groups"]?.sequence?.isEmpty == false {
            throw SOPSFailure.reading(
                range,
                "its key is split among several key groups (`shamir_threshold`), which is not supported. Encrypt it for one "
                    + "group: `sops groups`, or anew with `plumb secret encrypt`.")
        }
        for name in ["encrypted_comment_regex", "unencrypted_comment_regex"] where text(name)?.isEmpty == false {
            throw SOPSFailure.reading(
                range,
                "comments choose what is encrypted (`\(name)`), which is not supported. Choose by keys: `encrypted_regex`."
            )
        }
        keys = (node["age"]?.sequence ?? []).map { one in
            WrappedKey(
                recipient: one["recipient"]?.scalar?.value.asString ?? "?",
                file: one["enc"]?.scalar?.value.asString ?? "")
        }
        var choices: [SOPSRules.Choice: String] = [:]
        for choice in SOPSRules.Choice.allCases { choices[choice] = text(choice.rawValue) }
        do throws(SOPSRules.Malformed) {
            rules = try SOPSRules(
                choices, codeIsOfEncryptedOnly: node["mac_only_encrypted"]?.scalar?.value.asBool ?? false)
        } catch {
            throw SOPSFailure.reading(
                range, "\"\(error.text)\", its `\(error.choice.rawValue)`, is no regular expression.")
        }
        lastModified = text("lastmodified") ?? ""
        code = text("mac") ?? ""
        (lastModifiedRange, codeRange) = (node["lastmodified"]?.range, node["mac"]?.range)
    }
}

/// The problems of encrypted files.
enum SOPSFailure {
    static func reading(_ range: SourceRange, _ reason: String) -> Diagnostics {
        Diagnostics(
            .error(
                "Encrypted file cannot be decrypted", "\(range.file.path) is encrypted with SOPS: \(reason)",
                at: range.beginning))
    }

    static func value(_ range: SourceRange, _ keys: [String], _ reason: String) -> Diagnostics {
        Diagnostics(
            .error(
                "Encrypted value cannot be decrypted",
                "The value \"\(keys.joined(separator: "."))\" of \(range.file.path) \(reason)", at: range.beginning))
    }

    static func writing(_ range: SourceRange, _ reason: String) -> Diagnostics {
        Diagnostics(.error("File cannot be encrypted", "\(range.file.path): \(reason)", at: range.beginning))
    }
}

extension SourceRange {
    /// Up to the end of the line that it begins on.
    fileprivate var beginning: SourceRange {
        let line = file.bytes[min(start, file.bytes.count)..<min(end, file.bytes.count)].prefix { $0 != 0x0A }
        return SourceRange(file: file, start: start, end: start + line.count)
    }
}
