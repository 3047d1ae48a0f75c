import PlumbModel
import XMLEvents

/// Reads an XML document into a value: elements by their names, repeated ones as lists, attributes as `"@name"`.
///
/// Prefixes of names are left out, since each server chooses its own, and so are declarations of name spaces.
final class XMLReader: XMLEventReceiver {
    private struct Element {
        let name: String
        /// By name, in the order in which they stand; one after the other in one array, so that many cost no more.
        var children: [String: [Value]] = [:]
        var text = ""
    }

    private var open: [Element] = []
    private var root = Value.null

    static func read(_ bytes: [UInt8]) throws(XMLEventFailure) -> Value {
        let reader = XMLReader()
        try XMLEventParser.parse(bytes, into: reader)
        return reader.root
    }

    func begin(_ name: String, _ attributes: [(name: String, value: String)]) {
        var element = Element(name: XMLReader.localName(name))
        for (name, value) in attributes where name != "xmlns" && !name.hasPrefix("xmlns:") {
            element.children["@" + XMLReader.localName(name)] = [.string(value)]
        }
        open.append(element)
    }

    private static func localName(_ name: String) -> String {
        name.lastIndex(of: ":").map { String(name[name.index(after: $0)...]) } ?? name
    }

    func take(_ text: String) { open[open.count - 1].text += text }

    func end() {
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
