import PlumbModel

/// An OpenAPI document with the files that its references lead to, each read once.
final class DocumentSet {
    typealias Contents = (_ path: String) throws(Diagnostics) -> [UInt8]?

    /// References of references followed at most.
    private static let maximumHops = 32
    private static let maximumFiles = 1000

    let root: DocumentNode
    /// What could not be followed, each told once.
    private(set) var problems = Diagnostics()
    private let contents: Contents
    private var files: [String: DocumentNode?]
    private var targets: [String: DocumentNode?] = [:]
    /// Schemas that name themselves with `$anchor`, as OpenAPI 3.1 allows, by file and name.
    private var anchors: [String: [String: DocumentNode]] = [:]
    private var reported = Set<String>()

    /// - Parameter contents: the content of a file by its path, in the way of `path`; nil where there is none.
    init(path: String, contents: @escaping Contents) throws(Diagnostics) {
        guard let bytes = try contents(path) else {
            throw Diagnostics(.error("No such document", "There is no file \"\(path)\". Check the path."))
        }
        root = try DocumentReader.read(bytes, path: path)
        self.contents = contents
        files = [path: root]
    }

    /// A document that has been read before.
    init(root: DocumentNode, path: String, contents: @escaping Contents) {
        self.root = root
        self.contents = contents
        files = [path: root]
    }

    /// The node that a node refers to, or the node itself; nil where the reference leads nowhere.
    func resolved(_ node: DocumentNode) -> DocumentNode? {
        var node = node
        for _ in 0..<DocumentSet.maximumHops {
            guard let reference = node["$ref"]?.text else { return node }
            guard let target = target(of: reference, in: node.range.file.path) else {
                report(reference, at: node)
                return nil
            }
            node = target
        }
        report(node["$ref"]?.text ?? "", at: node)
        return nil
    }

    /// The last part of what a node refers to: the name of a schema among the components.
    static func name(of node: DocumentNode) -> String? {
        guard let reference = node["$ref"]?.text, let last = reference.split(separator: "/").last else { return nil }
        let name = decoded(String(last))
        guard let dot = name.lastIndex(of: "."), !reference.contains("#") else { return name }
        return String(name[..<dot])
    }

    /// What `reference` names: `#/components/schemas/Zone`, `zone.yaml`, `../common.yaml#/Zone`.
    func target(of reference: String, in path: String) -> DocumentNode? {
        let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let file = parts[0].isEmpty ? path : DocumentSet.path(parts[0], relativeTo: path)
        guard let file else { return nil }
        let pointer = parts.count > 1 ? parts[1] : ""
        let key = file + "#" + pointer
        if let known = targets[key] { return known }
        let found = document(file).flatMap { find(pointer, in: $0, file) }
        targets[key] = .some(found)
        return found
    }

    private func document(_ path: String) -> DocumentNode? {
        if let known = files[path] { return known }
        guard files.count < DocumentSet.maximumFiles else { return nil }
        var found = Diagnostics()
        let read = found.collect { () throws(Diagnostics) in
            try contents(path).map { (bytes) throws(Diagnostics) in try DocumentReader.read(bytes, path: path) }
        }
        // What is in another file matters as far as something refers to it.
        for var problem in found.all {
            problem.severity = .warning
            problems.append(problem)
        }
        let document = read ?? nil
        files[path] = .some(document)
        return document
    }

    private func find(_ pointer: String, in document: DocumentNode, _ file: String) -> DocumentNode? {
        guard !pointer.isEmpty, pointer != "/" else { return document }
        guard pointer.hasPrefix("/") else { return anchor(pointer, in: document, file) }
        var node = document
        for part in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            let key = DocumentSet.decoded(String(part))
            if let next = node[key] {
                node = next
            } else if let position = Int(key), node.elements.indices.contains(position) {
                node = node.elements[position]
            } else {
                return nil
            }
        }
        return node
    }

    private func anchor(_ name: String, in document: DocumentNode, _ file: String) -> DocumentNode? {
        if let known = anchors[file] { return known[name] }
        let places = [["components", "schemas"], ["$defs"], ["definitions"]]
        let named = places.flatMap { document[$0]?.entries ?? [] }.compactMap { entry in
            entry.value["$anchor"]?.text.map { ($0, entry.value) }
        }
        let own = Dictionary(named, uniquingKeysWith: { first, _ in first })
        anchors[file] = own
        return own[name]
    }

    private static func decoded(_ part: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(part.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self).replacing("~1", with: "/").replacing("~0", with: "~")
    }

    /// Nil for what is no relative path of a file.
    private static func path(_ reference: String, relativeTo base: String) -> String? {
        guard !reference.contains("://"), !reference.hasPrefix("/") else { return nil }
        guard let slash = base.lastIndex(of: "/") else { return FileName.normal(decoded(reference)) }
        let folder = String(base[..<slash])
        let path = FileName.normal(folder + "/" + decoded(reference))
        return base.hasPrefix("/") ? "/" + path : path
    }

    /// A reference that leads nowhere is told once, however often it stands there.
    private func report(_ reference: String, at node: DocumentNode) {
        guard reported.insert(reference).inserted else { return }
        let isRemote = reference.contains("://")
        let problem = Diagnostic.warning(
            "Reference leads nowhere",
            isRemote
                ? "\"\(reference)\" stands on a server and is not fetched. Save it beside the document and refer to it "
                    + "there; until then, what it describes is taken as any value."
                : "There is nothing at \"\(reference)\"; what it should describe is taken as any value.",
            at: node["$ref"]?.range ?? node.range)
        problems.append(problem)
    }
}
