import FoundationEssentials
import PlumbModel
import ProviderAPI
import Subprocess
import SystemPackage
import Testing

@testable import BuiltinProvider

/// A directory of its own, removed at the end, and the builtin types that work in it.
final class Playground: Sendable {
    let directory: String
    private let allowsCommands: Bool
    private let clock: Clock

    init(allowsCommands: Bool = false, clock: Clock = .system) throws {
        directory = FileManager.default.temporaryDirectory.path + "/plumb-builtin-" + UUID().uuidString
        self.allowsCommands = allowsCommands
        self.clock = clock
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var instance: BuiltinInstance {
        BuiltinInstance(directory: directory, allowsCommands: allowsCommands, clock: clock)
    }

    func type(_ name: String) throws -> any ResourceType {
        try #require(instance.resourceTypes.first { $0.name == name })
    }

    /// Null where nothing is given, as the engine hands values over.
    func complete(_ type: any ResourceType, _ given: Value) -> Value {
        .object(ValueMap(type.schema.attributes.map { ($0.name, given[key: $0.name] ?? .null) }))
    }

    func plan(_ name: String, _ given: Value, prior: ResourceState? = nil) async throws -> ResourcePlan {
        let type = try type(name)
        return try await type.plan(PlanRequest(prior: prior, declared: complete(type, given)))
    }

    func create(_ name: String, _ given: Value) async throws -> ResourceState {
        let planned = try await plan(name, given).planned
        return try await type(name).create(CreateRequest(planned: planned, intent: UUID().uuidString))
    }

    func path(_ name: String) -> String { directory + "/" + name }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path(name)))
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path(name))), as: UTF8.self)
    }

    func permissions(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
        return try #require(attributes[.posixPermissions] as? Int)
    }

    /// The standard output of a program that must succeed.
    func run(_ program: String, _ arguments: [String]) async throws -> String {
        let result = try await Subprocess.run(
            .name(program), arguments: Arguments(arguments), workingDirectory: FilePath(directory),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
        try #require(result.terminationStatus.isSuccess, "\(program) \(arguments): \(result.standardError)")
        return result.standardOutput
    }
}

/// Expects a call to fail with a provider's error, and gives the error.
func providerError(_ body: () async throws -> some Sendable) async throws -> ProviderError {
    do {
        _ = try await body()
    } catch let error as ProviderError {
        return error
    }
    throw MissingError()
}

struct MissingError: Error {}
