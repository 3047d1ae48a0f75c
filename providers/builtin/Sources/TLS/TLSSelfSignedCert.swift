import FoundationEssentials
import PlumbModel
import ProviderAPI
import SwiftASN1
import X509

/// `tls_self_signed_cert`: a certificate that its own key has signed. It is replaced when it is due for renewal.
struct TLSSelfSignedCert: StateOnlyType {
    let clock: Clock

    let name = "tls_self_signed_cert"
    let schema = Schema([
        AttributeSchema(
            "private_key_pem", .string, .required, forcesReplacement: true, sensitive: true,
            "The key in PEM that the certificate is for, and that signs it."),
        AttributeSchema(
            "validity_period_hours", .number, .required, forcesReplacement: true,
            "For how long from its creation it is valid, in hours."),
        AttributeSchema(
            "allowed_uses", .list(.string), .required, forcesReplacement: true,
            "What it may be used for, such as server_auth, digital_signature, cert_signing."),
        AttributeSchema(
            "subject", CertificateSubject.type, .optional, forcesReplacement: true,
            "Whom it is for: common_name, organization, country and so on."),
        AttributeSchema("dns_names", .list(.string), .optional, forcesReplacement: true, "DNS names it is valid for."),
        AttributeSchema(
            "ip_addresses", .list(.string), .optional, forcesReplacement: true, "IP addresses it is valid for."),
        AttributeSchema("uris", .list(.string), .optional, forcesReplacement: true, "URIs it is valid for."),
        AttributeSchema(
            "is_ca_certificate", .bool, .optional, default: false, forcesReplacement: true,
            "Whether it may sign other certificates."),
        AttributeSchema(
            "early_renewal_hours", .number, .optional, default: 0,
            "How long before its end it is replaced, in hours."),
        AttributeSchema("cert_pem", .string, .computed, "The certificate in PEM."),
        AttributeSchema("key_algorithm", .string, .computed, "RSA, ECDSA or ED25519."),
        AttributeSchema("validity_start_time", .string, .computed, "RFC 3339, UTC."),
        AttributeSchema("validity_end_time", .string, .computed, "RFC 3339, UTC."),
        AttributeSchema("ready_for_renewal", .bool, .computed, "Whether it is due: the plan then replaces it."),
        AttributeSchema("id", .string, .computed, "The serial number, hexadecimal."),
    ])

    private static let hours = 1...876_000

    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        try check(request.declared)
        let plan = schema.plan(request)
        guard let prior = request.prior, plan.replacePaths.isEmpty, isDue(prior.values, request.declared) else {
            return plan
        }
        let renewed = schema.plan(PlanRequest(prior: nil, declared: request.declared))
        return ResourcePlan(planned: renewed.planned, replacePaths: [AttributePath("ready_for_renewal")])
    }

    private func check(_ values: Value) throws(ProviderError) {
        _ = try values.wholeNumber("validity_period_hours", in: TLSSelfSignedCert.hours)
        _ = try values.wholeNumber("early_renewal_hours", in: 0...TLSSelfSignedCert.hours.upperBound)
        _ = try CertificateUses(values.texts("allowed_uses"))
        _ = try CertificateSubject.alternativeNames(values)
        _ = try CertificateSubject.distinguishedName(values.attribute("subject"))
        if let pem = values.attribute("private_key_pem").asString { _ = try PrivateKey(pem: pem) }
    }

    private func isDue(_ prior: Value, _ declared: Value) -> Bool {
        let early = declared.attribute("early_renewal_hours").asInt ?? 0
        guard let end = prior.attribute("validity_end_time").asString.flatMap(Timestamp.init(rfc3339:)),
            let due = end.adding(seconds: Int64(early) * -3600)
        else { return false }
        return clock.now() >= due
    }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        let planned = request.planned
        try check(planned)
        guard let pem = planned.attribute("private_key_pem").asString,
            let hours = try planned.wholeNumber("validity_period_hours", in: TLSSelfSignedCert.hours)
        else {
            throw ProviderError(.invalid, "The key and the validity of a certificate must be known when it is created.")
        }
        let start = clock.now()
        guard let end = start.adding(seconds: Int64(hours) * 3600) else {
            throw ProviderError(.invalid, "validity_period_hours is \(hours), which ends after the year 9999.")
        }
        let key = try PrivateKey(pem: pem)
        return try await BlockingCalls.run { () throws(ProviderError) in
            let certificate = try TLSSelfSignedCert.sign(planned, key, start, end)
            return ResourceState(
                planned.setting([
                    "cert_pem": .string(certificate.pem), "key_algorithm": .string(key.algorithm),
                    "validity_start_time": .string(start.rfc3339), "validity_end_time": .string(end.rfc3339),
                    "ready_for_renewal": false, "id": .string(certificate.serial),
                ]))
        }
    }

    private static func sign(
        _ planned: Value, _ key: PrivateKey, _ start: Timestamp, _ end: Timestamp
    ) throws(ProviderError) -> (pem: String, serial: String) {
        let name = try CertificateSubject.distinguishedName(planned.attribute("subject"))
        let alternatives = try CertificateSubject.alternativeNames(planned)
        let uses = try CertificateUses(planned.texts("allowed_uses"))
        let isAuthority = planned.attribute("is_ca_certificate").asBool == true
        do {
            let serial = Certificate.SerialNumber()
            let certificate = try Certificate(
                version: .v3, serialNumber: serial, publicKey: key.certificateKey.publicKey,
                notValidBefore: Date(timeIntervalSince1970: Double(start.unix)),
                notValidAfter: Date(timeIntervalSince1970: Double(end.unix)), issuer: name, subject: name,
                signatureAlgorithm: key.signatureAlgorithm,
                extensions: try extensions(key, alternatives, uses, isAuthority),
                issuerPrivateKey: key.certificateKey)
            return (try certificate.serializeAsPEM().pemString.endingInNewline, Hexadecimal.encode(serial.bytes))
        } catch {
            throw ProviderError(.unexpected, "Cannot sign the certificate: \(error).")
        }
    }

    private static func extensions(
        _ key: PrivateKey, _ alternatives: [GeneralName], _ uses: CertificateUses, _ isAuthority: Bool
    ) throws -> Certificate.Extensions {
        let constraints =
            isAuthority ? BasicConstraints.isCertificateAuthority(maxPathLength: nil) : .notCertificateAuthority
        var all = [try Certificate.Extension(constraints, critical: true)]
        if uses.keyUsage != KeyUsage() { all.append(try Certificate.Extension(uses.keyUsage, critical: true)) }
        if !uses.extended.isEmpty {
            all.append(try Certificate.Extension(try ExtendedKeyUsage(uses.extended), critical: false))
        }
        if !alternatives.isEmpty {
            all.append(try Certificate.Extension(SubjectAlternativeNames(alternatives), critical: false))
        }
        let identifier = SubjectKeyIdentifier(hash: key.certificateKey.publicKey)
        all.append(try Certificate.Extension(identifier, critical: false))
        return try Certificate.Extensions(all)
    }
}
