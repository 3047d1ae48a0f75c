import PlumbModel
import ProviderAPI

/// What a spec chooses for one object: as attributes, or, where the manifest is verbatim, as annotations of it.
struct ObjectChoices: Sendable {
    static let prefix = "plumbline/"
    static let propagations = ["Background", "Foreground", "Orphan"]

    let force: Bool
    let adopt: Bool
    let waits: Bool
    /// Whether it is deleted when it leaves the spec.
    let prunes: Bool
    let propagation: String

    /// - Throws: an annotation or attribute of the wrong kind.
    init(_ values: Value) throws(ProviderError) {
        let annotations = values[key: "manifest"]?[key: "metadata"]?[key: "annotations"] ?? .null
        func flag(_ name: String, _ fallback: Bool) throws(ProviderError) -> Bool {
            if let flag = values[key: name]?.asBool { return flag }
            guard let text = annotations[key: Self.prefix + name] else { return fallback }
            switch text.asString {
            case "true": return true
            case "false": return false
            default:
                throw ProviderError(
                    .invalid, "The annotation `\(Self.prefix)\(name)` must be \"true\" or \"false\", in quotes.")
            }
        }
        force = try flag("force", false)
        adopt = try flag("adopt", false)
        waits = try flag("wait", true)
        // Charts say it in Helm's words.
        prunes = try flag("prune", annotations[key: "helm.sh/resource-policy"]?.asString != "keep")
        let chosen = values[key: "propagation"]?.asString ?? annotations[key: Self.prefix + "propagation"]?.asString
        propagation = chosen ?? "Background"
        guard Self.propagations.contains(propagation) else {
            throw ProviderError(
                .invalid,
                "`propagation` is \(Self.propagations.joined(separator: ", ")), not \"\(propagation)\"."
                    + Suggestion.didYouMean(propagation, among: Self.propagations))
        }
    }
}
