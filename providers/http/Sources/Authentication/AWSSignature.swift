import Crypto
import HTTPTransport

/// Who signs for AWS.
struct AWSCredentials: Sendable, Hashable {
    let accessKey: String
    let secretKey: String
    /// Of temporary credentials.
    let sessionToken: String?
}

/// AWS's signature, version 4, in the request's headers.
struct AWSSignature {
    let credentials: AWSCredentials
    let service: String
    let region: String
    /// `20150830T123600Z`
    let time: String

    /// What proxies and the transport may change is not signed.
    private static let unsignedHeaders: Set<String> = [
        "authorization", "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
        "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
    ]

    /// S3 signs paths as they are sent, and wants to be told the body's digest.
    private var isS3: Bool { ["s3", "s3express", "s3-outposts", "s3-object-lambda"].contains(service) }

    /// Adds the headers of the signature.
    func sign(_ request: inout HTTPRequest) throws(HTTPError) {
        if request.bodyStream != nil, !isS3 {
            throw HTTPError(
                .invalid, "\(request.summary): a body that is made while it is sent can be signed for S3 only")
        }
        let digest = request.bodyStream != nil ? "UNSIGNED-PAYLOAD" : Hex.text(SHA256.hash(data: request.body))
        let url = AWSRequestTarget(request.url)
        if request.headers["Host"] == nil { request.headers["Host"] = url.host }
        request.headers["X-Amz-Date"] = time
        if let token = credentials.sessionToken { request.headers["X-Amz-Security-Token"] = token }
        if isS3 { request.headers["X-Amz-Content-SHA256"] = digest }
        let (names, lines) = canonicalHeaders(request.headers)
        let canonical = [
            request.method, isS3 ? url.path : url.normalisedPath, url.query, lines, names, digest,
        ].joined(separator: "\n")
        let scope = "\(time.prefix(8))/\(region)/\(service)/aws4_request"
        let text = ["AWS4-HMAC-SHA256", time, scope, Hex.text(SHA256.hash(data: Array(canonical.utf8)))]
            .joined(separator: "\n")
        let signature = Hex.text(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: signingKey))
        request.headers["Authorization"] =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
        request.secrets += [credentials.secretKey, signature] + [credentials.sessionToken].compactMap(\.self)
    }

    private func canonicalHeaders(_ headers: HTTPHeaders) -> (names: String, lines: String) {
        var values: [String: [String]] = [:]
        for header in headers {
            let name = header.name.lowercased()
            guard !AWSSignature.unsignedHeaders.contains(name) else { continue }
            values[name, default: []].append(header.value.split(whereSeparator: \.isWhitespace).joined(separator: " "))
        }
        let names = values.keys.sorted()
        let lines = names.map { "\($0):\((values[$0] ?? []).joined(separator: ","))\n" }.joined()
        return (names.joined(separator: ";"), lines)
    }

    private var signingKey: SymmetricKey {
        var key = SymmetricKey(data: Array("AWS4\(credentials.secretKey)".utf8))
        for part in [String(time.prefix(8)), region, service, "aws4_request"] {
            key = SymmetricKey(data: Array(HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key)))
        }
        return key
    }
}

/// A URL's parts as the signature wants them.
struct AWSRequestTarget {
    /// In lower case, with its port where that is not the scheme's own.
    let host: String
    /// As it is sent.
    let path: String
    /// Sorted, as it is sent.
    let query: String

    init(_ url: String) {
        let whole = url.prefix { $0 != "#" }
        let scheme = whole.firstRange(of: "://")?.upperBound ?? whole.startIndex
        let authority = whole[scheme...].prefix { $0 != "/" && $0 != "?" }
        let name = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        let ownPort = whole.hasPrefix("https:") ? ":443" : ":80"
        host = (name.hasSuffix(ownPort) ? name.dropLast(ownPort.count) : name).lowercased()
        let target = whole[authority.endIndex...]
        let path = target.prefix { $0 != "?" }
        self.path = path.isEmpty ? "/" : String(path)
        query = target[path.endIndex...].dropFirst().split(separator: "&").map { pair in
            let name = pair.prefix { $0 != "=" }
            return (String(name), String(pair[name.endIndex...].dropFirst()))
        }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    /// Without `.`, `..` and empty segments, and escaped once more: what all services but S3 sign.
    var normalisedPath: String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment != ".." { segments.append(segment) } else if !segments.isEmpty { segments.removeLast() }
        }
        let end = path.hasSuffix("/") && !segments.isEmpty ? "/" : ""
        return "/" + segments.map { URLText.escaped(String($0)) }.joined(separator: "/") + end
    }
}

/// Writes bytes as hexadecimal digits.
enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
