/// An element of an XML document. Text and attributes are escaped when it is written, wherever they came from.
struct XMLTree: Sendable, Hashable {
    var name: String
    /// In the order in which they stand.
    var attributes: [Attribute] = []
    var children: [XMLTree] = []
    var text = ""

    struct Attribute: Sendable, Hashable {
        let name: String
        var value: String
    }

    init(
        _ name: String, _ attributes: KeyValuePairs<String, String?> = [:], text: String = "",
        _ children: [XMLTree?] = []
    ) {
        self.name = name
        self.attributes = attributes.compactMap { name, value in value.map { Attribute(name: name, value: $0) } }
        self.children = children.compactMap { $0 }
        self.text = text
    }

    init(_ name: String, _ children: [XMLTree?]) { self.init(name, [:], children) }

    subscript(_ attribute: String) -> String? {
        get { attributes.first { $0.name == attribute }?.value }
        set {
            let index = attributes.firstIndex { $0.name == attribute }
            if let index, let newValue { attributes[index].value = newValue }
            if let index, newValue == nil { attributes.remove(at: index) }
            if index == nil, let newValue { attributes.append(Attribute(name: attribute, value: newValue)) }
        }
    }

    func first(_ name: String) -> XMLTree? { children.first { $0.name == name } }

    func all(_ name: String) -> [XMLTree] { children.filter { $0.name == name } }

    /// The element at the end of a way down: `at("os", "kernel")`.
    func at(_ names: String...) -> XMLTree? {
        var element = self
        for name in names {
            guard let next = element.first(name) else { return nil }
            element = next
        }
        return element
    }

    /// Puts `child` in the place of the first child of its name, or at the end.
    mutating func set(_ child: XMLTree) {
        if let index = children.firstIndex(where: { $0.name == child.name }) {
            children[index] = child
        } else {
            children.append(child)
        }
    }

    mutating func remove(_ name: String) { children.removeAll { $0.name == name } }

    /// The document's text.
    var document: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to output: inout String) {
        output += "<\(name)"
        for attribute in attributes {
            output += " \(attribute.name)=\""
            XMLTree.escape(attribute.value, to: &output)
            output += "\""
        }
        guard !children.isEmpty || !text.isEmpty else {
            output += "/>"
            return
        }
        output += ">"
        XMLTree.escape(text, to: &output)
        for child in children { child.write(to: &output) }
        output += "</\(name)>"
    }

    private static func escape(_ text: String, to output: inout String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&apos;"
            case "\t", "\n", "\r": output += "&#\(scalar.value);"
            // XML 1.0 has no way to write these.
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: output += "\u{FFFD}"
            default: output.unicodeScalars.append(scalar)
            }
        }
    }
}
