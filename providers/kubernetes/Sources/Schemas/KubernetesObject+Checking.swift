import PlumbModel
import ProviderAPI

extension KubernetesObject {
    /// What is checked elsewhere, or by the server alone.
    private static let identity: Set<String> = ["apiVersion", "kind", "status"]

    /// Checks what is known of a manifest that cannot be tried yet, because parts of it wait for other resources.
    ///
    /// - Parameter manifest: even its name may be unknown.
    func checkTypes(_ manifest: Value) async throws(ProviderError) {
        guard let text = manifest[key: "apiVersion"]?.asString, let version = GroupVersion(text),
            let kind = manifest[key: "kind"]?.asString, let schemas = try? cluster.link().schemas,
            let schema = await schemas.schema(of: version, kind)
        else { return }
        let faults = schema.faults(in: manifest, ignoring: Self.identity, needsAll: false)
        guard faults.isEmpty else {
            throw ProviderError(
                .invalid, "\(kind) does not fit what the server takes: \(faults.map(\.message).joined(separator: " "))",
                faults: faults)
        }
    }

    /// A refusal of a trial, with the places of what it is about.
    func explained(_ refusal: Refusal, _ manifest: Manifest) async -> ProviderError {
        guard [400, 422, 500].contains(refusal.status) else { return refusal.error(changes: false) }
        var faults: [AttributeFault] = []
        if let schemas = try? cluster.link().schemas,
            let schema = await schemas.schema(of: manifest.version, manifest.kind)
        {
            faults = schema.faults(in: manifest.value, ignoring: Self.identity, needsAll: false)
        }
        // The server knows more than its description says.
        if faults.isEmpty { faults = refusal.faults(in: manifest.value) }
        guard !faults.isEmpty else { return refusal.error(changes: false) }
        return ProviderError(.invalid, refusal.error(changes: false).message, faults: faults)
    }
}

extension Manifest {
    func misfit(_ faults: [AttributeFault], _ what: String) -> ProviderError {
        ProviderError(
            .invalid, "\(kind) \(name) does not fit \(what): \(faults.map(\.message).joined(separator: " "))",
            faults: faults)
    }
}

extension Refusal {
    /// What the server says about fields that a manifest declares.
    fileprivate func faults(in manifest: Value) -> [AttributeFault] {
        let told = causes.filter { !$0.field.isEmpty }.map { cause in
            let field = ServerField(cause.field)
            let path = field.path(in: manifest)
            return AttributeFault(path, "\(field.text): \(cause.message)")
        }
        if !told.isEmpty { return told }
        return unknownFields.map { text in
            let field = ServerField(text)
            return AttributeFault(
                field.path(in: manifest), "\(field.text) is no field of the kind, says the server.", isKey: true)
        }
    }

    /// `strict decoding error: unknown field "spec.replica"`, `.spec.replica: field not declared in schema`.
    private var unknownFields: [String] {
        var found = message.split(separator: "unknown field \"").dropFirst().compactMap { part in
            part.split(separator: "\"").first.map(String.init)
        }
        for part in message.split(separator: ": field not declared in schema") {
            guard let word = part.split(whereSeparator: \.isWhitespace).last, word.hasPrefix(".") else { continue }
            found.append(String(word))
        }
        return found
    }
}
