import PlumbModel
import ProviderAPI

/// Knows what the server says of the fields of kinds (OpenAPI, version 3 where it is served), asked when first needed.
actor ServerSchemas {
    private let client: ClusterClient
    /// Of one version of a group, or of all of them where the server has one document.
    private struct Document {
        let definitions: ValueMap
        let names: [String: String]

        init(_ definitions: ValueMap) {
            self.definitions = definitions
            var names: [String: String] = [:]
            for entry in definitions {
                for kind in entry.value[key: "x-kubernetes-group-version-kind"]?.asList ?? [] {
                    let group = kind[key: "group"]?.asString ?? ""
                    let version = GroupVersion(group: group, version: kind[key: "version"]?.asString ?? "")
                    names["\(version) \(kind[key: "kind"]?.asString ?? "")"] = entry.key
                }
            }
            self.names = names
        }
    }

    /// Where the documents of version 3 are, by version; nil: not asked yet. Empty where the server has none.
    private var places: [String: String]?
    private var documents: [String: Document] = [:]
    private var asking: [String: Task<Document?, Never>] = [:]

    init(_ client: ClusterClient) { self.client = client }

    /// Nil where the server does not tell.
    func schema(of version: GroupVersion, _ kind: String) async -> ObjectSchema? {
        guard let document = await document(of: version), let name = document.names["\(version) \(kind)"],
            let root = document.definitions[name]
        else { return nil }
        return ObjectSchema(root, definitions: document.definitions)
    }

    private func document(of version: GroupVersion) async -> Document? {
        let place = await places()[version.path] ?? "/openapi/v2"
        if let known = documents[place] { return known }
        if let task = asking[place] { return await task.value }
        let task = Task { await read(place) }
        asking[place] = task
        let found = await task.value
        documents[place] = found
        return found
    }

    /// It only explains what another call finds out: where it cannot be had, that call's own words must do.
    private func read(_ place: String) async -> Document? {
        let parts = place.split(separator: "?", maxSplits: 1).map(String.init)
        let query = parts.count > 1 ? parts[1].split(separator: "&").map(Self.pair) : []
        guard let answer = try? await client.ask(.init(path: parts[0], query: query)), answer.status == 200 else {
            return nil
        }
        let definitions = answer.body[key: "components"]?[key: "schemas"] ?? answer.body[key: "definitions"]
        return definitions?.asMap.map(Document.init)
    }

    private static func pair(_ text: Substring) -> (String, String) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        return (parts[0], parts.count > 1 ? parts[1] : "")
    }

    private func places() async -> [String: String] {
        if let places { return places }
        var found: [String: String] = [:]
        if let answer = try? await client.ask(.init(path: "/openapi/v3")), answer.status == 200 {
            for entry in answer.body[key: "paths"]?.asMap ?? ValueMap() {
                found["/" + entry.key] = entry.value[key: "serverRelativeURL"]?.asString
            }
        }
        places = found
        return found
    }
}
