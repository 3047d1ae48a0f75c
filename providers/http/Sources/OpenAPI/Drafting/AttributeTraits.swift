import PlumbModel

/// Tells from an attribute's name and schema what the document does not say outright.
enum AttributeTraits {
    private static let secretWords: Set<String> = [
        "password", "passwd", "pwd", "passphrase", "secret", "token", "apikey", "privatekey", "accesskey", "credential",
        "credentials", "secretkey",
    ]
    /// `token_type` and `secret_name` tell about a secret, and are none.
    private static let harmlessEnds: Set<String> = [
        "name", "id", "ids", "type", "url", "uri", "ref", "arn", "at", "ttl", "expires", "expiry", "expiration", "in",
        "count", "limit", "length", "policy", "enabled", "required", "path", "hint", "version", "algorithm", "method",
        "endpoint", "format", "prefix", "lifetime", "validity", "reset", "strength", "size", "set", "age", "max",
        "min", "seconds", "days", "names", "issuer",
    ]

    static func isSensitive(_ name: String, _ shape: SchemaShape) -> Bool {
        switch shape.kind {
        case .string, .any, .list, .map: break
        case .number, .bool, .object: return false
        }
        if shape.format == "password" { return true }
        let isVague = ["key", "value", "data", "content"].contains(name.lowercased())
        if isVague, shape.summary.lowercased().contains("secret") { return true }
        let words = Naming.snake(name).split(separator: "_").map(String.init)
        guard let last = words.last, !harmlessEnds.contains(last) else { return false }
        let pairs = zip(words, words.dropFirst()).map { $0 + $1 }
        return (words + pairs).contains(where: secretWords.contains)
    }

    /// What a server gives to each resource, whether or not the document says that it cannot be sent.
    static func isServerGiven(_ name: String) -> Bool {
        // `__v`, `__typename`
        if name.hasPrefix("__") { return true }
        let name = Naming.snake(name)
        let times = ["created", "updated", "modified", "deleted", "creation", "last_modified", "inserted"]
        let ends = ["at", "on", "date", "time", "by", "timestamp", "datetime", "utc"]
        if times.contains(name) || ["etag", "links", "self", "href", "date_created", "date_modified"].contains(name) {
            return true
        }
        return times.contains { time in ends.contains { name == time + "_" + $0 } }
    }

    /// What a server never changes once it has given it.
    static func isConstant(_ name: String) -> Bool {
        let name = Naming.snake(name)
        return ["id", "uuid", "uid", "guid", "_id", "created", "href", "self", "arn", "urn"].contains(name)
            || name.hasSuffix("_id") || name.hasPrefix("created") || name.hasPrefix("creation")
            || name == "date_created"
    }

    /// What only a server would number or name so.
    static func isIdentifier(_ name: String) -> Bool {
        ["id", "uuid", "guid", "uid", "identifier", "key_id"].contains(Naming.snake(name))
    }

    /// What is to be left out: hypermedia and the like.
    static func isNoise(_ name: String) -> Bool {
        guard let first = name.first else { return true }
        return name != "_id" && "_@$#".contains(first)
    }
}
