/// Makes names of types and attributes from the words of a document.
enum Naming {
    private static let irregular = [
        "people": "person", "children": "child", "men": "man", "women": "woman", "indices": "index",
        "indexes": "index", "matrices": "matrix", "vertices": "vertex", "movies": "movie", "cookies": "cookie",
        "caches": "cache", "aliases": "alias", "canvases": "canvas", "media": "media", "data": "data",
        "dies": "die", "ties": "tie", "pies": "pie", "leaves": "leaf", "shelves": "shelf", "series": "series",
        "species": "species", "news": "news", "dns": "dns", "tls": "tls", "sms": "sms", "ns": "ns", "os": "os",
        "aws": "aws", "https": "https", "kubernetes": "kubernetes", "lens": "lens", "ids": "id", "acls": "acl",
    ]

    /// `PetStore v2` becomes `pet_store_v2`, `HTTPRoute` becomes `http_route`.
    static func snake(_ text: String) -> String {
        var words: [String] = []
        var word = ""
        let letters = Array(text.unicodeScalars)
        for (place, letter) in letters.enumerated() {
            guard letter.isASCII, letter.properties.isAlphabetic || ("0"..."9").contains(letter) else {
                if letter != "'" { flush(&word, into: &words) }
                continue
            }
            let isUpper = ("A"..."Z").contains(letter)
            let isAfterSmall = place > 0 && !("A"..."Z").contains(letters[place - 1])
            let isBeforeSmall = place + 1 < letters.count && ("a"..."z").contains(letters[place + 1])
            // `IDs` and `VMs` are words.
            let endsPlural = isBeforeSmall && letters[place + 1] == "s" && place + 2 == letters.count
            if isUpper, !word.isEmpty, isAfterSmall || (isBeforeSmall && !endsPlural) { flush(&word, into: &words) }
            word.unicodeScalars.append(letter)
        }
        flush(&word, into: &words)
        return words.joined(separator: "_")
    }

    private static func flush(_ word: inout String, into words: inout [String]) {
        if !word.isEmpty { words.append(word.lowercased()) }
        word = ""
    }

    /// Of a word or of the last of several: `access_policies` becomes `access_policy`.
    static func singular(_ text: String) -> String {
        guard let cut = text.lastIndex(of: "_") else { return singular(word: text) }
        return text[...cut] + singular(word: String(text[text.index(after: cut)...]))
    }

    private static func singular(word: String) -> String {
        if let known = irregular[word] { return known }
        guard word.hasSuffix("s"), word.utf8.count > 2 else { return word }
        if ["ss", "us", "is"].contains(where: word.hasSuffix) { return word }
        if word.hasSuffix("ies"), word.utf8.count > 4 { return word.dropLast(3) + "y" }
        if ["sses", "shes", "ches", "xes", "zzes"].contains(where: word.hasSuffix) { return String(word.dropLast(2)) }
        if word.hasSuffix("uses"), !word.hasSuffix("ouses"), !word.hasSuffix("auses"), word.utf8.count > 4 {
            return String(word.dropLast(2))
        }
        return String(word.dropLast())
    }

    /// Words that say how an API is offered, not what it is about.
    private static let empty: Set<String> = [
        "api", "apis", "rest", "restful", "http", "openapi", "swagger", "the", "a", "an", "of", "for", "service",
        "services", "server", "v1", "v2", "v3", "v4", "v5", "spec", "specification", "public", "reference", "docs",
        "documentation", "definition", "definitions", "json", "web", "open", "latest", "beta", "alpha", "version",
        "management", "x", "with", "and", "using", "by",
    ]

    /// A short name of an API from its title; nil where nothing is left of it.
    static func apiName(title: String) -> String? {
        // What stands behind a dash or in brackets explains the name.
        let head = title.prefix { !"-:(|–—,".contains($0) }
        let words = snake(head.isEmpty ? title : String(head)).split(separator: "_").map(String.init)
        let telling = words.filter { !empty.contains($0) && !$0.allSatisfy(\.isNumber) }
        let name = telling.prefix(2).joined(separator: "_")
        return name.first?.isLetter == true ? name : nil
    }

    /// The name of an attribute: the server's own where that can be one.
    static func attribute(_ name: String) -> String {
        let isName =
            name.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
                    || byte == UInt8(ascii: "_")
            } && name.utf8.first.map { !(0x30...0x39).contains($0) } ?? false
        if isName { return name }
        let snake = snake(name)
        return snake.first?.isLetter == true ? snake : "field_" + snake
    }

    /// The same for names that differ in the way of writing alone: `userId`, `user_id`, `UserID`.
    static func folded(_ name: String) -> String { snake(name).filter { $0 != "_" } }
}
