public import PlumbModel

/// The state as `terraform show -json` writes it: format 1.0.
public struct StateJSON: Sendable {
    static let format = "1.0"

    private let resources: [PlanSetting.PriorResource]
    private let outputs: [String: Value]
    private let version: String
    private let pieces: ValuePieces

    /// - Parameters:
    ///   - version: of Plumbline.
    ///   - showsSensitive: writes secrets as they are, instead of `(sensitive)`.
    public init(_ snapshot: StateSnapshot, version: String, showsSensitive: Bool) {
        self.init(
            snapshot.resources.map(PlanSetting.PriorResource.init),
            Dictionary(snapshot.outputs.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
            version: version, ValuePieces(showsSensitive: showsSensitive))
    }

    init(
        _ resources: [PlanSetting.PriorResource], _ outputs: [String: Value], version: String, _ pieces: ValuePieces
    ) {
        self.resources = resources
        self.outputs = outputs
        self.version = version
        self.pieces = pieces
    }

    /// - Parameter sink: takes the text, piece by piece.
    public func render(_ sink: @escaping (String) -> Void) {
        var stream = JSONStream(sink)
        write(to: &stream)
        stream.finish()
    }

    var isEmpty: Bool { resources.isEmpty && outputs.isEmpty }

    func write(to stream: inout JSONStream) {
        stream.object { stream in
            stream.member("format_version", StateJSON.format)
            guard !isEmpty else { return }
            stream.member("terraform_version", PlanJSON.terraformVersion)
            stream.member("plumbline_version", version)
            stream.object("values") { stream in
                if !outputs.isEmpty { pieces.writeOutputs(outputs, to: &stream) }
                stream.object("root_module") { stream in
                    ModuleTree(resources, at: \.address).write(to: &stream) { write($1, to: &$0) }
                }
            }
        }
    }

    private func write(_ resource: PlanSetting.PriorResource, to stream: inout JSONStream) {
        stream.object { stream in
            stream.writeAddress(resource.address, provider: resource.provider)
            pieces.writeValues(resource.values, to: &stream)
            let dependencies = Set(resource.dependencies.map(\.resource)).sorted().map(\.description)
            if !dependencies.isEmpty { stream.member("depends_on", dependencies) }
            if resource.isTainted { stream.member("tainted", true) }
            if let key = resource.deposedKey { stream.member("deposed_key", key) }
        }
    }
}

extension ValuePieces {
    /// The members that hold the values of one instance; nil where these are nobody's business any more.
    func writeValues(_ values: Value?, to stream: inout JSONStream) {
        stream.member("schema_version", .number(0))
        guard let values else { return stream.member("sensitive_values", false) }
        let known = known(values) ?? .null
        if known.asMap?.isEmpty != true { stream.member("values", known) }
        stream.member("sensitive_values", ValuePieces.sensitiveMask(values))
    }

    /// Outputs with their types; what is not wholly known has neither value nor type.
    func writeOutputs(_ outputs: [String: Value], to stream: inout JSONStream) {
        stream.object("outputs") { stream in
            for (name, value) in outputs.sorted(by: { $0.key < $1.key }) {
                stream.object(name) { stream in
                    stream.member("sensitive", value.containsSensitive)
                    guard value.isWhollyKnown, let known = known(value) else { return }
                    stream.member("type", TypeDocument.value(value.type))
                    stream.member("value", known)
                }
            }
        }
    }
}
