internal import Crypto
internal import Loading
public import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Seals a saved plan as a whole with the key of its stack, so that one which somebody else has made is not taken for ours.
public struct PlanSeal: Sendable {
    private let keys: KeyStore

    public init(_ session: StackSession) { keys = session.vault.keys }

    /// - Parameter defaults: where the key is of a stack that names no state.
    public static func open(
        _ location: StackLocation, environment: [String: String], defaults: StackDefaults?
    ) async throws(Diagnostics) -> PlanSeal {
        PlanSeal(try await KeyStore.find(location, environment: environment, defaults: defaults))
    }

    private init(_ keys: KeyStore) { self.keys = keys }

    /// Makes the stack a key where it has none.
    ///
    /// - Returns: 64 hexadecimal digits.
    public func seal(of bytes: [UInt8]) throws(Diagnostics) -> String {
        do throws(KeyError) {
            return Self.code(bytes, try keys.ring(creates: true).newest)
        } catch {
            throw Diagnostics(.error("Key is missing", error.message))
        }
    }

    /// False too where the key is missing: then nobody can tell.
    public func isSeal(_ seal: String, of bytes: [UInt8]) -> Bool {
        guard let ring = try? keys.ring(creates: false) else { return false }
        return ring.all.contains { key in
            // Compared without regard to where the first difference is.
            let own = Array(Self.code(bytes, key).utf8)
            let given = Array(seal.utf8)
            return own.count == given.count && zip(own, given).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
        }
    }

    private static func code(_ bytes: [UInt8], _ key: SymmetricKey) -> String {
        // Another key than the one that values are sealed with, so that neither tells of the other.
        let own = SymmetricKey(
            data: HMAC<SHA256>.authenticationCode(for: Array("plumbline: whole plans".utf8), using: key))
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: HMAC<SHA256>.authenticationCode(for: bytes, using: own).flatMap {
                [digits[Int($0 >> 4)], digits[Int($0 & 15)]]
            }, as: UTF8.self)
    }
}

extension KeyStore {
    /// The keys of the stack at a location, which stand beside its state.
    static func find(
        _ location: StackLocation, environment: [String: String], defaults: StackDefaults?
    ) async throws(Diagnostics) -> KeyStore {
        guard let defaults else { return KeyStore(directory: location.directory, environment: environment) }
        return try await BlockingWork.run { () throws(Diagnostics) in
            let stack = try SpecLoader(
                source: try location.openNewest(), decrypter: SpecDecrypter(environment)
            ).loadStack()
            return KeyStore(
                directory: stack.namesState ? location.directory : defaults.directory, environment: environment)
        }
    }
}
