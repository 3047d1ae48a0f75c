import PlumbModel

/// Holds the signatures of what is followed against the signers that a declaration believes.
struct SignatureCheck {
    /// What came of one signature.
    enum Verdict {
        /// Who signed.
        case good(String)
        case refused(Diagnostic)
    }

    private let signers: RepositoryDeclaration.Signers
    private let environment: [String: String]

    init(_ signers: RepositoryDeclaration.Signers, environment: [String: String]) throws(Diagnostics) {
        guard !signers.ssh.isEmpty || !signers.gpgKeyFiles.isEmpty else {
            throw Diagnostics(
                .error(
                    "No signers",
                    "Signatures are required, but no signer is named, so that none could ever be good. Name SSH keys in the "
                        + "format of allowed_signers, or files of GPG keys."))
        }
        self.signers = signers
        self.environment = environment
    }

    /// - Returns: who signed.
    /// - Throws: why none of the signatures is taken.
    func signer(of objects: [SignedObject], _ aim: FollowedAim) throws(Diagnostics) -> String {
        var refusal: Diagnostic?
        for object in objects {
            guard let signature = object.signature else { continue }
            switch try verdict(of: object, signature, named: name(of: object, aim)) {
            case .good(let signer): return signer
            case .refused(let reason): refusal = refusal ?? reason
            }
        }
        if let refusal { throw Diagnostics(refusal) }
        let what = aim.tag.map { "neither the tag \($0) nor its commit" } ?? "the commit"
        let verb = aim.tag == nil ? "is not signed" : "is signed"
        throw Diagnostics(
            .error(
                "Commit is not signed",
                "Signatures are required, and \(what) \(aim.commit.prefix(12)) \(verb). Sign it (`git commit -S`, "
                    + "`git tag -s`) with a key that the configuration trusts, and push again. What was there before stays in "
                    + "use."))
    }

    private func name(of object: SignedObject, _ aim: FollowedAim) -> String {
        switch object.kind {
        case .commit: "the commit \(aim.commit.prefix(12))"
        case .tag: "the tag \(aim.name)"
        }
    }

    private func verdict(
        of object: SignedObject, _ signature: String, named name: String
    ) throws(Diagnostics) -> Verdict {
        if signature.hasPrefix("-----BEGIN SSH SIGNATURE-----") {
            return try SSHSignatures(signers, environment: environment).verdict(of: object, signature, named: name)
        }
        if signature.hasPrefix("-----BEGIN PGP ") {
            return try GPGSignatures(signers, environment: environment).verdict(of: object, signature, named: name)
        }
        return .refused(
            .error(
                "Signature is of an unknown kind",
                "The signature of \(name) is neither SSH's nor GPG's. Sign with one of these (`git config gpg.format`)."
            ))
    }

    // MARK: Refusals

    static func mismatch(_ name: String) -> Verdict {
        .refused(
            .error(
                "Signature does not match",
                "The signature of \(name) was made over something else: what it stands under has been changed since, or the "
                    + "signature was copied. Find out who pushed it; sign and push again. What was there before stays in use."
            ))
    }

    static func stranger(_ name: String, _ key: String, _ hint: String) -> Verdict {
        .refused(
            .error(
                "Signer is not trusted",
                "\(name.capitalizedFirst) is signed with \(key), which is none of the keys that the configuration trusts. If "
                    + "its owner is to be believed, \(hint). What was there before stays in use."))
    }

    static func expired(_ name: String, _ key: String, _ words: String) -> Verdict {
        .refused(
            .error(
                "Signing key is not valid",
                "\(name.capitalizedFirst) is signed with \(key), which is trusted, but not at that time: \(words). Sign with a "
                    + "key that is valid, or prolong this one in the configuration. What was there before stays in use."
            ))
    }

    static func revoked(_ name: String, _ key: String) -> Verdict {
        .refused(
            .error(
                "Signing key was revoked",
                "\(name.capitalizedFirst) is signed with \(key), which was revoked: whoever holds it may not be its owner. Find "
                    + "out who pushed it; sign with another key. What was there before stays in use."))
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }

    /// As it is said after a colon.
    var asReason: String {
        let line = split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return line.hasSuffix(".") ? String(line.dropLast()) : line
    }
}
