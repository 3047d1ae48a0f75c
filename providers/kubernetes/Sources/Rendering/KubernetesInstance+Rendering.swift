import PlumbModel
import ProviderAPI

extension KubernetesInstance: ManifestRendering {
    func render(_ request: RenderingRequest) throws(Diagnostics) -> RenderedManifests {
        let text: [UInt8]
        if let known = request.known {
            text = known
        } else if request.tool == "helm" {
            text = try HelmChart(request, defaultNamespace: defaultNamespace).render()
        } else {
            text = try KustomizeOverlay(request).render()
        }
        var output = RenderedOutput(request)
        return try output.read(text)
    }

    /// Where objects go that name none; nil where the settings are not known yet.
    private var defaultNamespace: String? { try? cluster.link().namespace }
}

extension RenderingRequest {
    /// A problem of one of the settings.
    func problem(_ summary: String, _ detail: String, at key: String? = nil) -> Diagnostics {
        var range = place.range
        if let key, case .object(let entries, _) = place, let entry = entries.first(where: { $0.key == key }) {
            range = entry.value.range
        }
        return Diagnostics(.error(summary, detail, at: range.firstLine))
    }

    func text(_ key: String) throws(Diagnostics) -> String? {
        guard let value = settings[key: key], !value.isNull else { return nil }
        if let text = value.asString { return text }
        throw problem("Wrong type", "`\(key)` of `\(tool)` must be a string, but it is \(value.type.phrase).", at: key)
    }

    func flag(_ key: String, default fallback: Bool) throws(Diagnostics) -> Bool {
        guard let value = settings[key: key], !value.isNull else { return fallback }
        if let flag = value.asBool { return flag }
        throw problem(
            "Wrong type", "`\(key)` of `\(tool)` must be true or false, but it is \(value.type.phrase).", at: key)
    }

    /// A text, or a list of texts.
    func texts(_ key: String) throws(Diagnostics) -> [String] {
        guard let value = settings[key: key], !value.isNull else { return [] }
        if let text = value.asString { return [text] }
        let texts = (value.asList ?? []).compactMap(\.asString)
        guard let list = value.asList, texts.count == list.count else {
            throw problem(
                "Wrong type", "`\(key)` of `\(tool)` must be a list of strings, but it is \(value.type.phrase).",
                at: key)
        }
        return texts
    }

    /// A path that starts at the folder of the specs, from the stack's own.
    func located(_ path: String) -> String { FileName.normal(folder + "/" + path) }
}

extension SpecificationSource {
    /// The files of a folder, which may lie outside of the stack; nil where there is none.
    func folder(_ path: String) -> (source: any SpecificationSource, folder: String)? {
        let parts = path.split(separator: "/")
        if path == "." { return (self, "") }
        if path.hasPrefix("..") { return (try? module(at: path)).map { ($0, "") } }
        let parent = parts.dropLast().joined(separator: "/")
        guard let folders = try? folders(in: parent), folders.contains(path) else { return nil }
        return (self, path)
    }

    /// A file, which may lie outside of the stack; nil where there is none.
    func file(_ path: String) throws(Diagnostics) -> [UInt8]? {
        guard path.hasPrefix("..") else { return try contents(of: path) }
        let parts = path.split(separator: "/").map(String.init)
        guard let last = parts.last, last != "..",
            let parent = try? module(at: parts.dropLast().joined(separator: "/"))
        else { return nil }
        return try parent.contents(of: last)
    }
}
