import PlumbModel

/// Reads how an API wants to be told who asks.
struct SecurityReader {
    private let documents: DocumentSet

    init(_ documents: DocumentSet) { self.documents = documents }

    /// The scheme that most operations ask for comes first.
    ///
    /// - Parameter uses: how many operations ask for a scheme, by its name.
    func schemes(uses: [String: Int]) -> [SecurityScheme] {
        let root = documents.root
        let entries = root[["components", "securitySchemes"]]?.entries ?? root["securityDefinitions"]?.entries ?? []
        let schemes = entries.compactMap { entry in
            documents.resolved(entry.value).map {
                SecurityScheme(name: entry.key, kind: kind($0), uses: uses[entry.key] ?? 0)
            }
        }
        // Stable: among those with as many uses, the document's order decides.
        return schemes.enumerated().sorted { left, right in
            let leftRank = (rank(left.element), -left.element.uses, left.offset)
            return leftRank < (rank(right.element), -right.element.uses, right.offset)
        }.map(\.element)
    }

    /// What can be used goes before what cannot.
    private func rank(_ scheme: SecurityScheme) -> Int {
        switch scheme.kind {
        case .other, .cookie: 1
        default: 0
        }
    }

    private func kind(_ node: DocumentNode) -> SecurityScheme.Kind {
        let name = node["name"]?.text ?? ""
        switch (node["type"]?.text ?? "", node["scheme"]?.text?.lowercased()) {
        case ("apiKey", _):
            switch node["in"]?.text {
            case "query": return .query(name)
            case "cookie": return .cookie(name)
            default: return isBearer(node, name) ? .bearer : .header(name, prefix: prefix(node, name))
            }
        case ("http", "bearer"): return .bearer
        case ("http", "basic"), ("basic", _): return .basic
        case ("oauth2", _): return oauth2(node)
        case ("mutualTLS", _): return .mutualTLS
        case (let type, let scheme): return .other([type, scheme ?? ""].filter { !$0.isEmpty }.joined(separator: " "))
        }
    }

    /// Swagger 2 knows no bearer tokens; its documents say so in words: `Authorization: Bearer <token>`.
    private func isBearer(_ node: DocumentNode, _ name: String) -> Bool {
        name.lowercased() == "authorization" && node["description"]?.text?.lowercased().contains("bearer") == true
    }

    /// Django's tokens want a word before them, which their documents mention.
    private func prefix(_ node: DocumentNode, _ name: String) -> String {
        let text = node["description"]?.text ?? ""
        return name.lowercased() == "authorization" && text.contains("\"Token\"") ? "Token " : ""
    }

    private func oauth2(_ node: DocumentNode) -> SecurityScheme.Kind {
        let flow =
            node[["flows", "clientCredentials"]] ?? node[["flows", "application"]]
            ?? (node["flow"]?.text == "application" ? node : nil)
        guard let flow, let tokenURL = flow["tokenUrl"]?.text else {
            // A token that somebody has fetched elsewhere is a bearer token.
            return .bearer
        }
        return .clientCredentials(tokenURL: tokenURL, scopes: flow["scopes"]?.entries.map(\.key) ?? [])
    }
}
