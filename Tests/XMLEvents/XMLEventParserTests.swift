import Testing
import XMLEvents

/// What is told of XML documents, and which are refused.
@Suite struct XMLEventParserTests {
    private final class Words: XMLEventReceiver {
        var told = ""
        func begin(_ name: String, _ attributes: [(name: String, value: String)]) {
            told += "<" + ([name] + attributes.map { "\($0.name)=\($0.value)" }).joined(separator: " ") + ">"
        }
        func take(_ text: String) { told += text }
        func end() { told += "</>" }
    }

    private static func told(_ text: String) throws(XMLEventFailure) -> String {
        let words = Words()
        try XMLEventParser.parse(Array(text.utf8), into: words)
        return words.told
    }

    private static func failure(_ text: String) throws -> (message: String, line: UInt) {
        let words = Words()
        let failure = try #require(
            #expect(throws: XMLEventFailure.self) { try XMLEventParser.parse(Array(text.utf8), into: words) })
        return (failure.message, failure.line)
    }

    @Test func elementsTextsAndAttributesComeInTheirOrder() throws {
        let text = "<?xml version='1.0'?><a b='1' c:d='&lt;'>x<e/>y &amp; z</a>"
        #expect(try Self.told(text) == "<a b=1 c:d=<>x<e></>y & z</>")
    }

    @Test func aDocumentTypeIsRefused() throws {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\">]>\n<a>&b;</a>"
        #expect(try Self.failure(bomb).message == "it has a document type, which is not read")
    }

    @Test func depthIsBounded() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "<a>", count: depth) + "<b/>" + String(repeating: "</a>", count: depth)
        }
        #expect(try Self.told(nested(199)).hasSuffix("</>"))
        #expect(try Self.failure(nested(200)).message == "it is nested too deeply")
        #expect(try Self.failure(nested(100_000)).message == "it is nested too deeply")
    }

    @Test func aMistakeHasItsLine() throws {
        #expect(try Self.failure("<a>\n<b>\n</a>") == ("mismatched tag", 3))
        #expect(try Self.failure("") == ("no element found", 1))
        #expect(try Self.failure("<a/><b/>").message == "junk after document element")
    }
}
