public import Applying
import BuiltinProvider
import Foundation
public import Operations
public import Planning
public import PlumbModel
import SQLiteBackend
public import StateBackendAPI

/// A stack in a folder of its own, gone with it: with the real builtin provider and a real SQLite state.
public final class StackFixture: Sendable {
    public let folder: String

    public init(_ spec: String = "", stack: String = "stack: test\n") throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "plumbline-stack-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        folder = url.path
        try write("stack.yaml", stack)
        try write("main.yaml", spec)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            print("could not remove \(folder): \(error)")
        }
    }

    // MARK: - Files

    public func path(_ file: String) -> String { folder + "/" + file }

    public func write(_ file: String, _ text: String) throws {
        let url = URL(fileURLWithPath: path(file))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    public func spec(_ text: String) throws { try write("main.yaml", text) }

    public func read(_ file: String) -> String? {
        FileManager.default.contents(atPath: path(file)).map { String(decoding: $0, as: UTF8.self) }
    }

    public func remove(_ file: String) throws { try FileManager.default.removeItem(atPath: path(file)) }

    // MARK: - The engine

    public static let capabilities = Capabilities(
        providers: [BuiltinProvider()], stateBackends: [.sqlite], version: "test")

    /// Of a host that is not this one, so that nobody holds its process for dead.
    public static let holder = LeaseHolder(user: "test", host: "elsewhere.test", process: 1)

    public func session(_ environment: [String: String] = [:]) async throws -> StackSession {
        try await StackSession.open(
            StackLocation(directory: folder), capabilities: Self.capabilities, environment: environment)
    }

    public func plan(_ options: PlanOptions = PlanOptions()) async throws -> Plan {
        try await planned(options).plan
    }

    /// The plan with what was noticed on the way.
    public func planned(_ options: PlanOptions = PlanOptions()) async throws -> PlanResult {
        try await withSession { session in try await PlanOperation(session).run(options) { _ in } }
    }

    /// What loading and resolving only warn of.
    public func warnings() async throws -> Diagnostics { try await withSession { $0.warnings } }

    /// Plans and applies.
    @discardableResult
    public func apply(_ options: PlanOptions = PlanOptions()) async throws -> Outcome {
        try await apply(try await plan(options))
    }

    /// Applies a plan to the specs as they are now.
    @discardableResult
    public func apply(_ plan: Plan, control: RunControl = RunControl()) async throws -> Outcome {
        try await withSession { session in
            try await ApplyOperation(session, holder: Self.holder).run(plan, parallelism: 4, control: control) { _ in }
        }
    }

    public func snapshot() async throws -> StateSnapshot {
        try await withSession { session in try await session.backend.snapshot(of: session.name) }
    }

    /// Changes the state behind the engine's back, as another run would.
    public func commit(_ writes: [StateWrite]) async throws {
        try await withSession { session in
            let lease = try await session.backend.acquireLease(on: session.name, holder: "other", seconds: 30)
            try await session.backend.commit(writes, under: lease)
            try await session.backend.release(lease)
        }
    }

    public func record(_ address: String, _ deposedKey: String? = nil) async throws -> ResourceRecord? {
        try await snapshot().resources.first { $0.address.description == address && $0.deposedKey == deposedKey }
    }

    public func output(_ name: String) async throws -> Value? {
        try await snapshot().outputs.first { $0.name == name }?.value
    }

    private func withSession<Result>(_ body: (StackSession) async throws -> Result) async throws -> Result {
        let session = try await session()
        do {
            let result = try await body(session)
            await session.close()
            return result
        } catch {
            await session.close()
            throw error
        }
    }
}

extension Plan {
    /// `create local_file.a`, …: what it does, one line a change.
    public var summary: [String] {
        changes.map { change in
            let action =
                switch change.action {
                case .create: "create"
                case .update: "update"
                case .replace(createBeforeDestroy: true): "replace, create first"
                case .replace(createBeforeDestroy: false): "replace"
                case .delete: "delete"
                case .read: "read"
                case .forget: "forget"
                case .wait: "wait"
                }
            return "\(action) \(change.address)\(change.deposedKey.map { " (\($0))" } ?? "")"
        }
    }

    /// The position of a step in the plan's order; nil where there is none.
    public func position(_ kind: PlannedStep.Kind, _ address: String) -> Int? {
        steps.firstIndex { $0.kind == kind && changes[$0.change].address.description == address }
    }
}

extension Diagnostics {
    /// `summary: detail`, one line a problem.
    public var lines: [String] { all.map { "\($0.summary): \($0.detail)" } }
}

/// The problems that a body throws; none where it throws nothing.
public func problems(_ body: () async throws -> Void) async throws -> Diagnostics {
    do {
        try await body()
        return Diagnostics()
    } catch let problems as Diagnostics {
        return problems
    }
}
