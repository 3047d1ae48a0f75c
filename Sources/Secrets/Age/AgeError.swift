/// Why something cannot be encrypted or decrypted in the format of age.
public struct AgeError: Error, Sendable {
    public enum Code: String, Sendable {
        /// The text around the binary form is wrong.
        case armor
        /// The header breaks the format's rules.
        case header
        /// The header was changed by somebody who did not have the key.
        case authentication
        /// None of the identities is among those that the file was encrypted for.
        case noMatch
        /// The content was changed or cut short.
        case payload
        /// A recipient or an identity is none.
        case key
    }

    public let code: Code
    /// A sentence for people; without any part of a key.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
