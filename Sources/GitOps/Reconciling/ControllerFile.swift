internal import Loading
internal import Operations
public import PlumbModel

#if canImport(Glibc)
    internal import Glibc
#endif

/// The file of a controller's configuration.
public struct ControllerFile: Sendable {
    public let path: String

    private let environment: [String: String]

    /// - Parameter environment: where secrets are read that it names.
    public init(_ path: String, environment: [String: String]) {
        self.path = path
        self.environment = environment
    }

    /// What tells one content of the file from another without reading it; nil where there is no file.
    public struct Stamp: Sendable, Hashable {
        fileprivate let node: UInt
        fileprivate let size: Int
        fileprivate let seconds: Int
        fileprivate let nanoseconds: Int
    }

    public func stamp() -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp(
            node: UInt(status.st_ino), size: Int(status.st_size), seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec)
    }

    /// Reads it to run by it.
    ///
    /// - Throws: all that is wrong with it, or a secret of the server's that is missing.
    public func read() async throws(Diagnostics) -> ControllerConfiguration {
        let (checked, environment) = (try await check(), environment)
        return try await BlockingWork.run { () throws(Diagnostics) in
            var configuration = checked
            try Self.take(webhookSecretsOf: &configuration, environment)
            return configuration
        }
    }

    /// Reads it to tell what is wrong with it, maybe on another machine than that which is to run by it.
    ///
    /// - Throws: all that is wrong with it.
    public func check() async throws(Diagnostics) -> ControllerConfiguration {
        let (path, environment) = (path, environment)
        return try await BlockingWork.run { () throws(Diagnostics) in
            let slash = path.lastIndex(of: "/")
            let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
            let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
            guard let bytes = try DirectorySource(path: folder).contents(of: name) else {
                throw Diagnostics(
                    .error("Configuration is missing", "There is no file \(path). `--config` names another one."))
            }
            let absolute = try Self.absolute(folder)
            let file = SourceFile(path: path, bytes: bytes)
            let surroundings = Surroundings(environment: environment, now: Clock.now())
            return try ControllerReader.read(file, folder: absolute) { surroundings.problem(with: $0, at: $1) }
        }
    }

    private static func take(
        webhookSecretsOf configuration: inout ControllerConfiguration, _ environment: [String: String]
    ) throws(Diagnostics) {
        let reading = SecretReading(environment: environment)
        for (forge, reference) in configuration.webhookSecrets {
            let secret = try reading.read(reference)
            KnownSecrets.note(Value.string(secret).sensitive())
            if let webhook = WebhookSecret(forge: forge, secret: secret) {
                configuration.server?.webhooks.append(webhook)
            }
        }
    }

    private static func absolute(_ folder: String) throws(Diagnostics) -> String {
        guard let pointer = realpath(folder, nil) else {
            throw Diagnostics(
                .error(
                    "Folder cannot be found",
                    "\(folder) cannot be looked into: \(String(cString: strerror(errno)))."))
        }
        defer { free(pointer) }
        return String(cString: pointer)
    }
}
