import Age
import CZlib
import Crypto
import Foundation
import Testing

/// The test vectors of age (C2SP/CCTV), where they are present.
enum AgeVectors {
    static let folder: URL = {
        if let folder = ProcessInfo.processInfo.environment["PLUMB_ORACLES"] {
            return URL(fileURLWithPath: folder).appendingPathComponent("age-vectors")
        }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.deletingLastPathComponent().appendingPathComponent("shared/oracles/age-vectors")
    }()

    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
}

@Suite struct AgeTests {
    @Test(.enabled(if: !AgeVectors.names.isEmpty), arguments: AgeVectors.names)
    func vectorsComeOutAsTheySay(_ name: String) throws {
        let vector = try Vector(AgeVectors.folder.appendingPathComponent(name))
        let hasHybridIdentity = vector["identity"].contains { $0.hasPrefix("AGE-SECRET-KEY-PQ-") }
        var identities = vector["passphrase"].map { AgeIdentity.passphrase($0) }
        identities += try vector["identity"].filter { !$0.hasPrefix("AGE-SECRET-KEY-PQ-") }.map {
            try AgeIdentity(parsing: $0)
        }
        let expected = vector["expect"].first ?? ""
        do throws(AgeError) {
            let plain = try AgeFile.decrypt(vector.file, with: identities)
            #expect(expected == "success", "\(name) was decrypted")
            let digest = SHA256.hash(data: plain).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect([digest] == vector["payload"])
        } catch {
            let words: [AgeError.Code: String] = [
                .armor: "armor failure", .header: "header failure", .authentication: "HMAC failure",
                .noMatch: "no match", .payload: "payload failure",
            ]
            // Post-quantum recipients are none of ours: such files are for nobody here.
            if hasHybridIdentity, error.code == .noMatch { return }
            #expect(words[error.code] == expected, "\(name): \(error.message)")
        }
    }

    @Test(arguments: [0, 1, 65535, 65536, 65537, 200_000])
    func whatIsEncryptedIsDecrypted(_ size: Int) throws {
        let plain = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let (identity, other) = (AgeIdentity.make(), AgeIdentity.make())
        let recipients = try [identity, other].map { try AgeRecipient(parsing: #require($0.recipient)) }
        for armored in [false, true] {
            let file = try AgeFile.encrypt(plain, for: recipients, armored: armored)
            #expect(AgeArmor.isArmored(file) == armored)
            for one in [identity, other] { #expect(try AgeFile.decrypt(file, with: [one]) == plain) }
            #expect(throws: AgeError.self) { try AgeFile.decrypt(file, with: [.make()]) }
            for position in [0, 60, file.count / 2, file.count - 40] where !armored {
                var changed = file
                changed[position] ^= 1
                #expect(throws: AgeError.self) { try AgeFile.decrypt(changed, with: [identity]) }
            }
        }
    }

    @Test func aPassphraseOpensWhatItClosed() throws {
        let file = try AgeFile.encrypt(Array("text".utf8), for: [.passphrase("correct horse")], armored: true)
        #expect(try AgeFile.decrypt(file, with: [.passphrase("correct horse")]) == Array("text".utf8))
        #expect(throws: AgeError.self) { try AgeFile.decrypt(file, with: [.passphrase("wrong")]) }
        #expect(throws: AgeError.self) {
            try AgeFile.encrypt([], for: [.passphrase("a"), .passphrase("b")], armored: false)
        }
    }

    @Test func keysAreReadAndWritten() throws {
        let text = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
        let identity = try AgeIdentity(parsing: text)
        #expect(identity.text == text)
        #expect(identity.recipient == "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj")
        #expect(try AgeIdentity.list("# comment\n\n\(text)\r\n") == [identity])
        for wrong in [
            text.lowercased(), String(text.dropLast()), "",
            "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwk",
        ] {
            #expect(throws: AgeError.self) { try AgeIdentity(parsing: wrong) }
            #expect(throws: AgeError.self) { try AgeRecipient(parsing: wrong) }
        }
    }
}

/// One vector: what is said of it, and the file.
private struct Vector {
    private var facts: [(name: String, value: String)] = []
    let file: [UInt8]

    init(_ url: URL) throws {
        let bytes = [UInt8](try Data(contentsOf: url))
        var offset = 0
        while let end = bytes[offset...].firstIndex(of: 0x0A) {
            let line = String(decoding: bytes[offset..<end], as: UTF8.self)
            offset = end + 1
            guard !line.isEmpty, let colon = line.firstRange(of: ": ") else { break }
            facts.append((String(line[..<colon.lowerBound]), String(line[colon.upperBound...])))
        }
        let body = Array(bytes[offset...])
        file = facts.contains { $0.name == "compressed" } ? try Vector.inflated(body) : body
    }

    subscript(name: String) -> [String] { facts.filter { $0.name == name }.map(\.value) }

    private static func inflated(_ body: [UInt8]) throws -> [UInt8] {
        var size = uLongf(16 << 20)
        var result = [UInt8](repeating: 0, count: Int(size))
        let status = uncompress(&result, &size, body, uLong(body.count))
        try #require(status == Z_OK)
        return Array(result.prefix(Int(size)))
    }
}
