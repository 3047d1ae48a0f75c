import Loading
import PlumbModel
import ProviderAPI

/// Renders a folder with a kustomization: with `kubectl kustomize`, or with `kustomize build`.
struct KustomizeOverlay {
    private let request: RenderingRequest
    private static let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"]
    /// How far a base may lie above the stack's directory.
    private static let height = 16

    init(_ request: RenderingRequest) { self.request = request }

    func render() throws(Diagnostics) -> [UInt8] {
        let path = try request.text("path") ?? "."
        let usesNetwork = try request.flag("network", default: false)
        guard !path.hasPrefix("/"), !path.contains("://"), !path.utf8.contains(0) else {
            throw request.problem(
                "Invalid path", "\"\(path)\" is no path from the directory of the specs.", at: "path")
        }
        let start = request.located(path)
        var folder: RenderingFolder
        do throws(RenderingFolder.Failure) {
            folder = try RenderingFolder()
        } catch {
            throw request.problem("Cannot copy files", error.reason)
        }
        defer { folder.remove() }
        try copy(start, path, &folder, usesNetwork: usesNetwork)
        let target = try place(start)
        do throws(RenderingProgram.Failure) {
            return try run(target, in: folder, usesNetwork: usesNetwork)
        } catch {
            let reason = Self.told(error.reason, in: folder.path)
            throw request.problem(
                "Kustomization cannot be rendered",
                error.isMissing
                    ? "`kustomize` entries are rendered by `kubectl kustomize` (or `kustomize build`), and neither program is "
                        + "installed here. Install kubectl."
                    : "\(path): \(reason).", at: "path")
        }
    }

    /// In the words of people: the copies are called what the files are called.
    private static func told(_ reason: String, in folder: String) -> String {
        var text = reason
        for depth in stride(from: height, through: 0, by: -1) {
            let place = folder + "/" + String(repeating: "_/", count: depth)
            text = text.replacing(place, with: String(repeating: "../", count: height - depth))
        }
        // kubectl tells it in the form of its log.
        guard let start = text.firstRange(of: "\"command failed\" err=\"") else { return text }
        let told = text[start.upperBound...]
        return "refuses it: " + (told.hasSuffix("\"") ? told.dropLast() : told)
    }

    private func run(
        _ target: String, in folder: RenderingFolder, usesNetwork: Bool
    ) throws(RenderingProgram.Failure) -> [UInt8] {
        func program(_ name: String, _ verb: String) -> RenderingProgram {
            RenderingProgram(
                name: name, arguments: [verb, "\(folder.path)/\(target)"], directory: folder.path,
                usesNetwork: usesNetwork)
        }
        do throws(RenderingProgram.Failure) {
            return try program("kubectl", "kustomize").run()
        } catch  where error.isMissing {
            return try program("kustomize", "build").run()
        }
    }

    // MARK: - Files

    /// The stack's directory lies deep enough for what is above it.
    private static let base = Array(repeating: "_", count: height).joined(separator: "/")

    private func place(_ path: String) throws(Diagnostics) -> String {
        let place = FileName.normal(Self.base + "/" + path)
        guard !place.hasPrefix("..") else {
            throw request.problem(
                "Invalid path", "\"\(path)\" leads up more than \(Self.height) folders from the stack's directory.",
                at: "path")
        }
        return place
    }

    /// Copies the folder and all that its kustomizations name outside of it.
    private func copy(
        _ start: String, _ written: String, _ folder: inout RenderingFolder, usesNetwork: Bool
    ) throws(Diagnostics) {
        guard let found = request.files.folder(start) else {
            throw request.problem(
                "No such folder",
                "There is no folder \"\(written)\" with a kustomization. Paths are relative to the directory of the specs.",
                at: "path")
        }
        var pending = [(path: start, found: found)]
        var copied: Set<String> = []
        while let next = pending.popLast() {
            guard copied.insert(next.path).inserted else { continue }
            let before = folder.files
            try folder.copy(next.found.source, folder: next.found.folder, to: try place(next.path))
            for file in folder.files.subtracting(before).sorted() {
                guard Self.names.contains(String(file.split(separator: "/").last ?? "")) else { continue }
                for path in try pathsOutside(of: file, next, usesNetwork: usesNetwork) {
                    if let inner = request.files.folder(path) {
                        if try isBase(inner) { pending.append((path, inner)) }
                    } else if let bytes = try request.files.file(path) {
                        try folder.write(bytes, to: try place(path))
                    }
                }
            }
        }
        let home = try place(start)
        guard Self.names.contains(where: { folder.files.contains("\(home)/\($0)") }) else {
            throw request.problem(
                "No kustomization",
                "The folder \"\(written)\" holds no \(Self.names[0]). Name the folder of an overlay or of a base.",
                at: "path")
        }
    }

    private func isBase(
        _ found: (source: any SpecificationSource, folder: String)
    ) throws(Diagnostics) -> Bool {
        try found.source.files(in: found.folder).contains { file in
            Self.names.contains(String(file.split(separator: "/").last ?? ""))
        }
    }

    /// What a kustomization names that lies elsewhere: paths from the stack's directory.
    ///
    /// - Parameter file: where it was copied to.
    private func pathsOutside(
        of file: String, _ copied: (path: String, found: (source: any SpecificationSource, folder: String)),
        usesNetwork: Bool
    ) throws(Diagnostics) -> [String] {
        let target = try place(copied.path)
        let inner = String(file.dropFirst(target.utf8.count + 1))
        let place = copied.found.folder.isEmpty ? inner : "\(copied.found.folder)/\(inner)"
        guard let bytes = try copied.found.source.contents(of: place) else { return [] }
        let shown = FileName.normal(copied.path + "/" + inner)
        // What cannot be read is kubectl's to explain.
        let documents = (try? YAMLReader.read(SourceFile(path: shown, bytes: bytes))) ?? []
        let folder = shown.split(separator: "/").dropLast().joined(separator: "/")
        var paths: [String] = []
        for document in documents {
            if !usesNetwork { try refuseRemote(document) }
            for text in document.scalars where text.contains("..") && !text.contains("\n") {
                // `files: [name=../path]`
                let path = text.split(separator: "=", maxSplits: 1).last.map(String.init) ?? text
                guard !path.hasPrefix("/"), !path.contains("://") else { continue }
                paths.append(FileName.normal(folder.isEmpty ? path : folder + "/" + path))
            }
        }
        return paths
    }

    private func refuseRemote(_ document: SpecificationNode) throws(Diagnostics) {
        for key in ["resources", "bases", "components", "crds", "generators", "transformers"] {
            for item in document[key]?.sequence ?? [] {
                guard let text = item.scalar?.value.asString, Self.isRemote(text) else { continue }
                throw Diagnostics(
                    .error(
                        "Remote base",
                        "\"\(text)\" lies on another machine, and may be something else tomorrow. Copy it beside the overlay, "
                            + "or allow it with `kustomize: {path: …, network: true}`.", at: item.range))
            }
        }
    }

    private static func isRemote(_ text: String) -> Bool {
        text.contains("://") || text.hasPrefix("git@") || text.hasPrefix("git::") || text.hasPrefix("github.com/")
            || text.contains("?ref=") || text.hasPrefix("gh:")
    }
}

extension SpecificationNode {
    /// All strings in it, keys left out.
    fileprivate var scalars: [String] {
        switch content {
        case .scalar(let scalar): scalar.isString ? [scalar.text] : []
        case .sequence(let nodes): nodes.flatMap(\.scalars)
        case .mapping(let entries): entries.flatMap { $0.value.scalars }
        }
    }
}
