import PlumbModel
import ProviderAPI
import SwiftASN1
import X509

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Whom a certificate is for: its distinguished name and its alternative names.
enum CertificateSubject {
    private static let parts: [(name: String, type: ASN1ObjectIdentifier)] = [
        ("country", [2, 5, 4, 6]), ("province", [2, 5, 4, 8]), ("locality", [2, 5, 4, 7]),
        ("street_address", [2, 5, 4, 9]), ("postal_code", [2, 5, 4, 17]), ("organization", [2, 5, 4, 10]),
        ("organizational_unit", [2, 5, 4, 11]), ("common_name", [2, 5, 4, 3]), ("serial_number", [2, 5, 4, 5]),
    ]

    static let type = ValueType.object(
        parts.map { ValueType.ObjectAttribute($0.name, .string, isOptional: true) }.sorted { $0.name < $1.name })

    /// The parts that are given, from the country to the name.
    static func distinguishedName(_ subject: Value) throws(ProviderError) -> DistinguishedName {
        var names: [RelativeDistinguishedName] = []
        for part in parts {
            guard let text = subject.attribute(part.name).asString else { continue }
            guard part.name == "country" else {
                names.append(RelativeDistinguishedName(.init(type: part.type, value: .init(utf8String: text))))
                continue
            }
            guard text.utf8.count == 2, text.utf8.allSatisfy({ $0 >= 0x41 && $0 <= 0x5A }),
                let value = try? RelativeDistinguishedName.Attribute.Value(printableString: text)
            else {
                throw ProviderError(
                    .invalid, "subject.country is \"\(text)\"; it must be two capital letters, such as DE.")
            }
            names.append(RelativeDistinguishedName(.init(type: part.type, value: value)))
        }
        return DistinguishedName(names)
    }

    static func alternativeNames(_ values: Value) throws(ProviderError) -> [GeneralName] {
        var names: [GeneralName] = []
        for name in values.texts("dns_names") {
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw ProviderError(
                    .invalid, "dns_names has \"\(name)\"; a DNS name is ASCII (write others in punycode) and not empty."
                )
            }
            names.append(.dnsName(name))
        }
        for text in values.texts("ip_addresses") {
            guard let bytes = address(text) else {
                throw ProviderError(.invalid, "ip_addresses has \"\(text)\", which is no IPv4 or IPv6 address.")
            }
            names.append(.ipAddress(ASN1OctetString(contentBytes: bytes[...])))
        }
        for uri in values.texts("uris") {
            guard uri.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), uri.contains(":") else {
                throw ProviderError(
                    .invalid, "uris has \"\(uri)\", which is no URI: it needs a scheme, and ASCII only.")
            }
            names.append(.uniformResourceIdentifier(uri))
        }
        return names
    }

    private static func address(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes.prefix(4)) }
        return inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
    }
}
