/// Drafts how an API is told who asks.
struct AuthenticationDrafter {
    let schemes: [SecurityScheme]

    struct Draft {
        var entry: YAMLDraft.Entry?
        var variables: [APISettings.Variable] = []
        var advice: [String] = []
    }

    func draft() -> Draft {
        guard let scheme = schemes.first else {
            return Draft(advice: [
                "The document does not say how to tell who asks. If the API wants a key, add `auth:`."
            ])
        }
        var draft = draft(of: scheme)
        let others = schemes.dropFirst().map(\.name)
        if !others.isEmpty, draft.entry != nil {
            let comment = "The document also knows: \(others.prefix(6).joined(separator: ", "))."
            draft.entry?.comment = comment
        }
        return draft
    }

    private func draft(of scheme: SecurityScheme) -> Draft {
        switch scheme.kind {
        case .header(let name, let prefix): return Draft(entry: header(name, "\(prefix)${var.key}"))
        case .bearer: return Draft(entry: .init("auth", .map([.init("bearer", .text("${var.key}"))])))
        case .basic:
            return Draft(
                entry: .init(
                    "auth",
                    .map([
                        .init(
                            "basic",
                            .map([.init("user", .text("${var.user}")), .init("password", .text("${var.key}"))]))
                    ])),
                variables: [
                    APISettings.Variable(name: "user", defaultValue: nil, summary: "Who asks; `key` is the password.")
                ])
        case .query(let name):
            return Draft(
                entry: .init("auth", .map([.init("query", .text(name)), .init("value", .text("${var.key}"))])))
        case .cookie(let name): return Draft(entry: header("Cookie", "\(name.withoutExpressions)=${var.key}"))
        case .clientCredentials(let url, let scopes): return clientCredentials(url, scopes)
        case .mutualTLS:
            return Draft(advice: ["The API knows its clients by certificates: give the instance its own in stack.yaml."]
            )
        case .other(let text):
            return Draft(
                entry: header("Authorization", "${var.key}"),
                advice: ["\"\(scheme.name)\" (\(text)) is no way to authenticate that is known here: mend `auth:`."])
        }
    }

    private func header(_ name: String, _ value: String) -> YAMLDraft.Entry {
        .init("auth", .map([.init("header", .text(name)), .init("value", .text(value))]))
    }

    private func clientCredentials(_ url: String, _ scopes: [String]) -> Draft {
        var entries = [
            YAMLDraft.Entry("token_url", .text(url.withoutExpressions)),
            YAMLDraft.Entry("client_id", .text("${var.client_id}")),
            YAMLDraft.Entry("client_secret", .text("${var.key}")),
        ]
        if scopes.count == 1 { entries.append(.init("scopes", .list(scopes.map { .text($0.withoutExpressions) }))) }
        return Draft(
            entry: .init("auth", .map([.init("oauth2", .map(entries))])),
            variables: [
                APISettings.Variable(
                    name: "client_id", defaultValue: nil, summary: "The client's id; `key` is its secret.")
            ],
            advice: scopes.count > 1
                ? [
                    "Tokens are asked for without scopes; the document knows: \(scopes.prefix(12).joined(separator: ", "))."
                ]
                : [])
    }
}
