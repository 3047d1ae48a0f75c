import Foundation
import GitFixtures
import PlumbModel
import Testing
import ThrowawayServers

/// A real repository with a branch that somebody wants merged, and the forge that it is proposed at; what CI does there, the
/// real binary does.
final class PullRequestSite: Sendable {
    let repository: TemporaryRepository
    let forge: PlayedForge
    /// `owner/name` at the forge.
    let name: String
    let number = 7
    private let api: String
    private let control: String

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter files: what the base branch holds, by path.
    init(_ files: [String: String], at forge: PlayedForge = .github) async throws {
        self.forge = forge
        name = "acme/infra-\(UInt32.random(in: 0...UInt32.max))"
        api = try await forge.api()
        control = "http://127.0.0.1:\(try await forge.port())"
        repository = try TemporaryRepository()
        try repository.write(".gitignore", ".plumb/\nout/\nplans/\n")
        for (path, text) in files { try repository.write(path, text) }
        try repository.commit("base")
        try repository.git("checkout", "-q", "-b", "change")
    }

    /// A stack with one file, whose content is an expression.
    static func stack(_ name: String, _ content: String, more: String = "") -> [String: String] {
        [
            "stacks/\(name)/stack.yaml": "stack: \(name)\n\(more)",
            "stacks/\(name)/main.yaml":
                "resources:\n  local_file.it:\n    spec: {filename: out/it.txt, content: '\(content)'}\n",
        ]
    }

    // MARK: - What people do

    func write(_ files: [String: String]) throws {
        for (path, text) in files { try repository.write(path, text) }
    }

    /// Commits what was changed, and proposes it.
    @discardableResult
    func propose(_ fields: [String: Value] = [:]) async throws -> String {
        let head = try repository.commit("change")
        let base = try repository.git("rev-parse", "main")
        try await tell(
            "pull",
            [
                "number": .number(number), "commit": .string(head), "base_commit": .string(base), "who": "bob",
                "association": "MEMBER",
            ].merging(fields) { $1 })
        return head
    }

    /// Commits what was changed since, and pushes it to the pull request.
    @discardableResult
    func push() async throws -> String {
        let head = try repository.commit("more")
        try await tell("push", ["number": .number(number), "commit": .string(head)])
        return head
    }

    /// Merges, as the forge would, and stands on the base branch then.
    func merge() throws {
        try repository.git("checkout", "-q", "main")
        try repository.git("merge", "-q", "--no-ff", "--no-edit", "change")
    }

    /// Applies what a branch holds, as it stands now.
    func applyAll(on branch: String = "main") async throws {
        try repository.git("checkout", "-q", branch)
        for folder in try FileManager.default.contentsOfDirectory(atPath: repository.path + "/stacks").sorted() {
            let result = try await plumb(["apply", "--auto-approve"], in: "stacks/" + folder, options: [])
            #expect(result.code == 0, "\(result.errors)")
        }
        try repository.git("checkout", "-q", "change")
    }

    func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: repository.path + "/" + path).map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: - What CI does

    func plumb(
        _ arguments: [String], in folder: String = "", environment: [String: String] = [:], options: [String]? = nil
    ) async throws -> ChildProcess.Result {
        let standard = [
            "--forge", forge.rawValue, "--repository", name, "--number", "\(number)", "--api", api,
        ]
        return try await ProcessGate.shared.pass {
            let process = try ChildProcess(
                Plumb.path, arguments + (options ?? standard), in: repository.path + "/" + folder,
                environment: Plumb.environment.merging(["PLUMB_FORGE_TOKEN": PlayedForge.token]) { $1 }
                    .merging(environment) { $1 },
                deadline: 120)
            let result = await process.result()
            #expect(!result.ranIntoDeadline, "plumb \(arguments) did not end: \(result.errors)")
            return result
        }
    }

    /// Plans, and tells what the record says of each stack: `web present changes`.
    func plan(_ arguments: String...) async throws -> (code: Int32?, stacks: [String], result: ChildProcess.Result) {
        let result = try await plumb(["pr", "plan", "--json"] + arguments)
        guard let document = try? Value(json: result.output) else { return (result.code, [], result) }
        let stacks = (document.asMap?["stacks"]?.asList ?? []).map { stack in
            ["stack", "standing", "verdict"].compactMap { stack.asMap?[$0]?.asString }.joined(separator: " ")
        }
        return (result.code, stacks, result)
    }

    // MARK: - What the forge has

    @discardableResult
    func tell(_ what: String, _ fields: [String: Value] = [:]) async throws -> Value {
        try await ask(
            "POST", "/_do/\(name)", .object(ValueMap([("do", .string(what))] + fields.map { ($0.key, $0.value) })))
    }

    func fault(_ kind: String, _ match: String, times: Int = 1) async throws {
        _ = try await ask(
            "POST", "/_fault/\(name)", ["kind": .string(kind), "match": .string(match), "times": .number(times)])
    }

    func comments() async throws -> [String] {
        (try await tell("show").asMap?["comments"]?.asList ?? []).compactMap { $0.asMap?["body"]?.asString }
    }

    /// The newest state of each status, by name.
    func statuses() async throws -> [String: String] {
        var newest: [String: String] = [:]
        for status in try await tell("show").asMap?["statuses"]?.asList ?? [] {
            guard let name = (status.asMap?["context"] ?? status.asMap?["name"])?.asString else { continue }
            newest[name] = (status.asMap?["state"] ?? status.asMap?["status"])?.asString
        }
        return newest
    }

    /// What was written there: `POST /repos/…`.
    func writes() async throws -> [String] {
        (try await ask("GET", "/_seen/\(name)", nil).asList ?? []).compactMap { seen in
            guard let method = seen.asMap?["method"]?.asString, method != "GET" else { return nil }
            return "\(method) \(seen.asMap?["path"]?.asString ?? "")"
        }
    }

    /// What was asked or answered against the forge's description, of this repository.
    func wrongs() async throws -> [String] {
        (try await ask("GET", "/_wrong", nil).asList ?? []).compactMap(\.asString).filter { words in
            words.contains(name) || words.contains(name.replacing("/", with: "%2F"))
        }
    }

    private func ask(_ method: String, _ path: String, _ body: Value?) async throws -> Value {
        var bytes: [UInt8] = []
        if let body {
            var writer = JSONWriter()
            writer.write(body)
            bytes = writer.bytes
        }
        let answer = try await LoopbackRequest(
            method, control + path, headers: ["Content-Type": "application/json"],
            body: String(decoding: bytes, as: UTF8.self)
        ).send()
        guard answer.status == 200 else { throw Failure(description: answer.body) }
        return try Value(json: answer.body)
    }
}
