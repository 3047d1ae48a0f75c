import PlumbModel

/// Reads the files that an entry of `manifests:` names, and the manifests in them.
struct ManifestFileReader {
    let source: any SpecificationSource
    /// Relative to the stack's directory; `.` for the stack itself.
    let folder: String
    let decrypter: (any SpecDecrypting)?

    private static let ends = [".yaml", ".yml", ".json"]

    /// - Parameter files: the files that were read are added.
    /// - Returns: the entry's declaration with its manifests; nil where nothing can be made of it.
    func read(
        _ entry: ManifestEntry, _ files: inout [SourceFile], _ problems: inout Diagnostics,
        _ warnings: inout Diagnostics
    ) -> ResourceDeclaration? {
        var declaration = entry.declaration
        guard declaration.rendering == nil else { return declaration }
        let excludes = entry.excludes.flatMap { patterns($0, &problems).map(\.pattern) }
        var names: [String] = []
        var known: Set<String> = []
        for pattern in entry.files {
            let found = matches(pattern, excludes, &problems)
            names += found.filter { known.insert($0).inserted }
        }
        var places: [String: SourceRange] = [:]
        let reader = FolderReader(source: source, folder: folder, decrypter: decrypter)
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            let file = problems.collect { () throws(Diagnostics) in try reader.read(name, &warnings) }
            guard let file else { continue }
            files.append(file.file)
            for document in file.documents where document.scalar?.value.isNull != true {
                guard isManifest(document, &problems) else { continue }
                for found in ManifestReader.read(document, &problems) {
                    if let first = places[found.declaration.key] {
                        problems.append(twice(found, first))
                        continue
                    }
                    places[found.declaration.key] = found.declaration.range
                    declaration.manifests.append(found.declaration)
                }
            }
        }
        if declaration.manifests.isEmpty, !problems.hasErrors {
            warnings.append(
                .warning(
                    "No manifests",
                    "The files of \"\(entry.entry.key)\" hold no manifest, so that it stands for nothing.",
                    at: entry.entry.keyRange))
        }
        return declaration.manifests.isEmpty ? nil : declaration
    }

    // MARK: - Files

    private func matches(
        _ pattern: ManifestEntry.Pattern, _ excludes: [GlobPattern], _ problems: inout Diagnostics
    ) -> [String] {
        var search = FileSearch(source: source)
        var found: [String] = []
        for (text, one) in patterns(pattern, &problems) {
            do throws(Diagnostics) {
                found += try search.files(in: "", matching: one).filter { name in
                    // A pattern takes up what looks like manifests; who names a file means it.
                    !isGlob(text) || Self.ends.contains(where: name.hasSuffix)
                }
            } catch {
                problems.append(unreadable(pattern, error))
                return []
            }
        }
        // What lies directly in the directory declares its manifests by itself.
        let kept = found.filter { name in
            !excludes.contains { $0.matches(name) } && !StackTestLoader.isTestFile(name) && !isOfDirectory(name)
        }
        if kept.isEmpty, let own = found.first(where: isOfDirectory) {
            problems.append(
                .error(
                    "Manifests are read already",
                    "\"\(own)\" lies directly in the directory of the specs, where every YAML file is read without being named. "
                        + "Remove \"\(pattern.text)\" here, or move the file to a folder below.", at: pattern.range))
            return []
        }
        if kept.isEmpty, !problems.hasErrors { problems.append(noMatch(pattern, isExcluded: !found.isEmpty)) }
        return kept
    }

    private func isOfDirectory(_ name: String) -> Bool {
        !name.contains("/") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
    }

    /// A folder stands for the manifests directly in it.
    private func patterns(
        _ pattern: ManifestEntry.Pattern, _ problems: inout Diagnostics
    ) -> [(text: String, pattern: GlobPattern)] {
        let text = FileName.normal(pattern.text)
        guard !pattern.text.hasPrefix("/"), !pattern.text.utf8.contains(0), text != "..", !text.hasPrefix("../") else {
            problems.append(
                .error(
                    "Path leads outside",
                    "\"\(pattern.text)\" leads out of the directory of the specs. Manifests are read from below it: move "
                        + "them there, put the entry into a module beside them, or take a `kustomize` overlay, which may "
                        + "name bases outside.", at: pattern.range))
            return []
        }
        let isFolder = !isGlob(text) && !Self.ends.contains(where: text.hasSuffix)
        let whole = isFolder && isExistingFolder(text) ? "\(text == "." ? "" : text + "/")*.{yaml,yml,json}" : text
        do throws(GlobPattern.Malformed) {
            return try GlobPattern.all(in: whole).map { (whole, $0) }
        } catch {
            problems.append(
                .error("Invalid pattern", "\"\(pattern.text)\" cannot be read: \(error.reason).", at: pattern.range))
            return []
        }
    }

    private func isExistingFolder(_ path: String) -> Bool {
        if path == "." { return true }
        let parts = path.split(separator: "/").dropLast()
        guard let folders = try? source.folders(in: parts.joined(separator: "/")) else { return false }
        return folders.contains(path)
    }

    private func isGlob(_ text: String) -> Bool { text.contains { "*?[{".contains($0) } }

    private func unreadable(_ pattern: ManifestEntry.Pattern, _ problem: Diagnostics) -> Diagnostic {
        // A folder that is not there is the most frequent reason.
        .error(
            "No such file",
            "\"\(pattern.text)\" names no file: \(problem.all.first?.detail ?? "it cannot be read.") Paths are relative to "
                + "the directory of the specs.", at: pattern.range)
    }

    private func noMatch(_ pattern: ManifestEntry.Pattern, isExcluded: Bool) -> Diagnostic {
        let parts = pattern.text.split(separator: "/").map(String.init)
        let inside = parts.dropLast().joined(separator: "/")
        let names = isGlob(inside) ? [] : (try? source.files(in: inside)) ?? []
        let hint = isGlob(pattern.text) ? "" : Suggestion.didYouMean(pattern.text, among: names)
        return .error(
            "No such file",
            isExcluded
                ? "All files of \"\(pattern.text)\" are excluded, or are tests. Remove the pattern, or change `exclude`."
                : "No file is there for \"\(pattern.text)\".\(hint) Manifests are files that end with .yaml, .yml or .json; "
                    + "paths are relative to the directory of the specs. An entry that stands for nothing is refused, since "
                    + "everything that it stood for before would be deleted.", at: pattern.range)
    }

    // MARK: - Documents

    private func isManifest(_ document: SpecificationNode, _ problems: inout Diagnostics) -> Bool {
        if document["apiVersion"] != nil || document["kind"] != nil { return true }
        let isSpec = document.mapping?.contains { DocumentReader.sections.contains($0.key) } == true
        problems.append(
            .error(
                "Not a Kubernetes manifest",
                "A manifest is a mapping with `apiVersion` and `kind`; here stands "
                    + (isSpec
                        ? "a document of sections. Specs belong directly into the stack's directory, or into a module."
                        : "\(document.phrase). Leave the file out with `exclude`, or name the others."),
                at: document.range.firstLine))
        return false
    }

    private func twice(_ found: ManifestReader.Found, _ first: SourceRange) -> Diagnostic {
        .error(
            "Declared twice",
            "\(found.declaration.key) is declared already, at \(first). Remove one of them.",
            at: found.declaration.range,
            notes: [Diagnostic.Note("It is declared here first", at: first)])
    }
}
