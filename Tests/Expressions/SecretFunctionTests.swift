import CCrypt
import CZlib
import CryptoExtras
import Expressions
import Foundation
import PlumbModel
import Testing

/// What others must be able to read, or have written: hashes, ciphertexts, compressed texts.
struct SecretFunctionTests {
    @Test(arguments: ["", "secret", "pässwörd 😀", String(repeating: "x", count: 72)])
    func aHashBelongsToItsPassword(_ password: String) throws {
        var scope = FixedScope(variables: ["password": .string(password)])
        scope.surroundings = Surroundings(phase: .applying(plannedAt: 0))
        let hash = try #require(try evaluate("bcrypt(var.password, 4)", scope).asString)
        var memory: UnsafeMutableRawPointer?
        var size: Int32 = 0
        defer { free(memory) }
        #expect(crypt_ra(password, hash, &memory, &size).map { String(cString: $0) } == hash)
        #expect(
            crypt_ra(password + "y", hash, &memory, &size).map { String(cString: $0) } != hash || password.count == 72)
        #expect(try evaluate("bcrypt(var.password, 4)", scope).asString != hash)
    }

    @Test(arguments: [
        (String(repeating: "x", count: 73), "72 bytes"), ("a\0b", "NUL"),
    ])
    func passwordsThatBcryptWouldCutAreRefused(_ password: String, _ part: String) {
        var scope = FixedScope(variables: ["password": .string(password)])
        scope.surroundings = Surroundings(phase: .applying(plannedAt: 0))
        #expect(problem("bcrypt(var.password, 4)", scope)?.detail.contains(part) == true)
    }

    @Test func ciphertextsAreDecrypted() throws {
        let key = try _RSA.Encryption.PrivateKey(keySize: .bits2048)
        for text in ["", "secret é", "line\nline"] {
            let bytes = try key.publicKey.encrypt(Data(text.utf8), padding: ._WEAK_AND_INSECURE_PKCS_V1_5)
            for pem in [key.pemRepresentation, key.pkcs8PEMRepresentation] {
                let scope = FixedScope(variables: [
                    "text": .string(bytes.base64EncodedString()), "key": Value.string(pem).sensitive(),
                ])
                let clear = try evaluate("rsadecrypt(var.text, var.key)", scope)
                #expect(clear == Value.string(text).sensitive())
            }
        }
    }

    @Test func wrongKeysAndCiphertextsAreRefused() throws {
        let key = try _RSA.Encryption.PrivateKey(keySize: .bits2048)
        let other = try _RSA.Encryption.PrivateKey(keySize: .bits2048)
        let bytes = try key.publicKey.encrypt(Data("x".utf8), padding: .PKCS1_OAEP)
        for (text, pem, part) in [
            (bytes.base64EncodedString(), other.pemRepresentation, "not made for this key"),
            ("!", key.pemRepresentation, "no base64"), ("aGk=", "nonsense", "no RSA private key"),
        ] {
            let scope = FixedScope(variables: ["text": .string(text), "key": .string(pem)])
            let found = problem("rsadecrypt(var.text, var.key)", scope)
            #expect(found?.detail.contains(part) == true, "\(found?.detail ?? "")")
        }
    }

    @Test(arguments: ["", "hello", String(repeating: "abc é\n", count: 50_000)])
    func compressedTextsComeBack(_ text: String) throws {
        let scope = FixedScope(variables: ["text": .string(text)])
        let encoded = try #require(try evaluate("base64gzip(var.text)", scope).asString)
        #expect(try evaluate("base64gzip(var.text)", scope).asString == encoded)
        var input = [UInt8](try #require(Data(base64Encoded: encoded)))
        var output = [UInt8](repeating: 0, count: text.utf8.count + 1)
        var stream = z_stream()
        #expect(inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK)
        defer { inflateEnd(&stream) }
        let count = input.count
        input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                (stream.next_in, stream.avail_in) = (source.baseAddress, UInt32(count))
                (stream.next_out, stream.avail_out) = (target.baseAddress, UInt32(target.count))
                #expect(inflate(&stream, Z_FINISH) == Z_STREAM_END)
            }
        }
        #expect(String(decoding: output.prefix(Int(stream.total_out)), as: UTF8.self) == text)
    }
}
