import Crypto
import FoundationEssentials
import PlumbModel
import ProviderAPI
import Testing

@testable import BuiltinProvider

/// A key that tests use where they do not make one.
enum P256Sample {
    static let pem = P256.Signing.PrivateKey().pemRepresentation
}

/// Keys and certificates as OpenSSL and OpenSSH see them.
@Suite struct TLSTests {
    static let kinds: [Value] = [
        ["algorithm": "RSA"], ["algorithm": "RSA", "rsa_bits": 3072], ["algorithm": "ECDSA"],
        ["algorithm": "ECDSA", "ecdsa_curve": "P384"], ["algorithm": "ECDSA", "ecdsa_curve": "P521"],
        ["algorithm": "ED25519"],
    ]

    @Test(arguments: kinds) func keyIsWhatOpenSSLAndOpenSSHRead(_ kind: Value) async throws {
        let playground = try Playground()
        let key = try await playground.create("tls_private_key", kind).values
        func text(_ name: String) throws -> String { try #require(key.attribute(name).asString) }
        for form in ["private_key_pem", "private_key_pem_pkcs8"] {
            try playground.write(try text(form), to: form)
            let derived = try await playground.run("openssl", ["pkey", "-in", form, "-pubout"])
            #expect(derived == (try text("public_key_pem")))
        }
        try playground.write(try text("private_key_openssh"), to: "id")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: playground.path("id"))
        let line = try text("public_key_openssh")
        let derived = try await playground.run("ssh-keygen", ["-y", "-P", "", "-f", "id"])
        #expect(derived.split(separator: " ").prefix(2).joined(separator: " ") == line)
        try playground.write(line, to: "id.pub")
        let sha256 = try await playground.run("ssh-keygen", ["-l", "-f", "id.pub"])
        #expect(sha256.contains(" " + (try text("public_key_fingerprint_sha256")) + " "))
        let md5 = try await playground.run("ssh-keygen", ["-l", "-E", "md5", "-f", "id.pub"])
        #expect(md5.contains("MD5:" + (try text("public_key_fingerprint_md5")) + " "))
    }

    @Test(arguments: kinds) func certificateIsWhatWasAskedFor(_ kind: Value) async throws {
        let playground = try Playground()
        let key = try await playground.create("tls_private_key", kind).values
        let certificate = try await playground.create(
            "tls_self_signed_cert",
            [
                "private_key_pem": key.attribute("private_key_pem"), "validity_period_hours": 48,
                "allowed_uses": .list(["digital_signature", "cert_signing", "server_auth", "client_auth"]),
                "subject": ["common_name": "www.example.org", "organization": "Example", "country": "DE"],
                "dns_names": .list(["www.example.org", "*.example.org"]),
                "ip_addresses": .list(["192.0.2.7", "2001:db8::1"]), "uris": .list(["spiffe://example/a"]),
                "is_ca_certificate": true,
            ]
        ).values
        try playground.write(try #require(certificate.attribute("cert_pem").asString), to: "cert.pem")
        let shown = try await playground.run("openssl", ["x509", "-in", "cert.pem", "-noout", "-text"])
        for part in [
            "Subject: C = DE, O = Example, CN = www.example.org", "Issuer: C = DE, O = Example, CN = www.example.org",
            "CA:TRUE", "Digital Signature, Certificate Sign", "TLS Web Server Authentication",
            "TLS Web Client Authentication", "DNS:www.example.org, DNS:*.example.org", "IP Address:192.0.2.7",
            "IP Address:2001:DB8:0:0:0:0:0:1", "URI:spiffe://example/a",
        ] {
            #expect(shown.contains(part))
        }
        let verified = try await playground.run("openssl", ["verify", "-CAfile", "cert.pem", "cert.pem"])
        #expect(verified.contains("OK"))
        let end = try #require(certificate.attribute("validity_end_time").asString)
        let until = try await playground.run(
            "openssl", ["x509", "-in", "cert.pem", "-noout", "-enddate", "-dateopt", "iso_8601"])
        #expect(until == "notAfter=\(end.replacing("T", with: " "))\n")
        #expect(certificate.attribute("key_algorithm") == kind.attribute("algorithm"))
    }

    @Test func certificateIsReplacedWhenItIsDue() async throws {
        let declared: Value = [
            "private_key_pem": .string(P256Sample.pem), "validity_period_hours": 100, "early_renewal_hours": 10,
            "allowed_uses": .list([]),
        ]
        let start: Int64 = 1_800_000_000
        let made = try Playground(clock: Clock { Timestamp(unix: start) })
        let prior = try await made.create("tls_self_signed_cert", declared)
        for (hours, isDue) in [(0, false), (89, false), (90, true), (500, true)] as [(Int64, Bool)] {
            let later = try Playground(clock: Clock { Timestamp(unix: start + hours * 3600) })
            let plan = try await later.plan("tls_self_signed_cert", declared, prior: prior)
            #expect(plan.replacePaths.isEmpty != isDue, "after \(hours) hours")
            #expect(plan.planned.attribute("cert_pem").isUnknown == isDue)
        }
    }

    @Test(
        arguments: [
            (["algorithm": "RSAA"], "Did you mean \"RSA\"?"),
            (["algorithm": "RSA", "rsa_bits": 1024], "from 2048 to 8192"),
            (["algorithm": "RSA", "rsa_bits": 2049], "multiple of 256"),
            (["algorithm": "ECDSA", "ecdsa_curve": "P224"], "P256, P384, P521"),
        ] as [(Value, String)]) func wrongKeyIsRefused(_ declared: Value, _ part: String) async throws
    {
        let playground = try Playground()
        let error = try await providerError { try await playground.plan("tls_private_key", declared) }
        #expect(error.code == .invalid)
        #expect(error.message.contains(part))
    }

    @Test(
        arguments: [
            (["private_key_pem": "nonsense"], "no private key"),
            (["private_key_pem": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"], "no private key"),
            (["validity_period_hours": 0], "from 1 to"), (["validity_period_hours": -3], "from 1 to"),
            (["allowed_uses": .list(["server_aut"])], "Did you mean \"server_auth\"?"),
            (["ip_addresses": .list(["300.1.1.1"])], "no IPv4 or IPv6 address"),
            (["dns_names": .list(["bücher.example"])], "punycode"),
            (["subject": ["country": "Germany"]], "two capital"),
        ] as [(ValueMap, String)]) func wrongCertificateIsRefused(_ wrong: ValueMap, _ part: String) async throws
    {
        let playground = try Playground()
        let right: ValueMap = [
            "private_key_pem": .string(P256Sample.pem), "validity_period_hours": 1, "allowed_uses": .list([]),
        ]
        let error = try await providerError {
            try await playground.plan("tls_self_signed_cert", .object(right.merging(wrong)))
        }
        #expect(error.code == .invalid)
        #expect(error.message.contains(part))
    }
}
