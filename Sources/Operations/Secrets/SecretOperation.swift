internal import Age
internal import Loading
public import PlumbModel
internal import SOPS

/// `plumb secret`: encrypts and decrypts files, in the formats of SOPS (values of YAML and JSON) and of age (whole files).
public struct SecretOperation: Sendable {
    public enum Form: String, Sendable, CaseIterable { case sops, age }

    /// How a file is to be encrypted, as far as the command line says.
    public struct Options: Sendable {
        /// Of age; none: `SOPS_AGE_RECIPIENTS`, then the rules in `.sops.yaml`.
        public var recipients: [String] = []
        /// Encrypts for whoever knows a passphrase, and for nobody else.
        public var usesPassphrase = false
        /// Nil: YAML and JSON as SOPS does, all else as age does.
        public var form: Form?
        /// By the names that SOPS has: `encrypted_regex`, …
        public var choices: [String: String] = [:]
        public var codeIsOfEncryptedOnly = false
        /// Whether an age file is text.
        public var isArmored = true

        public init() {}
    }

    let environment: [String: String]

    public init(environment: [String: String]) { self.environment = environment }

    /// The whole of a file.
    public static func read(_ path: String) async throws(Diagnostics) -> [UInt8] {
        try await BlockingWork.run { () throws(Diagnostics) in
            guard let bytes = try SecretEditing.read(path) else {
                throw Diagnostics(.error("No such file", "There is no file \(path). Check the path."))
            }
            return bytes
        }
    }

    // MARK: - Encrypting

    /// - Parameter path: of the file, or a name that tells its kind.
    public func encrypt(_ bytes: [UInt8], path: String, _ options: Options) async throws(Diagnostics) -> [UInt8] {
        try await BlockingWork.run { () throws(Diagnostics) in
            if SecretFileForm.isAge(bytes) { throw alreadyEncrypted(path) }
            switch options.form ?? (SecretFileForm.isStructured(path) ? .sops : .age) {
            case .age: return try encryptWhole(bytes, path, options)
            case .sops: return try encryptValues(bytes, path, options)
            }
        }
    }

    private func encryptWhole(_ bytes: [UInt8], _ path: String, _ options: Options) throws(Diagnostics) -> [UInt8] {
        let recipients: [AgeRecipient]
        if options.usesPassphrase {
            guard let passphrase = Passphrases.new(path, environment) else { throw noPassphrase(path) }
            recipients = [.passphrase(passphrase)]
        } else {
            let texts = try rules(path, options).recipients
            recipients = try translating { () throws(AgeError) in
                var parsed: [AgeRecipient] = []
                for text in texts { parsed.append(try AgeRecipient(parsing: text)) }
                return parsed
            }
        }
        return try translating { () throws(AgeError) in
            try AgeFile.encrypt(bytes, for: recipients, armored: options.isArmored)
        }
    }

    private func encryptValues(_ bytes: [UInt8], _ path: String, _ options: Options) throws(Diagnostics) -> [UInt8] {
        guard !options.usesPassphrase else {
            throw Diagnostics(
                .error(
                    "Passphrase is not for this format",
                    "SOPS encrypts for recipients, not for passphrases. Encrypt the whole file with `--format age --passphrase`, "
                        + "or give recipients."))
        }
        let document = try document(bytes, path)
        if SOPSFile.isEncrypted(document) { throw alreadyEncrypted(path) }
        let rules = try rules(path, options)
        let writer = try translating { () throws(AgeError) in
            try SOPSWriter(recipients: rules.recipients, rules: rules.rules ?? Self.usual())
        }
        return try writer.encrypt(document, at: SecretMoment.now())
    }

    private static func usual() -> SOPSRules {
        guard let rules = try? SOPSRules(SOPSRules.usual) else {
            preconditionFailure("a suffix is no regular expression that could be malformed")
        }
        return rules
    }

    // MARK: - Decrypting

