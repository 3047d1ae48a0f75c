import Foundation

/// The SMTP servers of `Tests/Services/mail-server`, and what they were given; they end when this is let go.
public final class MailServers: Sendable {
    public let plain: Int
    public let startTLS: Int
    public let tls: Int
    /// Takes connections and says nothing.
    public let silent: Int
    /// The path of the authority of their certificates.
    public let authority: String
    private let folder: URL
    private let process: ThrowawayProcess

    /// Of the two that want a login.
    public static let user = "plumb"
    public static let password = "a-password"

    /// In CI the tests run, and fail, without what it needs; elsewhere they are skipped visibly.
    public static let isExpected =
        ProcessInfo.processInfo.environment["CI"] != nil
        || FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/aiosmtpd")

    public init() async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("mail-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        process = try await ThrowawayProcess(
            ThrowawayServer.services.appendingPathComponent("mail-server"), [folder.path])
        let told = process.variables
        guard let plain = told["PLAIN"].flatMap({ Int($0) }), let startTLS = told["STARTTLS"].flatMap({ Int($0) }),
            let tls = told["TLS"].flatMap({ Int($0) }), let silent = told["SILENT"].flatMap({ Int($0) }),
            let authority = told["CA"]
        else { throw ThrowawayProcessFailure(description: "mail-server told \(process.announcement)") }
        (self.plain, self.startTLS, self.tls, self.silent) = (plain, startTLS, tls, silent)
        self.authority = authority
    }

    deinit {
        process.end(within: .seconds(5))
        try? FileManager.default.removeItem(at: folder)
    }

    /// One mail, as Python's parser reads it.
    public struct Mail: Sendable, Decodable {
        public let connection: String
        public let tls: Bool
        public let user: String?
        public let from: String
        public let to: [String]
        public let headers: [[String]]
        public let subject: String
        public let text: String
        public let defects: [String]
        /// Bytes of its longest line.
        public let longest: Int
    }

    /// All that was taken so far, oldest first.
    public func mails() throws -> [Mail] {
        let place = folder.appendingPathComponent("mail")
        let names = try FileManager.default.contentsOfDirectory(atPath: place.path).filter { $0.hasSuffix(".json") }
        return try names.sorted { Int($0.dropLast(5)) ?? 0 < Int($1.dropLast(5)) ?? 0 }.map { name in
            try JSONDecoder().decode(Mail.self, from: Data(contentsOf: place.appendingPathComponent(name)))
        }
    }
}
