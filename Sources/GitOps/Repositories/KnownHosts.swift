import CLibGit2
import Crypto
import PlumbModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The host keys that a file in the format of OpenSSH's `known_hosts` trusts.
struct KnownHosts {
    private struct Line {
        let isRevoked: Bool
        /// As written: patterns with commas between them, or a hash.
        let hosts: Substring
        let type: Substring
        let key: Data
    }

    private let file: String
    private let lines: [Line]

    init(file: String) throws(Diagnostics) {
        self.file = file
        guard let data = try? Data(contentsOf: URL(filePath: file)) else {
            throw Diagnostics(
                .error(
                    "Git credentials cannot be read",
                    "The file of known hosts \(file) cannot be read. `ssh-keyscan HOST` prints what belongs into it; compare "
                        + "that with what the server's operator publishes."))
        }
        lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).compactMap { Self.line($0) }
    }

    private static func line(_ text: Substring) -> Line? {
        var words = text.split { $0 == " " || $0 == "\t" }
        guard let first = words.first, !first.hasPrefix("#") else { return nil }
        // Keys of authorities sign others; libssh2 knows no host certificates.
        guard first != "@cert-authority" else { return nil }
        let isRevoked = first == "@revoked"
        if isRevoked { words.removeFirst() }
        guard words.count >= 3, let key = Data(base64Encoded: String(words[2])) else { return nil }
        return Line(isRevoked: isRevoked, hosts: words[0], type: words[1], key: key)
    }

    /// Why a server's key is not trusted; nil where it is.
    func objection(to certificate: UnsafeMutablePointer<git_cert>, of address: RemoteAddress) -> String? {
        let shown = certificate.withMemoryRebound(to: git_cert_hostkey.self, capacity: 1) { certificate -> Data? in
            let host = certificate.pointee
            guard host.type.rawValue & GIT_CERT_SSH_RAW.rawValue != 0, let key = host.hostkey else { return nil }
            return Data(bytes: key, count: host.hostkey_len)
        }
        guard let shown else { return "The server's host key is of a kind that cannot be compared with \(file)." }
        let name = address.knownHostName
        let known = lines.filter { Self.matches($0.hosts, name) }
        if known.contains(where: { $0.isRevoked && $0.key == shown }) {
            return
                "\(file) says that the host key of \(name) is revoked: somebody who holds it may pretend to be the server."
        }
        let trusted = known.filter { !$0.isRevoked }
        if trusted.contains(where: { $0.key == shown }) { return nil }
        let type = Self.type(of: shown)
        let fingerprint = "SHA256:" + Data(SHA256.hash(data: shown)).base64EncodedString().prefix { $0 != "=" }
        if trusted.contains(where: { $0.type == type }) {
            return
                "The host key of \(name) is another one than \(file) has. Somebody may pretend to be the server; or its key "
                + "was exchanged: compare \(fingerprint) (\(type)) with what its operator publishes before you change the file."
        }
        return
            "\(file) has no key of the type \(type) for \(name). Compare \(fingerprint) with what the server's operator "
            + "publishes, then take it in with `ssh-keyscan \(address.scanArguments) >> \(file)`."
    }

    /// The text that a key in the wire format begins with.
    private static func type(of key: Data) -> String {
        let bytes = [UInt8](key)
        guard bytes.count > 4 else { return "unknown" }
        let length = bytes[..<4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= 64, bytes.count >= 4 + length else { return "unknown" }
        return String(decoding: bytes[4..<(4 + length)], as: UTF8.self)
    }

    private static func matches(_ hosts: Substring, _ name: String) -> Bool {
        if hosts.hasPrefix("|1|") {
            let parts = hosts.split(separator: "|").map(String.init)
            guard parts.count == 3, let salt = Data(base64Encoded: parts[1]), let hash = Data(base64Encoded: parts[2])
            else { return false }
            let code = HMAC<Insecure.SHA1>.authenticationCode(for: Data(name.utf8), using: SymmetricKey(data: salt))
            return Data(code) == hash
        }
        var isMeant = false
        for pattern in hosts.split(separator: ",") {
            let isNegated = pattern.hasPrefix("!")
            let text = Array((isNegated ? pattern.dropFirst() : pattern).lowercased().utf8)
            guard matches(Array(name.utf8)[...], text[...]) else { continue }
            if isNegated { return false }
            isMeant = true
        }
        return isMeant
    }

    /// With `*` and `?`; brackets stand for themselves.
    private static func matches(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        var (name, pattern) = (name, pattern)
        var resume: (name: ArraySlice<UInt8>, pattern: ArraySlice<UInt8>)?
        while let byte = name.first {
            if pattern.first == UInt8(ascii: "*") {
                resume = (name, pattern.dropFirst())
                pattern = pattern.dropFirst()
            } else if let wanted = pattern.first, wanted == UInt8(ascii: "?") || wanted == byte {
                name = name.dropFirst()
                pattern = pattern.dropFirst()
            } else if let last = resume {
                name = last.name.dropFirst()
                pattern = last.pattern
                resume = (name, pattern)
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

extension RemoteAddress {
    private var parts: (host: String, port: String?) {
        guard let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") else { return (host, nil) }
        return (String(host[..<colon]), String(host[host.index(after: colon)...]))
    }

    /// As `known_hosts` names a server: `git.example.org`, `[git.example.org]:2222`.
    fileprivate var knownHostName: String {
        let (name, port) = parts
        let bare = name.hasPrefix("[") ? String(name.dropFirst().prefix { $0 != "]" }) : name
        guard let port, port != "22" else { return bare.lowercased() }
        return "[\(bare.lowercased())]:\(port)"
    }

    fileprivate var scanArguments: String {
        let (name, port) = parts
        let bare = name.hasPrefix("[") ? String(name.dropFirst().prefix { $0 != "]" }) : name
        return port.map { "-p \($0) \(bare)" } ?? bare
    }
}
