import PlumbModel

/// What a kubeconfig says: clusters, users, and contexts that put the two together.
struct Kubeconfig: Sendable {
    /// A mapping with the folder that its relative paths start from.
    struct Entry: Sendable {
        let value: Value
        let folder: String

        func text(_ key: String) -> String? {
            guard let text = value[key: key]?.asString, !text.isEmpty else { return nil }
            return text
        }

        func flag(_ key: String) -> Bool { value[key: key]?.asBool ?? false }

        /// A path, absolute.
        func path(_ key: String) -> String? { text(key).map { $0.hasPrefix("/") ? $0 : folder + "/" + $0 } }
    }

    private(set) var currentContext: String?
    private(set) var clusters: [String: Entry] = [:]
    private(set) var users: [String: Entry] = [:]
    private(set) var contexts: [String: Entry] = [:]
    /// The files that it was read from.
    private(set) var files: [String] = []

    /// Takes in another file: what an earlier one has said stays.
    mutating func merge(_ value: Value, from file: String) {
        files.append(file)
        let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        if currentContext == nil, let name = value[key: "current-context"]?.asString, !name.isEmpty {
            currentContext = name
        }
        Self.take(value[key: "clusters"], "cluster", folder, &clusters)
        Self.take(value[key: "users"], "user", folder, &users)
        Self.take(value[key: "contexts"], "context", folder, &contexts)
    }

    private static func take(_ list: Value?, _ key: String, _ folder: String, _ entries: inout [String: Entry]) {
        for item in list?.asList ?? [] {
            guard let name = item[key: "name"]?.asString, entries[name] == nil else { continue }
            entries[name] = Entry(value: item[key: key] ?? .null, folder: folder)
        }
    }
}
