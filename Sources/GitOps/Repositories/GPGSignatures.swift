import PlumbModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Checks GPG signatures with `gpg` itself, which is given a home of its own with the declared keys alone: what the user's
/// keyring believes counts for nothing.
struct GPGSignatures {
    private static let package = "GnuPG"

    private let signers: RepositoryDeclaration.Signers
    private let run: ToolRun

    init(_ signers: RepositoryDeclaration.Signers, environment: [String: String]) throws(Diagnostics) {
        self.signers = signers
        run = try ToolRun(environment: environment)
    }

    func verdict(
        of object: SignedObject, _ signature: String, named name: String
    ) throws(Diagnostics) -> SignatureCheck.Verdict {
        for (index, file) in signers.gpgKeyFiles.enumerated() { try take(file, index) }
        let payload = try run.write("payload", object.payload)
        let signed = try run.write("signature.asc", Array(signature.utf8))
        let words = ["--status-fd", "1", "--trust-model", "always", "--verify", signed, payload]
        let status = try gpg(words).output.split(whereSeparator: \.isNewline).compactMap { line -> [String]? in
            line.hasPrefix("[GNUPG:] ") ? line.dropFirst(9).split(separator: " ").map(String.init) : nil
        }
        return Self.verdict(status, named: name)
    }

    private static func verdict(_ status: [[String]], named name: String) -> SignatureCheck.Verdict {
        let results = status.filter {
            ["GOODSIG", "BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG"].contains($0.first ?? "")
        }
        // Where several were put together, one good one must not speak for the others.
        guard results.count == 1, let result = results.first, result.count > 1 else {
            return SignatureCheck.mismatch(name)
        }
        let key = "the GPG key \(result[1])"
        switch result[0] {
        case "GOODSIG" where status.contains { $0.first == "VALIDSIG" }:
            return .good(result.count > 2 ? result.dropFirst(2).joined(separator: " ") : result[1])
        case "EXPKEYSIG": return SignatureCheck.expired(name, key, "it has expired")
        case "EXPSIG": return SignatureCheck.expired(name, key, "the signature itself has expired")
        case "REVKEYSIG": return SignatureCheck.revoked(name, key)
        case "ERRSIG" where status.contains { $0.first == "NO_PUBKEY" }:
            return SignatureCheck.stranger(
                name, key, "add the file of the public key (`gpg --armor --export`) to the configuration")
        case "ERRSIG":
            return .refused(
                .error(
                    "Signature is of an unknown kind",
                    "The signature of \(name) is of an algorithm that gpg does not know here. Sign with a usual key, or install "
                        + "a newer GnuPG."))
        default: return SignatureCheck.mismatch(name)
        }
    }

    private func take(_ file: String, _ index: Int) throws(Diagnostics) {
        guard let data = try? Data(contentsOf: URL(filePath: file)) else {
            throw Diagnostics(
                .error(
                    "Signers cannot be read",
                    "The file of GPG keys \(file) cannot be read. Put the public key there with `gpg --armor --export`."
                ))
        }
        let copy = try run.write("key-\(index)", [UInt8](data))
        let taken = try gpg(["--import", copy])
        guard taken.status == 0 else {
            throw Diagnostics(
                .error(
                    "Signers cannot be read",
                    "gpg does not take \(file) for public keys: \(taken.problems.asReason). Make the file anew with "
                        + "`gpg --armor --export`."))
        }
    }

    private func gpg(_ words: [String]) throws(Diagnostics) -> ToolRun.Result {
        try run.run(
            ["gpg", "--batch", "--no-tty", "--no-autostart", "--no-auto-key-retrieve", "--homedir", run.folder] + words,
            package: Self.package)
    }
}
