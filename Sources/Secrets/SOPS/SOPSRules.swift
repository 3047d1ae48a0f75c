internal import Expressions
internal import PlumbModel

/// Which values of a file are encrypted, told by the keys that lead to them.
public struct SOPSRules: Sendable, Equatable {
    /// How keys are chosen; the names are those under `sops:` and in `.sops.yaml`.
    public enum Choice: String, Sendable, CaseIterable {
        case unencryptedSuffix = "unencrypted_suffix"
        case encryptedSuffix = "encrypted_suffix"
        case unencryptedRegex = "unencrypted_regex"
        case encryptedRegex = "encrypted_regex"

        var isRegex: Bool { self == .unencryptedRegex || self == .encryptedRegex }
    }

    /// In the order in which SOPS applies them; the last that says something wins.
    public private(set) var choices: [Choice: String]
    /// Whether the authentication code leaves out what is not encrypted.
    public let codeIsOfEncryptedOnly: Bool
    private let patterns: [Choice: KeyPattern]

    /// - Parameter choices: none means that everything is encrypted but for keys that end with `_unencrypted`.
    /// - Throws: the choice whose regular expression is none.
    public init(_ choices: [Choice: String] = [:], codeIsOfEncryptedOnly: Bool = false) throws(Malformed) {
        self.choices = choices.filter { !$0.value.isEmpty }
        self.codeIsOfEncryptedOnly = codeIsOfEncryptedOnly
        var patterns: [Choice: KeyPattern] = [:]
        for (choice, text) in self.choices where choice.isRegex {
            guard let pattern = KeyPattern(text) else { throw Malformed(choice: choice, text: text) }
            patterns[choice] = pattern
        }
        self.patterns = patterns
    }

    /// What a new file gets where nobody says anything.
    public static let usual: [Choice: String] = [.unencryptedSuffix: "_unencrypted"]

    /// A regular expression that is none.
    public struct Malformed: Error {
        public let choice: Choice
        public let text: String
    }

    /// - Parameter keys: those that lead to the value, from the outside in.
    func encrypts(_ keys: [String]) -> Bool {
        var encrypts = true
        if let suffix = choices[.unencryptedSuffix], keys.contains(where: { $0.hasSuffix(suffix) }) {
            encrypts = false
        }
        if let suffix = choices[.encryptedSuffix] { encrypts = keys.contains { $0.hasSuffix(suffix) } }
        if let pattern = patterns[.unencryptedRegex], keys.contains(where: pattern.isFound) { encrypts = false }
        if let pattern = patterns[.encryptedRegex] { encrypts = keys.contains(where: pattern.isFound) }
        return encrypts
    }

    public static func == (left: SOPSRules, right: SOPSRules) -> Bool {
        left.choices == right.choices && left.codeIsOfEncryptedOnly == right.codeIsOfEncryptedOnly
    }
}
