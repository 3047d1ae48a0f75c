import PlumbModel

/// A line of OpenSSH's `allowed_signers`: whose key it is, options, the key's kind, and the key.
///
/// `ssh-keygen` passes over lines that it cannot read, so that a slip of the pen would only show when a commit is refused.
enum AllowedSigner {
    private static let kinds = [
        "ssh-ed25519", "ssh-rsa", "ssh-dss", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ]

    /// Why the text is none, such as "it has no key"; nil where it may be one. Empty lines and comments are passed over.
    static func problem(with text: String) -> String? {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " || $0 == "\t" } }
        let signers = lines.filter { !$0.isEmpty && !$0.hasPrefix("#") }
        if signers.isEmpty { return "it names nobody" }
        for signer in signers {
            if let problem = problem(withLine: signer) { return problem }
        }
        return nil
    }

    private static func problem(withLine line: Substring) -> String? {
        let words = line.split { $0 == " " || $0 == "\t" }
        guard let place = words.firstIndex(where: { kinds.contains(String($0)) }) else {
            return "it has no public key, such as `ssh-ed25519 AAAA…`, after the name"
        }
        if place == 0 { return "it begins with the key; whose it is stands before that" }
        guard place + 1 < words.count else { return "nothing stands after `\(words[place])`" }
        return isKey(words[place + 1], of: words[place])
            ? nil : "what stands after `\(words[place])` is no such key in base64"
    }

    /// A key begins with its kind: four bytes of its length, and the name.
    private static func isKey(_ text: Substring, of kind: Substring) -> Bool {
        let start = base64([0, 0, 0, UInt8(truncatingIfNeeded: kind.utf8.count)] + Array(kind.utf8))
        let bare = text.utf8.prefix { $0 != UInt8(ascii: "=") }
        return text.utf8.count % 4 == 0 && text.utf8.count - bare.count <= 2 && bare.count > start.count + 8
            && bare.allSatisfy { alphabet.contains($0) } && bare.starts(with: start)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Of the whole groups of three bytes; what follows in the key changes the rest.
    private static func base64(_ bytes: [UInt8]) -> [UInt8] {
        stride(from: 0, to: bytes.count / 3 * 3, by: 3).flatMap { index in
            let group = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
            return [18, 12, 6, 0].map { alphabet[group >> $0 & 63] }
        }
    }
}
