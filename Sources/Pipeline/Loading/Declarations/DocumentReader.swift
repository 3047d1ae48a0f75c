import PlumbModel

/// Tells what a document is, and reads its sections into the specification.
struct DocumentReader {
    static let sections = [
        "variables", "locals", "resources", "data", "modules", "outputs", "checks", "moved", "import", "removed",
        "manifests",
    ]

    private(set) var specification: Specification
    private(set) var problems = Diagnostics()
    private var variables = FirstPlaces(what: "variable")
    private var locals = FirstPlaces(what: "local")
    private var modules = FirstPlaces(what: "module")
    private var outputs = FirstPlaces(what: "output")
    private var checks = FirstPlaces(what: "check")
    private var resources = FirstPlaces(what: "resource")
    private var manifests = FirstPlaces(what: "manifest")
    private var entries: [ManifestEntry] = []

    init(_ specification: Specification) { self.specification = specification }

    /// Takes note of the files that were read.
    mutating func finish(_ files: [SourceFile]) { specification.files = files }

    /// Reads the manifests that the entries of `manifests:` name. To be called after all documents.
    mutating func readManifests(_ reader: ManifestFileReader, _ warnings: inout Diagnostics) {
        for entry in entries {
            var found = Diagnostics()
            let read = reader.read(entry, &specification.files, &found, &warnings)
            problems.append(found)
            guard let read, resources.admit(entry.entry, as: read.address.description, &problems) else { continue }
            specification.resources.append(read)
        }
    }

    mutating func read(_ document: SpecificationNode) {
        if document.scalar?.value.isNull ?? false { return }
        guard let entries = document.mapping else {
            return report(
                "Document is neither spec nor manifest",
                "A document of a stack is a mapping of sections, such as `resources:`, or a Kubernetes manifest; here stands "
                    + "\(document.phrase). Files of the stack's directory that are no specs belong elsewhere.",
                document.range.firstLine)
        }
        if DocumentKind.isOfProvider(document) { return }
        if document["apiVersion"] != nil || document["kind"] != nil { return readManifest(document) }
        let known = entries.contains { Self.sections.contains($0.key) }
        if !known, !entries.isEmpty, !entries.contains(where: { isNearlyKnown($0.key) }) {
            return report(
                "Document is neither spec nor manifest",
                "None of its keys (\(listed(entries))) is a section, and it has no `apiVersion` and `kind`. Sections are "
                    + "\(Self.sections.joined(separator: ", ")). Files of the stack's directory that are no specs belong "
                    + "elsewhere.", entries[0].keyRange)
        }
        for entry in entries { readSection(entry) }
    }

    private func isNearlyKnown(_ key: String) -> Bool {
        StackReader.keys.contains(key) || Suggestion.nearest(to: key, among: Self.sections) != nil
    }

    private func listed(_ entries: [SpecificationNode.Entry]) -> String {
        let names = entries.prefix(3).map { "\"\($0.key)\"" }.joined(separator: ", ")
        return entries.count > 3 ? names + ", …" : names
    }

    private mutating func report(_ summary: String, _ detail: String, _ place: SourceRange) {
        problems.append(.error(summary, detail, at: place))
    }

    // MARK: Sections

    private mutating func readSection(_ section: SpecificationNode.Entry) {
        guard Self.sections.contains(section.key) else { return unknownSection(section) }
        if section.value.scalar?.value.isNull ?? false { return }
        if RefactoringReader.sections.contains(section.key) {
            return RefactoringReader.read(section, into: &specification, &problems)
        }
        let example = Self.example(of: section.key)
        let mapping = problems.collect { () throws(Diagnostics) in
            try MappingReader(section.value, "the section `\(section.key)`", example: example)
        }
        for entry in mapping?.entries ?? [] { read(entry, of: section.key) }
    }

    private mutating func unknownSection(_ section: SpecificationNode.Entry) {
        if StackReader.keys.contains(section.key) {
            return report(
                "Unknown section", "`\(section.key)` belongs in stack.yaml. Move it there.", section.keyRange)
        }
        var hint = Suggestion.didYouMean(section.key, among: Self.sections)
        if hint.isEmpty, section.key.contains(".") {
            hint = " A resource stands below `resources:`."
        } else if hint.isEmpty {
            hint = " Sections are \(Self.sections.joined(separator: ", "))."
        }
        report("Unknown section", "There is no section \"\(section.key)\".\(hint)", section.keyRange)
    }

