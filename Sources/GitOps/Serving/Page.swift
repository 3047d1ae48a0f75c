internal import Crypto
internal import HTTPTypes

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The web page: one file that loads nothing, and may do nothing but ask this server.
struct Page: Sendable {
    private let text: [UInt8]
    private let policy: String

    init(_ text: [UInt8]) {
        self.text = text
        let page = String(decoding: text, as: UTF8.self)
        let script = Page.digest(of: "script", in: page)
        let style = Page.digest(of: "style", in: page)
        policy =
            "default-src 'none'; script-src \(script); style-src \(style); connect-src 'self'; img-src data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }

    func answer(_ call: Call) async throws(Problem) -> Answer {
        var answer = Answer(.ok, "text/html; charset=utf-8", text)
        answer.headers[.contentSecurityPolicy] = policy
        answer.headers[.referrerPolicy] = "no-referrer"
        return answer
    }

    /// What stands between the tags, as the policy names it.
    private static func digest(of tag: String, in page: String) -> String {
        guard let start = page.firstRange(of: "<\(tag)>"), let end = page.firstRange(of: "</\(tag)>") else {
            preconditionFailure("the page has no <\(tag)>")
        }
        let content = page[start.upperBound..<end.lowerBound]
        return "'sha256-\(Data(SHA256.hash(data: Array(content.utf8))).base64EncodedString())'"
    }
}
