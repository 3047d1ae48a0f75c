import CCrypt
import CryptoExtras
import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Functions on passwords and on what is encrypted.
enum SecretFunctions {
    static let all: [Function] = [
        Function(
            "bcrypt", [Function.Parameter("string", .string), Function.Parameter("cost", .number)], optional: 1,
            returns: .string, waitsForApply: true
        ) { (arguments) throws(FunctionError) in
            .string(try bcrypt(arguments.string(0), cost: arguments.count > 1 ? try arguments.int(1) : 10))
        },
        Function(
            "rsadecrypt",
            [Function.Parameter("ciphertext", .string), Function.Parameter("privatekey", .string)], returns: .string
        ) { (arguments) throws(FunctionError) in
            .string(try decrypt(arguments.string(0), key: arguments.string(1)))
        },
    ]

    /// A hash in the form of crypt(3), with a salt of its own.
    private static func bcrypt(_ text: String, cost: Int) throws(FunctionError) -> String {
        guard text.utf8.count <= 72 else {
            throw FunctionError("bcrypt sees only 72 bytes, and the text has \(text.utf8.count)", argument: 0)
        }
        guard !text.utf8.contains(0) else { throw FunctionError("the text holds a NUL byte", argument: 0) }
        guard cost <= Bounds.bcryptCost else {
            throw FunctionError(
                "a cost of \(cost) would take minutes or days; at most \(Bounds.bcryptCost) is allowed", argument: 1)
        }
        // As Go's library has it, which Terraform calls: a cost that is too low becomes the usual one.
        guard let setting = crypt_gensalt_ra("$2a$", UInt(cost < 4 ? 10 : cost), nil, 0) else {
            throw FunctionError("this system's libcrypt makes no salts for bcrypt")
        }
        defer { free(setting) }
        var memory: UnsafeMutableRawPointer?
        var size: Int32 = 0
        defer { free(memory) }
        guard let hash = crypt_ra(text, setting, &memory, &size) else {
            throw FunctionError("this system's libcrypt has no bcrypt")
        }
        return String(cString: hash)
    }

    private static func decrypt(_ ciphertext: String, key: String) throws(FunctionError) -> String {
        guard let bytes = Base64.decode(ciphertext.utf8) else {
            throw FunctionError("the ciphertext is no base64 with padding", argument: 0)
        }
        let privateKey: _RSA.Encryption.PrivateKey
        do {
            privateKey = try _RSA.Encryption.PrivateKey(unsafePEMRepresentation: key)
        } catch {
            throw FunctionError(
                "the key is no RSA private key in PEM without a passphrase (an OpenSSH key becomes one with "
                    + "ssh-keygen -p -m PEM)", argument: 1)
        }
        guard let clear = try? privateKey.decrypt(bytes, padding: ._WEAK_AND_INSECURE_PKCS_V1_5) else {
            throw FunctionError("the ciphertext was not made for this key with PKCS #1 v1.5 padding", argument: 0)
        }
        guard let text = String(validating: clear, as: UTF8.self) else {
            throw FunctionError("what is encrypted is no UTF-8 text, and strings hold nothing else", argument: 0)
        }
        return text
    }
}
