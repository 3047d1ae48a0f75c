import CExpat
import HTTPTypes

/// Reads the XML that libvirt writes. Spaces between elements are left out, and a document type is refused.
final class XMLTreeReader {
    private static let deepest = 200

    private var open: [XMLTree] = []
    private var root: XMLTree?
    private var fault: String?
    private let parser: XML_Parser

    static func read(_ text: String) throws(Problem) -> XMLTree {
        guard let parser = XML_ParserCreate(nil) else { throw failure("libexpat is out of memory") }
        defer { XML_ParserFree(parser) }
        let reader = XMLTreeReader(parser)
        return try withExtendedLifetime(reader) { () throws(Problem) in try reader.parse(Array(text.utf8)) }
    }

    private static func failure(_ reason: String) -> Problem {
        Problem(.unprocessableContent, "The XML cannot be read", detail: reason)
    }

    private init(_ parser: XML_Parser) {
        self.parser = parser
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetElementHandler(
            parser, { XMLTreeReader.of($0)?.begin($1, $2) }, { data, _ in XMLTreeReader.of(data)?.end() })
        XML_SetCharacterDataHandler(parser) { XMLTreeReader.of($0)?.take($1, Int($2)) }
        XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in
            XMLTreeReader.of(data)?.stop("it has a document type, which is not read")
        }
    }

    private static func of(_ data: UnsafeMutableRawPointer?) -> XMLTreeReader? {
        data.map { Unmanaged<XMLTreeReader>.fromOpaque($0).takeUnretainedValue() }
    }

    private func parse(_ bytes: [UInt8]) throws(Problem) -> XMLTree {
        guard bytes.count <= Int(Int32.max) else { throw XMLTreeReader.failure("it is too long") }
        let status = bytes.withUnsafeBytes { buffer in
            XML_Parse(parser, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), 1)
        }
        if let fault { throw XMLTreeReader.failure(fault) }
        guard status == XML_STATUS_OK, let root else {
            let reason = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) } ?? "it is no XML"
            throw XMLTreeReader.failure("line \(XML_GetCurrentLineNumber(parser)): \(reason)")
        }
        return root
    }

    private func stop(_ message: String) {
        fault = fault ?? message
        XML_StopParser(parser, 0)
    }

    private func begin(
        _ name: UnsafePointer<CChar>?, _ attributes: UnsafeMutablePointer<UnsafePointer<CChar>?>?
    ) {
        guard open.count < XMLTreeReader.deepest else { return stop("it is nested too deeply") }
        var element = XMLTree(name.map { String(cString: $0) } ?? "")
        var next = attributes
        while let key = next?[0], let value = next?[1] {
            element[String(cString: key)] = String(cString: value)
            next = next?.advanced(by: 2)
        }
        open.append(element)
    }

    private func take(_ text: UnsafePointer<CChar>?, _ count: Int) {
        guard let text, !open.isEmpty else { return }
        let bytes = UnsafeRawBufferPointer(start: text, count: count)
        open[open.count - 1].text += String(decoding: bytes, as: UTF8.self)
    }

    private func end() {
        guard var element = open.popLast() else { return }
        if element.text.allSatisfy(\.isWhitespace) { element.text = "" }
        if open.isEmpty {
            root = element
        } else {
            open[open.count - 1].children.append(element)
        }
    }
}
