import PlumbModel

/// Reads the schema of a type: its attributes, one by one.
struct SchemaReader {
    /// What a schema says beyond what the engine needs to know.
    struct Result {
        var schema = Schema([])
        var nestedComputed: [AttributePattern] = []
    }

    let name: String
    let references: (any SchemaReferenceReading)?

    /// `section` is that of the type.
    ///
    /// Nil where there is no schema at all, which has been told: then names of attributes say nothing.
    func read(_ section: inout SectionReader, at nameRange: SourceRange) -> Result? {
        guard let written = section.node["schema"] else {
            if section.node.mapping != nil {
                section.report("Missing key", "the type \(name) must have a \"schema\".", at: nameRange)
            }
            return nil
        }
        guard let node = resolved(written, &section) else { return nil }
        return section.section(node, "the schema of \(name)", keys: nil) { schema in
            var result = Result()
            let attributes = schema.entries.map { entry in
                var reader = AttributeReader(entry)
                let attribute = reader.read()
                schema.adopt(reader.problems)
                result.nestedComputed += reader.nestedComputed
                return attribute
            }
            result.schema = Schema(attributes)
            return result
        }
    }

    /// The schema with what it refers to. Nil only if problems were found.
    private func resolved(_ node: SpecificationNode, _ section: inout SectionReader) -> SpecificationNode? {
        guard let entry = node.mapping?.first(where: { $0.key == "$ref" }) else { return node }
        let own = SpecificationNode(.mapping((node.mapping ?? []).filter { $0.key != "$ref" }), at: node.range)
        guard let references, let scalar = entry.value.scalar, scalar.isString else {
            section.report(
                "Invalid reference",
                "the schema of \(name): $ref names a document beside the API file and the place in it, as in "
                    + "$ref: \"openapi.yaml#/components/schemas/Zone\".", at: entry.value.range)
            return nil
        }
        do throws(Diagnostics) {
            return try references.schema(at: scalar.text, range: entry.value.range).merging(own)
        } catch {
            section.adopt(error)
            return nil
        }
    }
}
