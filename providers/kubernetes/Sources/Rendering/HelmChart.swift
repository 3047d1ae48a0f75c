import PlumbModel
import ProviderAPI

/// Renders a chart with `helm template`.
struct HelmChart {
    private let request: RenderingRequest
    private let defaultNamespace: String?

    init(_ request: RenderingRequest, defaultNamespace: String?) {
        self.request = request
        self.defaultNamespace = defaultNamespace
    }

    func render() throws(Diagnostics) -> [UInt8] {
        let chart = try request.text("chart") ?? ""
        let release = try request.text("release") ?? request.name
        var folder: RenderingFolder
        do throws(RenderingFolder.Failure) {
            folder = try RenderingFolder()
        } catch {
            throw request.problem("Cannot copy files", error.reason)
        }
        defer { folder.remove() }
        let repository = try request.text("repository")
        let isRemote = repository != nil || chart.contains("://")
        let usesNetwork = try request.flag("network", default: false)
        if isRemote { try checkRemote(chart, usesNetwork: usesNetwork) }
        let place = isRemote ? chart : try copy(chart, &folder)
        var arguments = ["template", release, place, "--namespace", try namespace(), "--skip-tests"]
        if let repository { arguments += ["--repo", repository] }
        if isRemote, let version = try request.text("version") { arguments += ["--version", version] }
        if try request.flag("crds", default: true) { arguments.append("--include-crds") }
        if let version = try request.text("kube_version") { arguments += ["--kube-version", version] }
        for version in try request.texts("api_versions") { arguments += ["--api-versions", version] }
        arguments += try values(&folder)
        let program = RenderingProgram(
            name: "helm", arguments: arguments, directory: folder.path, usesNetwork: usesNetwork,
            variables: isRemote ? [:] : Self.places(in: folder.path))
        do throws(RenderingProgram.Failure) {
            return try program.run()
        } catch {
            let reason = error.reason.replacing("\(folder.path)/", with: "")
            throw request.problem(
                "Chart cannot be rendered",
                error.isMissing
                    ? "`helm` entries are rendered by `helm template`, and helm is not installed here. Install it."
                    : "\(chart): helm \(reason)", at: "chart")
        }
    }

    /// Nothing of what somebody has configured gets into what is rendered.
    private static func places(in folder: String) -> [String: String] {
        [
            "HELM_CACHE_HOME": "\(folder)/.cache", "HELM_CONFIG_HOME": "\(folder)/.config",
            "HELM_DATA_HOME": "\(folder)/.data", "HELM_NO_PLUGINS": "1",
        ]
    }

    private func namespace() throws(Diagnostics) -> String {
        if let text = try request.text("namespace") { return text }
        return defaultNamespace ?? "default"
    }

    private func checkRemote(_ chart: String, usesNetwork: Bool) throws(Diagnostics) {
        guard usesNetwork else {
            throw request.problem(
                "Remote chart",
                "The chart \"\(chart)\" would be fetched from another machine. Put it beside the specs (`helm pull --untar`), "
                    + "or allow it with `network: true` beside `chart`.", at: "chart")
        }
        guard try request.text("version") != nil else {
            throw request.problem(
                "Chart without a version",
                "A chart that is fetched needs `version`, so that every plan is made from the same one.", at: "chart")
        }
    }

    /// - Returns: where the chart lies in the folder.
    private func copy(_ chart: String, _ folder: inout RenderingFolder) throws(Diagnostics) -> String {
        guard !chart.isEmpty, !chart.hasPrefix("/"), !chart.utf8.contains(0) else {
            throw request.problem(
                "Invalid path", "\"\(chart)\" is no path from the directory of the specs.", at: "chart")
        }
        if try request.text("version") != nil {
            throw request.problem(
                "Version of a local chart",
                "`version` chooses among the versions of a repository; the chart \"\(chart)\" lies here, in one version. "
                    + "Remove it.", at: "version")
        }
        let path = request.located(chart)
        let name = String(path.split(separator: "/").last ?? "chart")
        if let found = request.files.folder(path) {
            try folder.copy(found.source, folder: found.folder, to: "chart/\(name)")
            guard folder.files.contains("chart/\(name)/Chart.yaml") else {
                throw request.problem(
                    "No chart", "The folder \"\(chart)\" holds no Chart.yaml. Name the folder of a chart.", at: "chart")
            }
            return "\(folder.path)/chart/\(name)"
        }
        if chart.hasSuffix(".tgz"), let bytes = try request.files.file(path) {
            try folder.write(bytes, to: "chart/\(name)")
            return "\(folder.path)/chart/\(name)"
        }
        throw request.problem(
            "No such chart",
            "There is no folder and no .tgz file \"\(chart)\". Paths are relative to the directory of the specs; a chart of a "
                + "repository needs `repository`, `version` and `network: true`.", at: "chart")
    }

    // MARK: - Values

    /// In the order of precedence: the later wins.
    private func values(_ folder: inout RenderingFolder) throws(Diagnostics) -> [String] {
        var arguments: [String] = []
        for (index, name) in try request.texts("values_files").enumerated() {
            guard !name.hasPrefix("/"), let bytes = try request.files.file(request.located(name)) else {
                throw request.problem(
                    "No such file",
                    "There is no file \"\(name)\" for `values_files`. Paths are relative to the directory of the specs.",
                    at: "values_files")
            }
            try folder.write(bytes, to: "values/\(index).yaml")
            arguments += ["--values", "\(folder.path)/values/\(index).yaml"]
        }
        if let values = request.settings[key: "values"], !values.isNull {
            guard values.asMap != nil else {
                throw request.problem(
                    "Wrong type", "`values` must be a mapping, but it is \(values.type.phrase).", at: "values")
            }
            try folder.write(Array(values.json.utf8), to: "values/own.json")
            arguments += ["--values", "\(folder.path)/values/own.json"]
        }
        if let settings = request.settings[key: "set"], !settings.isNull {
            guard let map = settings.asMap else {
                throw request.problem(
                    "Wrong type",
                    "`set` maps paths to values, such as `{image.tag: \"2.1\"}`, but it is \(settings.type.phrase).",
                    at: "set")
            }
            for (index, entry) in map.enumerated() {
                guard let text = entry.value.asString else {
                    arguments += ["--set-json", "\(entry.key)=\(entry.value.json)"]
                    continue
                }
                // Everybody on the machine sees arguments, and a text may be a secret.
                try folder.write(Array(text.utf8), to: "values/set-\(index)")
                arguments += ["--set-file", "\(entry.key)=\(folder.path)/values/set-\(index)"]
            }
        }
        return arguments
    }
}
