public import PlumbModel

#if canImport(Glibc)
    internal import Glibc
#endif

/// Reads the secrets that a configuration names.
public struct SecretReading: Sendable {
    private let environment: [String: String]

    public init(environment: [String: String]) { self.environment = environment }

    /// Without white space at its ends. Blocks.
    public func read(_ reference: SecretReference) throws(Diagnostics) -> String {
        switch reference {
        case .environment(let name):
            if let text = environment[name], !text.isEmpty { return text }
            throw Diagnostics(
                .error("Secret is missing", "The environment variable \(name) is not set, or empty. Set it."))
        case .file(let path):
            var text = try Self.contents(of: path)[...].drop { $0.isWhitespace }
            while text.last?.isWhitespace == true { text.removeLast() }
            if !text.isEmpty { return String(text) }
            throw Diagnostics(.error("Secret is missing", "The file \(path) is empty. Write the secret into it."))
        }
    }

    private static func contents(of path: String) throws(Diagnostics) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Diagnostics(
                .error("Secret is missing", "\(path) cannot be read: \(String(cString: strerror(errno)))."))
        }
        defer { close(descriptor) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            count = max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
