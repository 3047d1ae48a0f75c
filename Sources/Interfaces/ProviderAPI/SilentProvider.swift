public import PlumbModel

/// A provider that knows its types and asks nobody: no instance of it reads, plans with its system, renders or imports.
///
/// The real one is configured all the same, because it knows the types; but of the settings it sees only those that decide
/// which types there are, and of files those that others vouch for: a description of an API is a program of a kind, and can be
/// made to take all time and memory. Everything else is unknown to it, so that it could not reach a server or open a file if
/// it were asked. What it hands out is never given away: types are wrapped, and have no abilities but their schemas.
public struct SilentProvider: Provider {
    private let real: any Provider
    private let files: any SpecificationSource

    /// - Parameter files: what paths in the settings lead to, in the place of the stack's own files.
    public init(_ real: any Provider, files: any SpecificationSource) {
        self.real = real
        self.files = files
    }

    public var name: String { real.name }
    public var configurationSchema: Schema { real.configurationSchema }
    public var settingsOfTypes: Set<String> { real.settingsOfTypes }

    public func configure(_ configuration: ProviderConfiguration) throws(Diagnostics) -> any ProviderInstance {
        var values: [(String, Value)] = []
        for attribute in real.configurationSchema.attributes {
            let value = configuration.values[key: attribute.name] ?? .null
            let isShown = value.isNull || real.settingsOfTypes.contains(attribute.name)
            values.append((attribute.name, isShown ? value : .unknown(attribute.type)))
        }
        let instance = try real.configure(
            ProviderConfiguration(
                instanceName: configuration.instanceName, values: .object(ValueMap(values)), range: configuration.range,
                source: VouchedFiles(files: files, own: configuration.source),
                workingDirectory: configuration.workingDirectory))
        return SilentInstance(instance)
    }
}

/// Files that others vouch for, read in the place of the stack's own. That they were asked for is noted with these.
private struct VouchedFiles: SpecificationSource {
    let files: any SpecificationSource
    let own: any SpecificationSource

    var name: String { files.name }
    var revision: String? { files.revision }
    var branch: String? { files.branch }

    func files(in folder: String) throws(Diagnostics) -> [String] { try files.files(in: folder) }
    func folders(in folder: String) throws(Diagnostics) -> [String] { try files.folders(in: folder) }

    func contents(of path: String) throws(Diagnostics) -> [UInt8]? {
        _ = try own.contents(of: path)
        return try files.contents(of: path)
    }

    func module(at path: String) throws(Diagnostics) -> any SpecificationSource { try files.module(at: path) }
}

/// Knows the types of a real instance, and nothing else of it.
private struct SilentInstance: ProviderInstance {
    private let real: any ProviderInstance
    let resourceTypes: [any ResourceType]
    let dataTypes: [any DataType]

    init(_ real: any ProviderInstance) {
        self.real = real
        resourceTypes = real.resourceTypes.map { SilentType(name: $0.name, schema: $0.schema, warnings: $0.warnings) }
        dataTypes = real.dataTypes.map { SilentDataType(name: $0.name, schema: $0.schema) }
    }

    var answers: Bool { false }
    var warnings: Diagnostics { real.warnings }

    func close() async { await real.close() }
}

/// A type whose plans follow the schema alone.
private struct SilentType: ResourceType {
    let name: String
    let schema: Schema
    let warnings: Diagnostics

    var hasLiveState: Bool { false }

    func read(_ prior: ResourceState) async throws(ProviderError) -> ResourceState? { prior }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState { throw .silent }

    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState { throw .silent }

    func delete(_ request: DeleteRequest) async throws(ProviderError) { throw .silent }
}

/// A data type that is not read.
private struct SilentDataType: DataType {
    let name: String
    let schema: Schema

    func read(_ declared: Value) async throws(ProviderError) -> Value { throw .silent }
}

extension ProviderError {
    fileprivate static var silent: ProviderError {
        ProviderError(
            .invalid,
            "Nobody vouches for whoever has written these specs, so that no provider is asked anything for them.")
    }
}
