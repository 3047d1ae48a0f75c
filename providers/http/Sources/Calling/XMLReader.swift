import CExpat
import PlumbModel

/// Reads an XML document into a value: elements by their names, repeated ones as lists, attributes as `"@name"`.
///
/// Prefixes of names are left out, since each server chooses its own, and so are declarations of name spaces. A document with a document type is refused:
/// servers need none, and entities are how a small document becomes a large one.
final class XMLReader {
    /// Why a document cannot be read.
    struct Failure: Error {
        let message: String
    }

    private struct Element {
        let name: String
        /// By name, in the order in which they stand; one after the other in one array, so that many cost no more.
        var children: [String: [Value]] = [:]
        var text = ""
    }

    private static let deepest = 200

    private var open: [Element] = []
    private var root: Value?
    private var fault: String?
    private let parser: XML_Parser

    static func read(_ bytes: [UInt8]) throws(Failure) -> Value {
        guard let parser = XML_ParserCreate(nil) else { throw Failure(message: "libexpat is out of memory") }
        defer { XML_ParserFree(parser) }
        let reader = XMLReader(parser)
        return try withExtendedLifetime(reader) { () throws(Failure) in try reader.parse(bytes) }
    }

    private init(_ parser: XML_Parser) {
        self.parser = parser
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetElementHandler(
            parser, { XMLReader.of($0)?.begin($1, $2) }, { data, _ in XMLReader.of(data)?.end() })
        XML_SetCharacterDataHandler(parser) { XMLReader.of($0)?.take($1, Int($2)) }
        XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in
            XMLReader.of(data)?.stop("it has a document type, which is not read")
        }
    }

    private static func of(_ data: UnsafeMutableRawPointer?) -> XMLReader? {
        data.map { Unmanaged<XMLReader>.fromOpaque($0).takeUnretainedValue() }
    }

    private func parse(_ bytes: [UInt8]) throws(Failure) -> Value {
        guard bytes.count <= Int(Int32.max) else { throw Failure(message: "it is too long") }
        let status = bytes.withUnsafeBytes { buffer in
            XML_Parse(parser, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), 1)
        }
        if let fault { throw Failure(message: fault) }
        guard status == XML_STATUS_OK, let root else {
            let reason = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) } ?? "it is no XML"
            throw Failure(message: reason)
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
        guard open.count < XMLReader.deepest else { return stop("it is nested too deeply") }
        var element = Element(name: XMLReader.localName(name.map { String(cString: $0) } ?? ""))
        var next = attributes
        while let key = next?[0], let value = next?[1] {
            let name = String(cString: key)
            if name != "xmlns", !name.hasPrefix("xmlns:") {
                element.children["@" + XMLReader.localName(name)] = [.string(String(cString: value))]
            }
            next = next?.advanced(by: 2)
        }
        open.append(element)
    }

    private static func localName(_ name: String) -> String {
        name.lastIndex(of: ":").map { String(name[name.index(after: $0)...]) } ?? name
    }

    private func take(_ text: UnsafePointer<CChar>?, _ count: Int) {
        guard let text, !open.isEmpty else { return }
        let bytes = UnsafeRawBufferPointer(start: text, count: count)
        open[open.count - 1].text += String(decoding: bytes, as: UTF8.self)
    }

    private func end() {
        guard let element = open.popLast() else { return }
        let value = XMLReader.value(of: element)
        guard !open.isEmpty else {
            root = .object([element.name: value])
            return
        }
        open[open.count - 1].children[element.name, default: []].append(value)
    }

    private static func value(of element: Element) -> Value {
        if element.children.isEmpty { return .string(element.text) }
        var children = ValueMap(
            element.children.map { ($0.key, $0.value.count == 1 ? $0.value[0] : .tuple($0.value)) })
        if element.text.contains(where: { !$0.isWhitespace }) { children["#text"] = .string(element.text) }
        return .object(children)
    }
}
