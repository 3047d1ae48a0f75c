import PlumbModel
import Synchronization

/// Takes the attributes of a type out of OpenAPI documents that stand beside an API file.
final class OpenAPISchemas: SchemaReferenceReading {
    private let source: any SpecificationSource
    private let apiPath: String
    /// A document is often referred to by each type of an API file, which pay for its schemas together.
    private let readers = Mutex<[String: ShapeReader]>([:])

    /// - Parameter apiPath: the API file's path in `source`, which references are relative to.
    init(_ source: any SpecificationSource, apiPath: String) {
        self.source = source
        self.apiPath = apiPath
    }

    func schema(at reference: String, range: SourceRange) throws(Diagnostics) -> SpecificationNode {
        let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, parts[1].hasPrefix("/") else {
            throw problem(
                "Invalid reference",
                "\"\(reference)\" must be the path of an OpenAPI document relative to the API file, \"#\", and the place in it, "
                    + "as in openapi.yaml#/components/schemas/Zone.", range)
        }
        guard !parts[0].contains("://"), !parts[0].hasPrefix("/") else {
            throw problem(
                "Invalid reference",
                "\"\(parts[0])\" is no path relative to the API file. Save the document beside the API file.", range)
        }
        let folder = apiPath.lastIndex(of: "/").map { String(apiPath[...$0]) } ?? ""
        let path = FileName.normal(folder + parts[0])
        return try readers.withLock { (readers) throws(Diagnostics) in
            let known = readers[path]
            let reader = if let known { known } else { try self.reader(path, range) }
            readers[path] = reader
            return try schema(parts[1], path, reader, range)
        }
    }

    private func schema(
        _ pointer: String, _ path: String, _ reader: ShapeReader, _ range: SourceRange
    ) throws(Diagnostics) -> SpecificationNode {
        let documents = reader.documents
        guard let node = documents.target(of: "#" + pointer, in: path).flatMap({ documents.resolved($0) }) else {
            throw problem(
                "Schema not found",
                "There is no \"\(pointer)\" in \"\(path)\".\(hint(pointer, documents.root))", range)
        }
        let before = reader.allowance.used
        let shape = Envelope.flat(reader.shape(of: node))
        try reader.allowance.check()
        try source.allowance?.spend(reader.allowance.used - before + shape.weight, .steps, at: range)
        guard !shape.properties.isEmpty else {
            throw problem(
                "Schema without attributes",
                "What stands at \"\(pointer)\" in \"\(path)\" describes no object with properties, so that there are no "
                    + "attributes to take.", range)
        }
        let entries = shape.properties.filter { !AttributeTraits.isNoise($0.name) }.map(OpenAPISchemas.entry)
        return YAMLDraft.map(entries).node(at: node.range.firstLine)
    }

    private func reader(_ path: String, _ range: SourceRange) throws(Diagnostics) -> ShapeReader {
        guard let bytes = try source.contents(of: path) else {
            throw problem("Missing document", "There is no file \"\(path)\" in \(source.name).", range)
        }
        let root = try DocumentReader.read(bytes, path: path)
        return ShapeReader(DocumentSet(root: root, path: path, contents: source.contents))
    }

    /// A schema of much the same name.
    private func hint(_ pointer: String, _ root: DocumentNode) -> String {
        let wanted = pointer.split(separator: "/").last.map(String.init) ?? pointer
        let schemas = root[["components", "schemas"]] ?? root["definitions"]
        return Suggestion.didYouMean(wanted, among: schemas?.entries.map(\.key) ?? [])
    }

    private func problem(_ summary: String, _ detail: String, _ range: SourceRange) -> Diagnostics {
        Diagnostics(.error(summary, detail, at: range))
    }

    /// What the schema says by itself; what requests say besides is for the API file to add.
    private static func entry(_ property: SchemaShape.Property) -> YAMLDraft.Entry {
        let shape = property.shape
        var attribute = AttributeDraft(
            name: Naming.attribute(property.name), shape: shape, presence: .optionalComputed,
            isSensitive: AttributeTraits.isSensitive(property.name, shape), isWriteOnly: shape.isWriteOnly,
            summary: SentenceMaker.summary(shape))
        if shape.isReadOnly || (AttributeTraits.isServerGiven(property.name) && !property.isRequired) {
            attribute.presence = .computed
            attribute.isVolatile = !AttributeTraits.isConstant(property.name)
        } else if property.isRequired {
            attribute.presence = .required
        } else if let value = shape.simpleDefault {
            attribute.presence = .optional
            attribute.defaultValue = value
        } else if shape.isWriteOnly {
            attribute.presence = .optional
        }
        if attribute.isWriteOnly { attribute.defaultValue = nil }
        return YAMLDraft.Entry(attribute.name, .map(attribute.entries))
    }
}

extension YAMLDraft {
    /// The same as if it had been read from a file, all of it at one place.
    fileprivate func node(at range: SourceRange) -> SpecificationNode {
        switch self {
        case .text(let text):
            SpecificationNode(.scalar(Scalar(text: text, style: .doubleQuoted, value: .string(text))), at: range)
        case .plain(let text):
            SpecificationNode(.scalar(Scalar(text: text, style: .plain, value: PlainScalar.value(text))), at: range)
        case .list(let elements): SpecificationNode(.sequence(elements.map { $0.node(at: range) }), at: range)
        case .map(let entries):
            SpecificationNode(
                .mapping(
                    entries.map {
                        SpecificationNode.Entry(key: $0.key, keyRange: range, value: $0.value.node(at: range))
                    }), at: range)
        case .anchored(_, let inner): inner.node(at: range)
        case .alias(let name): preconditionFailure("No schema has an alias, such as *\(name).")
        }
    }
}
