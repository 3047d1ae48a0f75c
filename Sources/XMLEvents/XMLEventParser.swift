import CExpat

/// What is told of an XML document, in its order.
public protocol XMLEventReceiver: AnyObject {
    /// An element begins. Names are as they are written, with their prefixes.
    func begin(_ name: String, _ attributes: [(name: String, value: String)])

    /// A piece of the text of the element that is open; one text may come in several.
    func take(_ text: String)

    /// The element that was begun last ends.
    func end()
}

/// Why a document cannot be read.
public struct XMLEventFailure: Error {
    /// In words of libexpat, or of ours where a limit is met.
    public let message: String
    /// From 1.
    public let line: UInt
}

/// The events of an XML document, from libexpat.
///
/// A document with a document type is refused: servers need none, and entities are how a small document becomes a large one. So is one
/// whose elements stand in one another deeper than 200.
public final class XMLEventParser {
    private static let deepest = 200

    private let parser: XML_Parser
    private let receiver: any XMLEventReceiver
    private var depth = 0
    private var fault: String?

    public static func parse(_ bytes: [UInt8], into receiver: any XMLEventReceiver) throws(XMLEventFailure) {
        guard let parser = XML_ParserCreate(nil) else {
            throw XMLEventFailure(message: "libexpat is out of memory", line: 1)
        }
        defer { XML_ParserFree(parser) }
        let events = XMLEventParser(parser, receiver)
        try withExtendedLifetime(events) { () throws(XMLEventFailure) in try events.parse(bytes) }
    }

    private init(_ parser: XML_Parser, _ receiver: any XMLEventReceiver) {
        self.parser = parser
        self.receiver = receiver
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetElementHandler(
            parser, { XMLEventParser.of($0)?.begin($1, $2) }, { data, _ in XMLEventParser.of(data)?.end() })
        XML_SetCharacterDataHandler(parser) { XMLEventParser.of($0)?.take($1, Int($2)) }
        XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in
            XMLEventParser.of(data)?.stop("it has a document type, which is not read")
        }
    }

    private static func of(_ data: UnsafeMutableRawPointer?) -> XMLEventParser? {
        data.map { Unmanaged<XMLEventParser>.fromOpaque($0).takeUnretainedValue() }
    }

    private func parse(_ bytes: [UInt8]) throws(XMLEventFailure) {
        guard bytes.count <= Int(Int32.max) else { throw XMLEventFailure(message: "it is too long", line: 1) }
        let status = bytes.withUnsafeBytes { buffer in
            XML_Parse(parser, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), 1)
        }
        guard status != XML_STATUS_OK || fault != nil else { return }
        let reason = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) } ?? "it is no XML"
        throw XMLEventFailure(message: fault ?? reason, line: UInt(XML_GetCurrentLineNumber(parser)))
    }

    private func stop(_ message: String) {
        fault = fault ?? message
        XML_StopParser(parser, 0)
    }

    private func begin(
        _ name: UnsafePointer<CChar>?, _ attributes: UnsafeMutablePointer<UnsafePointer<CChar>?>?
    ) {
        guard depth < XMLEventParser.deepest else { return stop("it is nested too deeply") }
        depth += 1
        var pairs: [(name: String, value: String)] = []
        var next = attributes
        while let key = next?[0], let value = next?[1] {
            pairs.append((String(cString: key), String(cString: value)))
            next = next?.advanced(by: 2)
        }
        receiver.begin(name.map { String(cString: $0) } ?? "", pairs)
    }

    private func take(_ text: UnsafePointer<CChar>?, _ count: Int) {
        guard let text, depth > 0 else { return }
        receiver.take(String(decoding: UnsafeRawBufferPointer(start: text, count: count), as: UTF8.self))
    }

    private func end() {
        // After a stop, libexpat may still tell the end of an empty element that was not begun here.
        guard fault == nil, depth > 0 else { return }
        depth -= 1
        receiver.end()
    }
}
