import PlumbModel

/// Sums up what an API file can do, for people who write one.
struct DescriptionReview {
    let api: APIDescription

    var checked: CheckedAPI {
        CheckedAPI(
            name: api.name, baseURL: api.baseURL?.range.text,
            requiredVariables: api.variables.filter { $0.defaultValue == nil }.map(\.name),
            types: api.types.map(entry) + api.dataTypes.map(entry), warnings: api.warnings)
    }

    private func entry(_ type: TypeDescription) -> CheckedAPI.TypeEntry {
        let operations: [(name: String, isThere: Bool)] = [
            ("read", true), ("lookup", type.lookup != nil), ("list", type.list != nil), ("batch", type.batch != nil),
            ("create", true), ("update", type.update != nil), ("delete", true), ("scan", type.scan != nil),
        ]
        let form = type.importKey.isEmpty ? "-" : type.importKey.map { "<\($0)>" }.joined(separator: "/")
        let canImport = type.lookup != nil || type.readNeeds.allSatisfy(type.importKey.contains)
        return CheckedAPI.TypeEntry(
            name: type.name, isData: false, attributeCount: type.schema.attributes.count,
            operations: operations.filter(\.isThere).map(\.name), importForm: canImport ? form : nil,
            consequences: consequences(type))
    }

    private func consequences(_ type: TypeDescription) -> [String] {
        var sentences: [String] = []
        if type.update == nil { sentences.append("No update: every change replaces.") }
        if type.list == nil, type.batch == nil {
            sentences.append("No list and no batch: a refresh asks once for each resource.")
        } else if type.list?.isPartial == true, type.batch == nil {
            sentences.append("The list is partial: a refresh asks once for each resource.")
        }
        if type.lookup == nil {
            sentences.append("No lookup: a creation that was interrupted waits for a person.")
        }
        if type.scan == nil {
            sentences.append(
                type.list == nil
                    ? "No list: `plumb scan` cannot find what nobody manages."
                    : "Not scanned: its list needs a parent, or scan is false.")
        }
        return sentences
    }

    private func entry(_ type: DataDescription) -> CheckedAPI.TypeEntry {
        CheckedAPI.TypeEntry(
            name: type.shape.name, isData: true, attributeCount: type.shape.schema.attributes.count,
            operations: ["read"], importForm: nil, consequences: [])
    }
}
