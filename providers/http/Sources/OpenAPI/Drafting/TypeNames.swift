/// Gives each group a name of its own: `things_disk`, and where two are called so, `things_server_disk`.
enum TypeNames {
    static func names(of groups: [ResourceGroup], api: String) -> [String] {
        let words = groups.map(words)
        // How many words of the path, from its end, each name has.
        var depths = [Int](repeating: 1, count: groups.count)
        for _ in 0..<8 {
            let names = zip(words, depths).map { name($0, $1) }
            let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
            var hasChanged = false
            for place in groups.indices where counts[names[place], default: 0] > 1 && depths[place] < words[place].count
            {
                depths[place] += 1
                hasChanged = true
            }
            guard hasChanged else { break }
        }
        var taken = Set<String>()
        return zip(words, depths).map { words, depth in
            let own = name(words, depth)
            let full = own.isEmpty ? api : own == api || own.hasPrefix(api + "_") ? own : api + "_" + own
            var name = full
            var count = 1
            while !taken.insert(name).inserted {
                count += 1
                name = "\(full)_\(count)"
            }
            return name
        }
    }

    /// The words that a path names things by, singular, from the outside inwards; versions and the like left out.
    private static func words(_ group: ResourceGroup) -> [String] {
        let words = group.words.map { Naming.snake($0) }.filter { word in
            let isVersion = word.hasPrefix("v") && word.dropFirst().allSatisfy { $0.isNumber || $0 == "_" }
            return !word.isEmpty && !isVersion && !["api", "apis", "rest"].contains(word)
        }
        return words.map(Naming.singular)
    }

    private static func name(_ words: [String], _ depth: Int) -> String {
        words.suffix(depth).joined(separator: "_")
    }
}