    public func decrypt(_ bytes: [UInt8], path: String) async throws(Diagnostics) -> [UInt8] {
        try await BlockingWork.run { () throws(Diagnostics) in
            if SecretFileForm.isAge(bytes) { return try decryptWhole(bytes, path) }
            return try encryptedFile(bytes, path).clearText(with: try identities())
        }
    }

    private func decryptWhole(_ bytes: [UInt8], _ path: String) throws(Diagnostics) -> [UInt8] {
        let identities: [AgeIdentity]
        let isLocked = AgeFile.wantsPassphrase(bytes)
        if isLocked {
            guard let passphrase = Passphrases.existing(path, environment) else { throw noPassphrase(path) }
            identities = [.passphrase(passphrase)]
        } else {
            identities = try self.identities()
            guard !identities.isEmpty else {
                throw Diagnostics(
                    .error(
                        "No identity to decrypt with",
                        "\(path) is encrypted with age, and there is no identity. Set SOPS_AGE_KEY or SOPS_AGE_KEY_FILE, as for "
                            + "sops; `plumb secret keygen` makes an identity."))
            }
        }
        do throws(AgeError) {
            return try AgeFile.decrypt(bytes, with: identities)
        } catch {
            if isLocked { Passphrases.forget(path) }
            let reason = isLocked && error.code == .noMatch ? "It is not the passphrase." : error.message
            throw Diagnostics(.error("File cannot be decrypted", "\(path): \(reason)"))
        }
    }

    // MARK: - Changing what is encrypted

    /// Encrypts a changed clear text as the file was encrypted before; what is unchanged keeps its encrypted form.
    func encrypt(_ clear: [UInt8], replacing bytes: [UInt8], path: String) throws(Diagnostics) -> [UInt8] {
        guard SecretFileForm.isAge(bytes) else {
            let writer = try SOPSWriter(replacing: try encryptedFile(bytes, path), with: try identities())
            return try writer.encrypt(try document(clear, path), at: SecretMoment.now())
        }
        var options = Options()
        options.form = .age
        options.isArmored = AgeArmor.isArmored(bytes)
        options.usesPassphrase = AgeFile.wantsPassphrase(bytes)
        return try encryptWhole(clear, path, options)
    }

    /// Encrypts a file of SOPS anew: for other recipients, or with a new key.
    ///
    /// - Parameter rotates: makes a new key, so that every value gets another encrypted form.
    public func reencrypt(
        _ bytes: [UInt8], path: String, _ options: Options, rotates: Bool
    ) async throws(Diagnostics) -> [UInt8] {
        try await BlockingWork.run { () throws(Diagnostics) in
            let file = try encryptedFile(bytes, path)
            let identities = try identities()
            let clear = try document(try file.clearText(with: identities), path)
            var recipients = file.metadata.recipients
            if !rotates || !options.recipients.isEmpty { recipients = try rules(path, options).recipients }
            guard rotates else {
                let writer = try SOPSWriter(replacing: file, with: identities, recipients: recipients)
                return try writer.encrypt(clear, at: SecretMoment.now())
            }
            try file.metadata.throwIfOthersHoldTheKey()
            let writer = try translating { () throws(AgeError) in
                try SOPSWriter(recipients: recipients, rules: file.metadata.rules)
            }
            return try writer.encrypt(clear, at: SecretMoment.now())
        }
    }

    // MARK: - Keys

    /// A new identity as a file of such, and the recipient that it decrypts files of.
    public static func makeIdentity() -> (file: String, recipient: String) {
        let identity = AgeIdentity.make()
        guard let text = identity.text, let recipient = identity.recipient else {
            preconditionFailure("an identity that is made is a key, which has a text")
        }
        return ("# created: \(SecretMoment.now())\n# public key: \(recipient)\n\(text)\n", recipient)
    }

    private func identities() throws(Diagnostics) -> [AgeIdentity] {
        do throws(KeyError) {
            return try AgeIdentities(environment).find()
        } catch {
            throw Diagnostics(.error("Identities cannot be read", error.message))
        }
    }

