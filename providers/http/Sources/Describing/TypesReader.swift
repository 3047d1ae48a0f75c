import PlumbModel

/// Reads the types of an API file: first what they look like, then what is done with them.
struct TypesReader {
    let settings: NameCheck
    /// Of the API.
    let errors: ErrorRules
    let references: (any SchemaReferenceReading)?

    func read(_ section: inout SectionReader) -> (resources: [TypeDescription], data: [DataDescription]) {
        if section.node["types"] == nil, section.node["data"] == nil, section.node.mapping != nil {
            section.report(
                "Missing key", "an API file must have \"types\": what resources the API has.",
                at: section.node.range.firstLine)
        }
        var resources = readers("types", "the type", TypeReader.resourceKeys, &section)
        var shapes: [String: TypeShape] = [:]
        for index in resources.indices { shapes[resources[index].name] = resources[index].readShape() }
        var types: [TypeDescription] = []
        for index in resources.indices {
            if let type = resources[index].readResource(shapes) { types.append(type) }
            section.adopt(resources[index].problems)
        }
        refuseCycles(types, &section)
        var data = readers("data", "the data type", TypeReader.dataKeys, &section)
        var dataTypes: [DataDescription] = []
        for index in data.indices {
            if let type = data[index].readData() { dataTypes.append(type) }
            section.adopt(data[index].problems)
        }
        return (types, dataTypes)
    }

    private func readers(
        _ key: String, _ kind: String, _ keys: [String], _ section: inout SectionReader
    ) -> [TypeReader] {
        guard let node = section.node[key] else { return [] }
        return section.section(node, key, keys: nil) { types in
            types.entries.map {
                TypeReader(
                    $0, kind, keys: keys, settings: settings, errors: errors, references: references)
            }
        }
    }

    /// What is in what must end somewhere.
    private func refuseCycles(_ types: [TypeDescription], _ section: inout SectionReader) {
        let parents = Dictionary(
            types.compactMap { type in type.scan?.parent.map { (type.name, $0) } },
            uniquingKeysWith: { first, _ in first })
        for type in types {
            var way = [type.name]
            while let last = way.last, let next = parents[last], !way.contains(next) { way.append(next) }
            guard let last = way.last, parents[last] == type.name else { continue }
            let entry = section.node["types"]?.mapping?.first { $0.key == type.name }
            section.report(
                "Circular scan",
                "the scan of \(type.name) goes round in a circle: \((way + [type.name]).joined(separator: " within ")).",
                at: entry?.keyRange ?? section.node.range.firstLine)
        }
    }
}
