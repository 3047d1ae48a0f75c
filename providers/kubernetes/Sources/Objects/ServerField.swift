import PlumbModel

/// A field as the server names it in refusals: `.spec.template.spec.containers[name="app"].image`, `spec.ports[0].port`.
///
/// The server puts dots between keys and leaves those within keys as they are (`.metadata.labels.app.kubernetes.io/name`): only
/// an object that has the keys tells which are which.
struct ServerField {
    private enum Step {
        /// What stands between dots: each a key, or several of them with their dots one.
        case words([String])
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
                let run = rest.prefix { $0 != "[" }
                rest = rest.dropFirst(run.count)
                let keys = steps.isEmpty || run.first != "." ? run : run.dropFirst()
                if !keys.isEmpty {
                    steps.append(.words(keys.split(separator: ".", omittingEmptySubsequences: false).map(String.init)))
                }
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
            guard parts.count == 2, let value = try? Value(json: String(parts[1])) else {
                return .words([String(content)])
            }
            keys[String(parts[0])] = value
        }
        return keys.isEmpty ? .words([String(content)]) : .item(keys)
    }

    /// Whether a manifest declares it.
    func isDeclared(in manifest: Value) -> Bool {
        let found = ServerField.find(steps[...], in: manifest, from: AttributePath())
        return found.isWhole && !found.value.isNull
    }

    /// Where it stands in a manifest, from the resource's attributes; as far as the manifest has it.
    func path(in manifest: Value) -> AttributePath {
        ServerField.find(steps[...], in: manifest, from: AttributePath("manifest")).path
    }

    private struct Found {
        var path: AttributePath
        var value: Value
        /// Whether all of the field is there, and not only its beginning.
        var isWhole: Bool
    }

    /// The longest part of a field that a value has.
    private static func find(_ steps: ArraySlice<Step>, in value: Value, from path: AttributePath) -> Found {
        guard let step = steps.first else { return Found(path: path, value: value, isWhole: true) }
        let rest = steps.dropFirst()
        switch step {
        case .words(let words):
            var longest: Found?
            for count in words.indices.map({ $0 + 1 }) {
                let key = words[..<count].joined(separator: ".")
                guard let next = value[key: key] else { continue }
                let left = count == words.count ? rest : [.words(Array(words[count...]))] + rest
                let found = find(left[...], in: next, from: path.appending(.key(key)))
                if found.isWhole { return found }
                if found.path.steps.count > longest?.path.steps.count ?? 0 { longest = found }
            }
            return longest ?? Found(path: words.reduce(path) { $0.appending(.key($1)) }, value: .null, isWhole: false)
        case .index(let index):
            let path = path.appending(.index(index))
            guard let elements = value.asList, elements.indices.contains(index) else {
                return Found(path: path, value: .null, isWhole: false)
            }
            return find(rest, in: elements[index], from: path)
        case .item(let keys):
            let elements = value.asList ?? []
            let index = elements.firstIndex { item in
                keys.allSatisfy { item[key: $0.key].map($0.value.isSame) ?? true }
            }
            guard let index else { return Found(path: path, value: .null, isWhole: false) }
            return find(rest, in: elements[index], from: path.appending(.index(index)))
        case .member(let member):
            guard let index = value.asList?.firstIndex(where: { $0.isSame(as: member) }) else {
                return Found(path: path, value: .null, isWhole: false)
            }
            return Found(path: path.appending(.index(index)), value: member, isWhole: true)
        }
    }
}