    private func rules(_ path: String, _ options: Options) throws(Diagnostics) -> EncryptionRules {
        var found =
            options.recipients.isEmpty || options.choices.isEmpty ? try EncryptionRuleFinder.find(for: path) : nil
        if !options.choices.isEmpty || options.codeIsOfEncryptedOnly {
            var choices: [SOPSRules.Choice: String] = [:]
            for (name, text) in options.choices { SOPSRules.Choice(rawValue: name).map { choices[$0] = text } }
            do throws(SOPSRules.Malformed) {
                let rules = try SOPSRules(
                    choices.isEmpty ? SOPSRules.usual : choices, codeIsOfEncryptedOnly: options.codeIsOfEncryptedOnly)
                found = EncryptionRules(recipients: found?.recipients ?? [], rules: rules, origin: found?.origin ?? "")
            } catch {
                throw Diagnostics(
                    .error("Invalid option", "\"\(error.text)\" is no regular expression: --\(error.choice.rawValue)."))
            }
        }
        let given =
            options.recipients.isEmpty
            ? EncryptionRuleFinder.split(environment["SOPS_AGE_RECIPIENTS"] ?? "") : options.recipients
        let recipients = given.isEmpty ? found?.recipients ?? [] : given
        guard !recipients.isEmpty else {
            throw Diagnostics(
                .error(
                    "Nobody to encrypt for",
                    "No recipient is given for \(path). Give one with --recipient age1…, in SOPS_AGE_RECIPIENTS, or in a rule of "
                        + ".sops.yaml (`creation_rules: [{age: age1…}]`). `plumb secret keygen` makes a key and tells its "
                        + "recipient."))
        }
        return EncryptionRules(recipients: recipients, rules: found?.rules, origin: found?.origin ?? "")
    }

    // MARK: - Files

    private func document(_ bytes: [UInt8], _ path: String) throws(Diagnostics) -> SpecificationNode {
        let documents: [SpecificationNode]
        do throws(Diagnostics) {
            documents = try YAMLReader.read(SourceFile(path: path, bytes: bytes))
        } catch {
            throw error.withoutText
        }
        guard documents.count == 1 else {
            throw Diagnostics(
                .error(
                    "Several documents in an encrypted file",
                    "\(path) holds \(documents.count) documents; the values of one are encrypted. Put each into a file of its "
                        + "own, or encrypt the whole file: --format age."))
        }
        return documents[0]
    }

    private func encryptedFile(_ bytes: [UInt8], _ path: String) throws(Diagnostics) -> SOPSFile {
        let document: SpecificationNode? = SecretFileForm.isStructured(path) ? try document(bytes, path) : nil
        guard let document, SOPSFile.isEncrypted(document) else {
            throw Diagnostics(
                .error(
                    "File is not encrypted",
                    "\(path) is neither a file of age nor one with a section `sops`. `plumb secret encrypt` encrypts it."
                ))
        }
        return try SOPSFile(document)
    }

    private func alreadyEncrypted(_ path: String) -> Diagnostics {
        Diagnostics(
            .error(
                "File is encrypted already",
                "\(path) is encrypted. `plumb secret edit` changes what is in it, `plumb secret updatekeys` who can read it."
            ))
    }

    private func noPassphrase(_ path: String) -> Diagnostics {
        Diagnostics(
            .error(
                "No passphrase",
                "\(path) needs a passphrase, and none was given, or not twice the same. Set \(Passphrases.variable), or type it "
                    + "in a terminal."))
    }

    private func translating<Success>(
        _ body: () throws(AgeError) -> Success
    ) throws(Diagnostics) -> Success {
        do throws(AgeError) {
            return try body()
        } catch {
            throw Diagnostics(.error("File cannot be encrypted", error.message))
        }
    }
}

extension Diagnostics {
    /// The same problems without the lines that they are about: these may hold a secret.
    fileprivate var withoutText: Diagnostics {
        Diagnostics(
            all.map { problem in
                var told = Diagnostic(problem.severity, problem.summary, problem.detail)
                if let place = problem.source?.location { told.detail = "\(place): \(problem.detail)" }
                return told
            })
    }
}
