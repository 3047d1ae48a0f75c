import PlumbModel
import ProviderAPI

/// Reads what the server offers, in the aggregated form where it is served, otherwise version by version.
struct DiscoveryReader {
    let client: ClusterClient

    private static let aggregated = [
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList", "application/json",
    ].joined(separator: ",")

    /// All that the server offers; nil where it must be asked version by version.
    func readAll() async throws(ProviderError) -> (resources: [APIResource], preferred: [String: String])? {
        var resources: [APIResource] = []
        var preferred: [String: String] = [:]
        for path in ["/apis", "/api"] {
            let answer = try await client.ask(.init(path: path, accept: Self.aggregated))
            if let refusal = Refusal(answer) {
                // Who has no index, or lets nobody see it, may still tell of a version that is asked for.
                if refusal.isGone || refusal.status == 403 || refusal.status == 406 { return nil }
                throw refusal.error(changes: false)
            }
            guard answer.body[key: "kind"]?.asString == "APIGroupDiscoveryList" else { return nil }
            for group in answer.body[key: "items"]?.asList ?? [] {
                let name = group[key: "metadata"]?[key: "name"]?.asString ?? ""
                for version in group[key: "versions"]?.asList ?? [] {
                    guard let text = version[key: "version"]?.asString else { continue }
                    if preferred[name] == nil { preferred[name] = text }
                    let groupVersion = GroupVersion(group: name, version: text)
                    resources += (version[key: "resources"]?.asList ?? []).compactMap {
                        Self.aggregatedResource($0, groupVersion)
                    }
                }
            }
        }
        return (resources, preferred)
    }

    private static func aggregatedResource(_ item: Value, _ version: GroupVersion) -> APIResource? {
        guard let plural = item[key: "resource"]?.asString,
            let kind = item[key: "responseKind"]?[key: "kind"]?.asString, !kind.isEmpty
        else { return nil }
        return APIResource(
            version: version, kind: kind, plural: plural, isNamespaced: item[key: "scope"]?.asString == "Namespaced",
            verbs: texts(item[key: "verbs"]),
            subresources: Set((item[key: "subresources"]?.asList ?? []).compactMap { $0[key: "subresource"]?.asString })
        )
    }

    /// What one version offers; nil where there is no such version.
    func read(_ version: GroupVersion) async throws(ProviderError) -> [APIResource]? {
        let answer = try await client.ask(.init(path: version.path))
        if let refusal = Refusal(answer) {
            if refusal.isGone { return nil }
            throw refusal.error(changes: false)
        }
        let items = answer.body[key: "resources"]?.asList ?? []
        var subresources: [String: Set<String>] = [:]
        for item in items {
            let parts = (item[key: "name"]?.asString ?? "").split(separator: "/").map(String.init)
            if parts.count == 2 { subresources[parts[0], default: []].insert(parts[1]) }
        }
        return items.compactMap { item in
            guard let plural = item[key: "name"]?.asString, !plural.contains("/"),
                let kind = item[key: "kind"]?.asString
            else { return nil }
            return APIResource(
                version: version, kind: kind, plural: plural, isNamespaced: item[key: "namespaced"]?.asBool ?? false,
                verbs: Self.texts(item[key: "verbs"]), subresources: subresources[plural] ?? [])
        }
    }

    /// The version that the server prefers of each group.
    func readPreferred() async throws(ProviderError) -> [String: String] {
        let answer = try await client.ask(.init(path: "/apis"))
        var preferred = ["": "v1"]
        if let refusal = Refusal(answer) {
            if refusal.isGone { return preferred }
            throw refusal.error(changes: false)
        }
        for group in answer.body[key: "groups"]?.asList ?? [] {
            guard let name = group[key: "name"]?.asString else { continue }
            preferred[name] = group[key: "preferredVersion"]?[key: "version"]?.asString
        }
        return preferred
    }

    /// All versions of all groups, those that the server prefers first.
    func readVersions() async throws(ProviderError) -> [GroupVersion] {
        let answer = try await client.ask(.init(path: "/apis"))
        if let refusal = Refusal(answer) { throw refusal.error(changes: false) }
        let texts = (answer.body[key: "groups"]?.asList ?? []).flatMap { $0[key: "versions"]?.asList ?? [] }
        return ["v1"].compactMap(GroupVersion.init)
            + texts.compactMap { $0[key: "groupVersion"]?.asString.flatMap { GroupVersion($0) } }
    }

    private static func texts(_ list: Value?) -> Set<String> { Set((list?.asList ?? []).compactMap(\.asString)) }
}
