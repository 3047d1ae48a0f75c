internal import Crypto

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The content of an age file: pieces of 64 KiB, each sealed with its number and whether it is the last.
enum AgePayload {
    private static let size = 64 << 10

    static func seal(_ plain: [UInt8], _ fileKey: [UInt8]) throws(AgeError) -> [UInt8] {
        var salt: [UInt8] = []
        for _ in 0..<16 { salt.append(.random(in: .min ... .max)) }
        let key = key(fileKey, salt)
        var result = salt
        var (offset, number) = (0, UInt64(0))
        repeat {
            let end = min(offset + size, plain.count)
            do {
                let box = try ChaChaPoly.seal(
                    Data(plain[offset..<end]), using: key, nonce: nonce(number, isLast: end == plain.count))
                result += box.ciphertext + box.tag
            } catch {
                throw AgeError(.payload, "The content could not be encrypted: \(error).")
            }
            offset = end
            number += 1
        } while offset < plain.count
        return result
    }

    static func open(_ bytes: ArraySlice<UInt8>, _ fileKey: [UInt8]) throws(AgeError) -> [UInt8] {
        guard bytes.count >= 16 else { throw AgeHeader.malformed("it ends before its content") }
        let key = key(fileKey, Array(bytes.prefix(16)))
        var rest = bytes.dropFirst(16)
        var result: [UInt8] = []
        var number = UInt64(0)
        while true {
            let piece = rest.prefix(size + 16)
            rest = rest.dropFirst(piece.count)
            let isLast = rest.isEmpty
            guard piece.count >= 16,
                let nonce = try? nonce(number, isLast: isLast),
                let box = try? ChaChaPoly.SealedBox(
                    nonce: nonce, ciphertext: Data(piece.dropLast(16)), tag: Data(piece.suffix(16))),
                let plain = try? ChaChaPoly.open(box, using: key), !plain.isEmpty || number == 0
            else { throw AgeError(.payload, "The content was changed or cut short.") }
            result += plain
            if isLast { return result }
            number += 1
        }
    }

    private static func key(_ fileKey: [UInt8], _ salt: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: fileKey), salt: Data(salt), info: Data("payload".utf8),
            outputByteCount: 32)
    }

    private static func nonce(_ number: UInt64, isLast: Bool) throws -> ChaChaPoly.Nonce {
        var bytes = [UInt8](repeating: 0, count: 12)
        for index in 0..<8 { bytes[10 - index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index)) }
        bytes[11] = isLast ? 1 : 0
        return try ChaChaPoly.Nonce(data: bytes)
    }
}
