import PlumbModel

/// A field as the server names it in refusals: `.spec.template.spec.containers[name="app"].image`, `spec.ports[0].port`.
struct ServerField {
    private enum Step {
        case key(String)
        case index(Int)
        case item(ValueMap)
        case member(Value)
    }

    private let steps: [Step]
    let text: String

    init(_ text: String) {
        self.text = text.hasPrefix(".") ? String(text.dropFirst()) : text
        var steps: [Step] = []
        var rest = self.text[...]
        while let first = rest.first {
            if first == "[" {
                guard let (content, after) = ServerField.bracket(rest) else { break }
                steps.append(ServerField.step(content))
                rest = after
            } else {
                if first == "." { rest = rest.dropFirst() }
                let word = rest.prefix { $0 != "." && $0 != "[" }
                if word.isEmpty, rest.first != "[" { break }
                if !word.isEmpty { steps.append(.key(String(word))) }
                rest = rest.dropFirst(word.count)
            }
        }
        self.steps = steps
    }

    /// What stands between the brackets, quotes minded.
    private static func bracket(_ text: Substring) -> (Substring, Substring)? {
        var isQuoted = false
        var isEscaped = false
        for index in text.indices.dropFirst() {
            if isEscaped {
                isEscaped = false
            } else if isQuoted, text[index] == "\\" {
                isEscaped = true
            } else if text[index] == "\"" {
                isQuoted.toggle()
            } else if !isQuoted, text[index] == "]" {
                return (text[text.index(after: text.startIndex)..<index], text[text.index(after: index)...])
            }
        }
        return nil
    }

    private static func step(_ content: Substring) -> Step {
        if let index = Int(content) { return .index(index) }
        if content.hasPrefix("="), let member = try? Value(json: String(content.dropFirst())) { return .member(member) }
        var keys = ValueMap()
        for pair in content.split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = try? Value(json: String(parts[1])) else { return .key(String(content)) }
            keys[String(parts[0])] = value
        }
        return keys.isEmpty ? .key(String(content)) : .item(keys)
    }

    /// Whether a manifest declares it.
    func isDeclared(in manifest: Value) -> Bool {
        var current = manifest
        for step in steps {
            let next: Value?
            switch step {
            case .key(let key): next = current[key: key]
            case .index(let index): next = current.asList.flatMap { $0.indices.contains(index) ? $0[index] : nil }
            case .item(let keys):
                next = current.asList?.first { item in
                    keys.allSatisfy { item[key: $0.key].map($0.value.isSame) ?? true }
                }
            case .member(let member): next = current.asList?.first { $0 == member }
            }
            guard let next else { return false }
            current = next
        }
        return !current.isNull
    }

    /// Where it stands in a manifest, from the resource's attributes; as far as the manifest has it.
    func path(in manifest: Value) -> AttributePath {
        var path = AttributePath("manifest")
        var current = manifest
        for step in steps {
            switch step {
            case .key(let key):
                path = path.appending(.key(key))
                current = current[key: key] ?? .null
            case .index(let index):
                path = path.appending(.index(index))
                current = current.asList.flatMap { $0.indices.contains(index) ? $0[index] : nil } ?? .null
            case .item(let keys):
                let elements = current.asList ?? []
                let index = elements.firstIndex { item in
                    keys.allSatisfy { item[key: $0.key].map($0.value.isSame) ?? true }
                }
                guard let index else { return path }
                path = path.appending(.index(index))
                current = elements[index]
            case .member(let member):
                guard let index = current.asList?.firstIndex(where: { $0.isSame(as: member) }) else { return path }
                return path.appending(.index(index))
            }
        }
        return path
    }

    /// The attribute of a resource that it belongs to, as far as it can be told.
    var attribute: AttributePath {
        var path = AttributePath("manifest")
        for step in steps {
            switch step {
            case .key(let key): path = path.appending(.key(key))
            case .index(let index): path = path.appending(.index(index))
            case .item, .member: return path
            }
        }
        return path
    }
}
