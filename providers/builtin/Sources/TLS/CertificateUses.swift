import PlumbModel
import ProviderAPI
import X509

/// What a certificate may be used for, by the names that a spec gives.
struct CertificateUses {
    private(set) var keyUsage = KeyUsage()
    private(set) var extended: [ExtendedKeyUsage.Usage] = []

    private nonisolated(unsafe) static let keyUsages: [(String, WritableKeyPath<KeyUsage, Bool>)] = [
        ("digital_signature", \.digitalSignature), ("content_commitment", \.nonRepudiation),
        ("key_encipherment", \.keyEncipherment), ("data_encipherment", \.dataEncipherment),
        ("key_agreement", \.keyAgreement), ("cert_signing", \.keyCertSign), ("crl_signing", \.cRLSign),
        ("encipher_only", \.encipherOnly), ("decipher_only", \.decipherOnly),
    ]

    private static let extendedUsages: [(String, ExtendedKeyUsage.Usage)] = [
        ("any_extended", .any), ("server_auth", .serverAuth), ("client_auth", .clientAuth),
        ("code_signing", .codeSigning), ("email_protection", .emailProtection), ("timestamping", .timeStamping),
        ("ocsp_signing", .ocspSigning),
    ]

    static var names: [String] { keyUsages.map(\.0) + extendedUsages.map(\.0) }

    init(_ uses: [String]) throws(ProviderError) {
        for use in uses {
            if let path = CertificateUses.keyUsages.first(where: { $0.0 == use })?.1 {
                keyUsage[keyPath: path] = true
            } else if let usage = CertificateUses.extendedUsages.first(where: { $0.0 == use })?.1 {
                if !extended.contains(usage) { extended.append(usage) }
            } else {
                let names = CertificateUses.names
                throw ProviderError(
                    .invalid,
                    "allowed_uses has \"\(use)\"; it may have \(names.joined(separator: ", "))."
                        + Suggestion.didYouMean(use, among: names))
            }
        }
    }
}
