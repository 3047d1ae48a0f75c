import PlumbModel

/// Drafts an API file as a whole: what goes for all types, and then the types.
struct APIFileDrafter {
    struct File {
        let text: String
        let types: [TypeDraft]
        let advice: [String]
        /// Paths of types that the reader of API files does not take, and why.
        var refused: [(path: String, problem: String)] = []
    }

    let name: String
    let document: OpenAPIDocument
    /// The base URL that was asked for.
    let given: String?
    let settings: APISettings

    func file(_ types: [TypeDraft]) -> File {
        var advice: [String] = []
        var writer = YAMLWriter()
        writer.comment("Made by `plumb api import`; yours from here on. What it guessed is marked \"guessed:\".")
        writer.blankLine()
        var head = [YAMLDraft.Entry("api", .text(name))]
        // A title of one word says no more than the name.
        let title = document.title.contains(" ") ? document.title : ""
        let summary = SentenceMaker.sentence(document.summary.isEmpty ? title : document.summary)
        if !summary.isEmpty { head.append(.init("summary", .text(summary))) }
        if let documentation = document.documentation { head.append(.init("documentation", .text(documentation))) }
        writer.write(head)
        writer.blankLine()
        let length = writer.text.utf8.count
        writer.write(place(&advice))
        let authentication = AuthenticationDrafter(schemes: document.security).draft()
        advice += authentication.advice
        if let entry = authentication.entry { writer.write([entry]) }
        writer.write(variables(authentication.variables, types, &advice))
        if let message = ErrorFinder.message(document.refusals) {
            writer.write([.init("errors", .map([.init("message", .text(message))]))])
        }
        if writer.text.utf8.count > length { writer.blankLine() }
        var text = writer.text + "types:\n"
        for (place, type) in types.enumerated() {
            var inner = YAMLWriter()
            inner.write([.init(type.name, .map(type.entries), isOpen: true)], indent: 2)
            text += (place == 0 ? "" : "\n") + inner.text
        }
        let guesses = types.map(\.guesses.count).reduce(0, +)
        if guesses > 0 {
            advice.append(
                guesses == 1
                    ? "One place of the file is marked \"guessed:\"."
                    : "\(guesses) places of the file are marked \"guessed:\"; the keys among them matter most.")
        }
        return File(text: text, types: types, advice: advice)
    }

    private func place(_ advice: inout [String]) -> [YAMLDraft.Entry] {
        let own = document.baseURL
        if let given {
            // The document's path goes below a server that was given without one.
            let isBare = given.split(separator: "/").count <= 2
            let path = own.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? ""
            let base = given.hasSuffix("/") ? String(given.dropLast()) : given
            return [.init("base_url", .text(isBare ? base + path : base))]
        }
        if let own, own.hasPrefix("http://") || own.hasPrefix("https://"), !own.contains("{") {
            return [.init("base_url", .text(own.withoutExpressions))]
        }
        let tail = own.flatMap { $0.hasPrefix("/") ? " with \"\($0)\" at its end" : nil } ?? ""
        advice.append("The document does not say where the API is: give `base_url` in stack.yaml\(tail).")
        return []
    }

    private func variables(
        _ more: [APISettings.Variable], _ types: [TypeDraft], _ advice: inout [String]
    ) -> [YAMLDraft.Entry] {
        let used = (settings.variables + more).filter { variable in
            more.contains { $0.name == variable.name } || types.contains { $0.entries.mentions("var.\(variable.name)") }
        }
        guard !used.isEmpty else { return [] }
        let required = used.filter { $0.defaultValue == nil }.map(\.name)
        if !required.isEmpty {
            let list = required.map { "\($0): …" }.joined(separator: ", ")
            advice.append("stack.yaml must give `variables: {\(list)}`.")
        }
        let entries = used.map { variable in
            var inner: [YAMLDraft.Entry] = []
            if let value = variable.defaultValue { inner.append(.init("default", .text(value))) }
            if !variable.summary.isEmpty { inner.append(.init("summary", .text(variable.summary))) }
            return YAMLDraft.Entry(variable.name, .map(inner))
        }
        return [.init("variables", .map(entries), isOpen: true)]
    }
}

extension [YAMLDraft.Entry] {
    fileprivate func mentions(_ words: String) -> Bool { contains { $0.value.mentions(words) } }
}

extension YAMLDraft {
    fileprivate func mentions(_ words: String) -> Bool {
        switch self {
        case .text(let text): text.contains(words)
        case .plain, .alias: false
        case .list(let elements): elements.contains { $0.mentions(words) }
        case .map(let entries): entries.mentions(words)
        case .anchored(_, let inner): inner.mentions(words)
        }
    }
}
