import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Checks SSH signatures with OpenSSH's own `ssh-keygen`, which alone knows all of `allowed_signers`: patterns, validity,
/// namespaces, authorities, keys on security tokens.
///
/// A key must be valid at the time that the signed object gives, as in Git, so that old commits stay good when a key ends.
/// A key that was stolen is therefore to be removed or revoked, not only to be let expire.
struct SSHSignatures {
    private static let package = "OpenSSH's client programs"

    private let signers: RepositoryDeclaration.Signers
    private let run: ToolRun

    init(_ signers: RepositoryDeclaration.Signers, environment: [String: String]) throws(Diagnostics) {
        self.signers = signers
        run = try ToolRun(environment: environment)
    }

    func verdict(
        of object: SignedObject, _ signature: String, named name: String
    ) throws(Diagnostics) -> SignatureCheck.Verdict {
        let payload = try run.write("payload", object.payload)
        let file = try run.write("signature", Array(signature.utf8))
        let sound = try keygen(["check-novalidate", "-n", "git", "-s", file], input: payload)
        guard sound.status == 0 else { return SignatureCheck.mismatch(name) }
        let key = Self.key(in: sound.output)
        let allowed = try run.write("allowed_signers", Array((signers.ssh.joined(separator: "\n") + "\n").utf8))
        let time = "verify-time=" + Self.instant(object.madeAt)
        let known = try keygen(["find-principals", "-f", allowed, "-s", file, "-O", time], input: nil)
        let principals = known.output.split(whereSeparator: \.isNewline).map(String.init)
        guard known.status == 0, !principals.isEmpty else { return refusal(name, key, known.problems) }
        var words = known.problems
        for principal in principals {
            let claim = ["verify", "-f", allowed, "-I", principal, "-n", "git", "-s", file, "-O", time]
            let verified = try keygen(claim, input: payload)
            guard verified.status == 0 else {
                words += verified.problems
                continue
            }
            guard !signers.revokedSSH.isEmpty else { return .good(principal) }
            let revoked = try run.write("revoked", Array((signers.revokedSSH.joined(separator: "\n") + "\n").utf8))
            let isGood = try keygen(claim + ["-r", revoked], input: payload).status == 0
            return isGood ? .good(principal) : SignatureCheck.revoked(name, key)
        }
        return refusal(name, key, words)
    }

    private func refusal(_ name: String, _ key: String, _ words: String) -> SignatureCheck.Verdict {
        let lines = words.split(whereSeparator: \.isNewline).map(String.init)
        let validity = lines.first { $0.contains("expired") || $0.contains("not yet valid") }
        if let validity { return SignatureCheck.expired(name, key, reason(validity)) }
        let other = lines.first { $0.contains("allowed_signers:") }.map { " (ssh-keygen says: \(reason($0)))" } ?? ""
        return SignatureCheck.stranger(
            name, key, "add a line with the public key to the allowed signers, for the namespace git\(other)")
    }

    /// Without the name of our own file.
    private func reason(_ line: String) -> String {
        line.replacing(run.folder + "/", with: "").asReason
    }

    private func keygen(_ words: [String], input: String?) throws(Diagnostics) -> ToolRun.Result {
        try run.run(["ssh-keygen", "-Y"] + words, input: input, package: Self.package)
    }

    /// `Good "git" signature with ED25519 key SHA256:…`
    private static func key(in output: String) -> String {
        guard let mark = output.firstRange(of: " with ") else { return "a key" }
        return "the " + String(output[mark.upperBound...]).asReason
    }

    /// `20260131235959`, in UTC.
    private static func instant(_ seconds: Double) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        let numbers = [
            (Int(parts.tm_year) + 1900, 4), (Int(parts.tm_mon) + 1, 2), (Int(parts.tm_mday), 2),
            (Int(parts.tm_hour), 2),
            (Int(parts.tm_min), 2), (Int(parts.tm_sec), 2),
        ]
        return numbers.map { number, width in
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }.joined()
    }
}