    private static func example(of section: String) -> String {
        switch section {
        case "variables": "`{region: {type: string}}`"
        case "locals": "`{prefix: web}`"
        case "modules": "`{network: {source: ./network}}`"
        case "outputs": "`{address: {value: \"${local.name}\"}}`"
        case "manifests": "`{web: {files: \"web/*.yaml\"}}`"
        case "checks": "`{health: {assert: [{condition: \"${local.days > 30}\", error: \"It expires soon.\"}]}}`"
        default: "`{type.name: {spec: {...}}}`"
        }
    }

    private mutating func read(_ entry: SpecificationNode.Entry, of section: String) {
        switch section {
        case "variables":
            guard let variable = VariableReader.read(entry, &problems) else { return }
            if variables.admit(entry, &problems) { specification.variables.append(variable) }
        case "locals":
            problems.collect { () throws(Diagnostics) in try Identifier.check(entry.key, "local", at: entry.keyRange) }
            guard locals.admit(entry, &problems) else { return }
            specification.locals.append(NamedNode(name: entry.key, nameRange: entry.keyRange, node: entry.value))
        case "modules":
            guard let module = ModuleReader.read(entry, &problems) else { return }
            if modules.admit(entry, &problems) { specification.modules.append(module) }
        case "outputs":
            guard let output = OutputReader.read(entry, &problems) else { return }
            if outputs.admit(entry, &problems) { specification.outputs.append(output) }
        case "checks": readCheck(entry)
        case "manifests":
            if let found = ManifestSectionReader.read(entry, &problems) { entries.append(found) }
        default:
            let reader = ResourceReader(mode: section == "data" ? .data : .managed)
            guard let resource = reader.read(entry, &problems) else { return }
            if resources.admit(entry, as: resource.address.description, &problems) {
                specification.resources.append(resource)
            }
        }
    }

    private mutating func readCheck(_ entry: SpecificationNode.Entry) {
        guard let check = CheckReader.read(entry, &problems), checks.admit(entry, &problems) else { return }
        // What a check reads shares its name with nothing else, so that a reference means one thing everywhere.
        if let data = check.data {
            let nothing = SpecificationNode(.mapping([]), at: data.range)
            let key = SpecificationNode.Entry(key: "\(data.address)", keyRange: data.range, value: nothing)
            guard resources.admit(key, &problems) else { return }
        }
        specification.checks.append(check)
    }

    // MARK: Manifests

    /// The manifests of a file are instances of one declaration, which bears the file's name.
    private mutating func readManifest(_ document: SpecificationNode) {
        let found = ManifestReader.read(document, &problems)
        for manifest in found where manifests.admit(manifest.entry, as: manifest.fullName, &problems) {
            if let place = specification.resources.lastIndex(where: { $0.address == manifest.address }) {
                specification.resources[place].manifests.append(manifest.declaration)
                continue
            }
            guard resources.admit(manifest.entry, as: manifest.address.description, &problems) else { return }
            var declaration = ResourceDeclaration(address: manifest.address, range: manifest.entry.keyRange)
            declaration.manifests = [manifest.declaration]
            specification.resources.append(declaration)
        }
    }
}

/// Where each name of one kind was declared first, over all files.
struct FirstPlaces {
    let what: String
    private var places: [String: SourceRange] = [:]

    init(what: String) { self.what = what }

    /// False, with a problem, where the name is taken already.
    mutating func admit(
        _ entry: SpecificationNode.Entry, as name: String? = nil, _ problems: inout Diagnostics
    ) -> Bool {
        let name = name ?? entry.key
        guard let first = places[name] else {
            places[name] = entry.keyRange
            return true
        }
        problems.append(
            .error(
                "Declared twice",
                "The \(what) \"\(name)\" is declared already, at \(first). Rename one of them, or remove it.",
                at: entry.keyRange, notes: [Diagnostic.Note("It is declared here first", at: first)]))
        return false
    }
}
