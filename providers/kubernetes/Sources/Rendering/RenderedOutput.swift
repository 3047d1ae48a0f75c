import Crypto
import Loading
import PlumbModel
import ProviderAPI

/// Makes manifests of what a tool has printed, and finds the order of a chart's hooks.
struct RenderedOutput {
    private let request: RenderingRequest
    private var warnings = Diagnostics()

    init(_ request: RenderingRequest) { self.request = request }

    mutating func read(_ text: [UInt8]) throws(Diagnostics) -> RenderedManifests {
        let file = SourceFile(path: "\(request.name) (rendered by \(request.tool))", bytes: text)
        var problems = Diagnostics()
        var objects: [(key: String, value: Value)] = []
        for document in try YAMLReader.read(file) where document.scalar?.value.isNull != true {
            collect(document, &objects, &problems)
        }
        try problems.throwIfErrors()
        if objects.isEmpty {
            throw request.problem(
                "Nothing was rendered",
                "`\(request.tool)` has made no object of \"\(request.name)\". An entry that stands for nothing is refused, "
                    + "since everything that it stood for before would be deleted; `enabled: false` says that it is meant."
            )
        }
        return RenderedManifests(manifests: ordered(objects), text: text, warnings: warnings)
    }

    /// A `List` is what it holds.
    private func collect(
        _ document: SpecificationNode, _ objects: inout [(key: String, value: Value)], _ problems: inout Diagnostics
    ) {
        let value = document.manifestValue
        let metadata = value[key: "metadata"] ?? .null
        let kind = value[key: "kind"]?.asString ?? ""
        if kind.hasSuffix("List"), let items = document["items"]?.sequence, metadata[key: "name"] == nil {
            for item in items { collect(item, &objects, &problems) }
            return
        }
        guard let version = value[key: "apiVersion"]?.asString, !kind.isEmpty,
            let name = metadata[key: "name"]?.asString, !name.isEmpty
        else {
            problems.append(
                .error(
                    "Incomplete Kubernetes manifest",
                    "What `\(request.tool)` has made of \"\(request.name)\" holds an object without `apiVersion`, `kind` or "
                        + "`metadata.name`. Mend the template that it comes from.", at: document.range.firstLine))
            return
        }
        let key = ManifestDeclaration.key(
            apiVersion: version, kind: kind, namespace: metadata[key: "namespace"]?.asString, name: name)
        objects.append((key, value))
    }

    // MARK: - Hooks

    private struct Hook {
        /// Before the objects, or after them.
        let isFirst: Bool
        let weight: Int
        let runsOnUpgrade: Bool
    }

    private enum Role {
        case object
        /// What everything else of the chart may be in or of.
        case ground
        case hook(Hook)
        /// A test, or what only a deletion or a rollback calls.
        case unused(String)
    }

    private func role(_ value: Value) -> Role {
        let annotations = value[key: "metadata"]?[key: "annotations"] ?? .null
        let kind = value[key: "kind"]?.asString
        if kind == "Namespace" || kind == "CustomResourceDefinition" { return .ground }
        guard request.tool == "helm", let text = annotations[key: "helm.sh/hook"]?.asString else { return .object }
        let events = Set(text.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) })
        if events.contains("crd-install") { return .object }
        let first = events.intersection(["pre-install", "pre-upgrade"])
        let last = events.intersection(["post-install", "post-upgrade"])
        guard !first.isEmpty || !last.isEmpty else { return .unused(text) }
        let weight = annotations[key: "helm.sh/hook-weight"]
        return .hook(
            Hook(
                isFirst: !first.isEmpty, weight: weight?.asInt ?? weight?.asString.flatMap { Int($0) } ?? 0,
                runsOnUpgrade: !events.isDisjoint(with: ["pre-upgrade", "post-upgrade"])))
    }

    private mutating func ordered(_ objects: [(key: String, value: Value)]) -> [RenderedManifests.Manifest] {
        let roles = objects.map { role($0.value) }
        var weights: [Bool: Set<Int>] = [:]
        for case .hook(let hook) in roles { weights[hook.isFirst, default: []].insert(hook.weight) }
        let first = (weights[true] ?? []).sorted()
        let last = (weights[false] ?? []).sorted()
        let hasHooks = !first.isEmpty || !last.isEmpty
        let release = digest(zip(objects, roles).compactMap { if case .hook = $1 { nil } else { $0.value } })
        var manifests: [RenderedManifests.Manifest] = []
        var unused: [String] = []
        for (object, role) in zip(objects, roles) {
            switch role {
            case .object: manifests.append(.init(key: object.key, value: object.value, phase: 0))
            case .ground:
                manifests.append(.init(key: object.key, value: object.value, phase: hasHooks ? -first.count - 1 : 0))
            case .unused(let events): unused.append("\(object.key) (\(events))")
            case .hook(let hook):
                let place = (hook.isFirst ? first : last).firstIndex(of: hook.weight) ?? 0
                manifests.append(
                    .init(
                        key: object.key,
                        value: hook.runsOnUpgrade ? Self.rerunning(object.value, with: release) : object.value,
                        phase: hook.isFirst ? place - first.count : place + 1))
            }
        }
        if !unused.isEmpty {
            warnings.append(
                .warning(
                    "Hooks that are left out",
                    "Of the chart's hooks these belong to tests, deletions or rollbacks, which are none of an apply: "
                        + "\(unused.joined(separator: ", ")).", at: request.place.range.firstLine))
        }
        return manifests
    }

    /// A Job that belongs to an upgrade is made anew when anything of the release has changed, and only then.
    private static func rerunning(_ value: Value, with release: String) -> Value {
        guard value[key: "kind"]?.asString == "Job", var map = value.asMap, var spec = map["spec"]?.asMap,
            var template = spec["template"]?.asMap
        else { return value }
        var metadata = template["metadata"]?.asMap ?? ValueMap()
        var annotations = metadata["annotations"]?.asMap ?? ValueMap()
        annotations["plumbline/release"] = .string(release)
        metadata["annotations"] = .object(annotations)
        template["metadata"] = .object(metadata)
        spec["template"] = .object(template)
        map["spec"] = .object(spec)
        return .object(map)
    }

    private func digest(_ objects: [Value]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let bytes = SHA256.hash(data: Array(Value.tuple(objects).json.utf8)).prefix(16)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
