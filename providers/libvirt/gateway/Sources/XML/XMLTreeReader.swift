import HTTPTypes
import XMLEvents

/// Reads the XML that libvirt writes. Spaces between elements are left out.
final class XMLTreeReader: XMLEventReceiver {
    private var open: [XMLTree] = []
    private var root: XMLTree?

    static func read(_ text: String) throws(Problem) -> XMLTree {
        let reader = XMLTreeReader()
        do {
            try XMLEventParser.parse(Array(text.utf8), into: reader)
        } catch {
            throw failure("line \(error.line): \(error.message)")
        }
        guard let root = reader.root else { throw failure("it is empty") }
        return root
    }

    private static func failure(_ reason: String) -> Problem {
        Problem(.unprocessableContent, "The XML cannot be read", detail: reason)
    }

    func begin(_ name: String, _ attributes: [(name: String, value: String)]) {
        var element = XMLTree(name)
        for (name, value) in attributes { element[name] = value }
        open.append(element)
    }

    func take(_ text: String) { open[open.count - 1].text += text }

    func end() {
        guard var element = open.popLast() else { return }
        if element.text.allSatisfy(\.isWhitespace) { element.text = "" }
        if open.isEmpty {
            root = element
        } else {
            open[open.count - 1].children.append(element)
        }
    }
}
