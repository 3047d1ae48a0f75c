import Crypto
import PlumbModel
import ProviderAPI
import _CryptoExtras

/// `tls_private_key`: a private key with its public half, for TLS and SSH.
struct TLSPrivateKey: StateOnlyType, Importing {
    let name = "tls_private_key"
    let schema = Schema([
        AttributeSchema(
            "algorithm", .string, .required, forcesReplacement: true, "RSA, ECDSA or ED25519."),
        AttributeSchema(
            "rsa_bits", .number, .optional, default: 2048, forcesReplacement: true,
            "The size of an RSA key: 2048 to 8192, a multiple of 256."),
        AttributeSchema(
            "ecdsa_curve", .string, .optional, default: "P256", forcesReplacement: true,
            "The curve of an ECDSA key: P256, P384 or P521."),
        AttributeSchema(
            "private_key_pem", .string, .computed, sensitive: true,
            "The key in PEM: PKCS#1 for RSA, SEC 1 for ECDSA, PKCS#8 for ED25519."),
        AttributeSchema("private_key_pem_pkcs8", .string, .computed, sensitive: true, "The key in PEM, as PKCS#8."),
        AttributeSchema("private_key_openssh", .string, .computed, sensitive: true, "The key as OpenSSH writes it."),
        AttributeSchema("public_key_pem", .string, .computed, "The public key in PEM."),
        AttributeSchema("public_key_openssh", .string, .computed, "The public key as a line of authorized_keys."),
        AttributeSchema("public_key_fingerprint_md5", .string, .computed, "As `ssh-keygen -l -E md5` shows it."),
        AttributeSchema("public_key_fingerprint_sha256", .string, .computed, "As `ssh-keygen -l` shows it."),
        AttributeSchema("id", .string, .computed, "The SHA-1 of the public key in PEM, hexadecimal."),
    ])

    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        try check(request.declared)
        return schema.plan(request)
    }

    private func check(_ values: Value) throws(ProviderError) {
        _ = try values.word("algorithm", among: PrivateKey.algorithms)
        _ = try values.word("ecdsa_curve", among: PrivateKey.curves)
        let bits = try values.wholeNumber("rsa_bits", in: 2048...8192) ?? 2048
        guard bits % 256 == 0 else {
            throw ProviderError(.invalid, "rsa_bits is \(bits); it must be a multiple of 256, such as 2048 or 4096.")
        }
    }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        let planned = request.planned
        try check(planned)
        guard let algorithm = planned.attribute("algorithm").asString else {
            throw ProviderError(.invalid, "algorithm of tls_private_key must be known when it is created.")
        }
        // A large RSA key takes seconds.
        return try await BlockingCalls.run { () throws(ProviderError) in
            do {
                let key = try TLSPrivateKey.generate(
                    algorithm, bits: planned.attribute("rsa_bits").asInt ?? 2048,
                    curve: planned.attribute("ecdsa_curve").asString ?? "P256")
                return try TLSPrivateKey.describe(key, planned)
            } catch {
                throw ProviderError(.unexpected, "Cannot make a private key (\(algorithm)): \(error).")
            }
        }
    }

    /// `id` is the private key in PEM.
    func importResource(id: String) async throws(ProviderError) -> ResourceState? {
        let key = try PrivateKey(pem: id)
        var inputs: Value = ["algorithm": .string(key.algorithm), "rsa_bits": 2048, "ecdsa_curve": "P256"]
        switch key {
        case .rsa(let key): inputs = inputs.setting(["rsa_bits": .number(key.keySizeInBits)])
        case .p384: inputs = inputs.setting(["ecdsa_curve": "P384"])
        case .p521: inputs = inputs.setting(["ecdsa_curve": "P521"])
        case .p256, .ed25519: break
        }
        do {
            return try TLSPrivateKey.describe(key, inputs)
        } catch {
            throw ProviderError(.invalid, "The private key cannot be written in all its forms: \(error).")
        }
    }

    private static func generate(_ algorithm: String, bits: Int, curve: String) throws -> PrivateKey {
        switch (algorithm, curve) {
        case ("RSA", _): .rsa(try _RSA.Signing.PrivateKey(keySize: .init(bitCount: bits)))
        case ("ED25519", _): .ed25519(Curve25519.Signing.PrivateKey())
        case (_, "P384"): .p384(P384.Signing.PrivateKey())
        case (_, "P521"): .p521(P521.Signing.PrivateKey())
        default: .p256(P256.Signing.PrivateKey())
        }
    }

    private static func describe(_ key: PrivateKey, _ inputs: Value) throws -> ResourceState {
        let ssh = try SSHEncoding(key)
        let publicPEM = try key.publicPEM().endingInNewline
        return ResourceState(
            inputs.setting([
                "private_key_pem": .string(try key.traditionalPEM().endingInNewline),
                "private_key_pem_pkcs8": .string(try key.pkcs8PEM().endingInNewline),
                "private_key_openssh": .string(ssh.privateKeyFile), "public_key_pem": .string(publicPEM),
                "public_key_openssh": .string(ssh.authorizedKey),
                "public_key_fingerprint_md5": .string(ssh.fingerprintMD5),
                "public_key_fingerprint_sha256": .string(ssh.fingerprintSHA256),
                "id": .string(Hexadecimal.encode(Array(Insecure.SHA1.hash(data: Array(publicPEM.utf8))))),
            ]))
    }
}

extension String {
    /// PEM files end with a newline; libraries differ in whether the text does.
    var endingInNewline: String { hasSuffix("\n") ? self : self + "\n" }
}
