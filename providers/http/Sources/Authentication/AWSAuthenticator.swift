import Dispatch
import Glibc
import HTTPTransport
import Synchronization

/// Where an instance's AWS credentials come from.
enum AWSCredentialSource: Sendable {
    case fixed(AWSCredentials)
    /// From the environment's variables, or from the profile of the shared file; with a profile from there alone.
    case environment(AWSEnvironment, profile: String?)
}

/// Signs requests for AWS, with credentials that are looked up when they are first needed.
final class AWSAuthenticator: RequestAuthenticator {
    private let service: String
    private let region: String
    private let source: AWSCredentialSource
    private let found = Mutex<AWSCredentials?>(nil)

    init(service: String, region: String, source: AWSCredentialSource) {
        self.service = service
        self.region = region
        self.source = source
    }

    func sign(_ request: inout HTTPRequest) async throws(HTTPError) {
        let credentials = try await credentials(for: request)
        let signature = AWSSignature(
            credentials: credentials, service: service, region: region, time: AWSAuthenticator.now)
        try signature.sign(&request)
    }

    /// Somebody may have written other credentials into the shared file since.
    func refresh(after request: HTTPRequest) async throws(HTTPError) -> Bool {
        guard case .environment = source else { return false }
        let old = found.withLock { found in
            defer { found = nil }
            return found
        }
        return try await credentials(for: request) != old
    }

    private func credentials(for request: HTTPRequest) async throws(HTTPError) -> AWSCredentials {
        switch source {
        case .fixed(let credentials): return credentials
        case .environment(let environment, let profile):
            if let known = found.withLock(\.self) { return known }
            // A file is read, which may block.
            let result: Result<AWSCredentials, AWSEnvironment.Missing> = await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(returning: environment.credentials(profile: profile))
                }
            }
            switch result {
            case .success(let credentials):
                found.withLock { $0 = credentials }
                return credentials
            case .failure(let missing): throw HTTPError(.unauthorized, "\(request.summary): \(missing.reason)")
            }
        }
    }

    /// `20150830T123600Z`
    private static var now: String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: Int32, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = padded(parts.tm_year + 1900, 4) + padded(parts.tm_mon + 1, 2) + padded(parts.tm_mday, 2)
        return date + "T" + padded(parts.tm_hour, 2) + padded(parts.tm_min, 2) + padded(parts.tm_sec, 2) + "Z"
    }
}

/// What AWS's own programs look at: variables of the environment, and the shared credentials file.
struct AWSEnvironment: Sendable {
    /// Why there are no credentials.
    struct Missing: Error {
        let reason: String
    }

    private let variables: [String: String]

    private static let names = [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION",
        "AWS_DEFAULT_REGION", "AWS_SHARED_CREDENTIALS_FILE", "HOME",
    ]

    /// That of this process.
    static var current: AWSEnvironment {
        AWSEnvironment(
            Dictionary(
                uniqueKeysWithValues: names.compactMap { name in getenv(name).map { (name, String(cString: $0)) } }))
    }

    init(_ variables: [String: String]) {
        self.variables = variables.filter { !$0.value.isEmpty }
    }

    var region: String? { variables["AWS_REGION"] ?? variables["AWS_DEFAULT_REGION"] }

    /// - Parameter profile: from the shared file, whatever the variables say.
    func credentials(profile: String?) -> Result<AWSCredentials, Missing> {
        if profile == nil, let key = variables["AWS_ACCESS_KEY_ID"], let secret = variables["AWS_SECRET_ACCESS_KEY"] {
            return .success(
                AWSCredentials(accessKey: key, secretKey: secret, sessionToken: variables["AWS_SESSION_TOKEN"]))
        }
        let name = profile ?? variables["AWS_PROFILE"] ?? "default"
        let path = variables["AWS_SHARED_CREDENTIALS_FILE"] ?? (variables["HOME"] ?? "") + "/.aws/credentials"
        guard let text = AWSEnvironment.contents(of: path) else {
            let hint = "give access_key_id and secret_access_key, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            return .failure(Missing(reason: "there are no AWS credentials: \(hint); \(path) cannot be read either"))
        }
        let entries = AWSEnvironment.profile(name, in: text)
        guard let key = entries?["aws_access_key_id"], let secret = entries?["aws_secret_access_key"] else {
            let lack = entries == nil ? "no profile \"\(name)\"" : "no keys in the profile \"\(name)\""
            return .failure(Missing(reason: "there are no AWS credentials: \(path) has \(lack)"))
        }
        return .success(
            AWSCredentials(accessKey: key, secretKey: secret, sessionToken: entries?["aws_session_token"]))
    }

    /// The entries of one section of an INI file; nil if there is no such section.
    static func profile(_ name: String, in text: String) -> [String: String]? {
        var entries: [String: String]?
        var isThere = false
        for line in text.split(whereSeparator: \.isNewline) {
            let line = trimmed(line)
            if line.hasPrefix("["), line.hasSuffix("]") {
                isThere = trimmed(line.dropFirst().dropLast()) == name
                if isThere, entries == nil { entries = [:] }
            } else if isThere, !line.hasPrefix("#"), !line.hasPrefix(";"), let equals = line.firstIndex(of: "=") {
                entries?[trimmed(line[..<equals]).lowercased()] = String(trimmed(line[line.index(after: equals)...]))
            }
        }
        return entries
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    private static func contents(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        // Nobody's credentials are longer; a device that never ends is none.
        while bytes.count < 1 << 20 {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return ferror(file) == 0 ? String(decoding: bytes, as: UTF8.self) : nil
    }
}
