import Foundation
import GitFixtures
import PlumbModel
import Testing
import ThrowawayServers

/// A controller whose repository is on a real Git server and has pull requests at a played forge, with what people do there.
final class ForgeSite: Sendable {
    let site: ControllerSite
    /// `acme/name`, of this test alone.
    let name: String
    let kind: PlayedForge
    private let git: GitServer
    private let control: String
    private let api: String

    /// Of the token `t`.
    private static let digest = "e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8"

    private static func server(_ kind: PlayedForge) -> String {
        """
        server:
          listen: unix:api.sock
          tokens: {alice: {sha256: \(digest), role: admin}}
          webhooks: {\(kind.rawValue): {env: HOOK_SECRET}}
        """
    }

    /// - Parameters:
    ///   - settings: `pull_requests` of the repository.
    ///   - environment: of the controller.
    ///   - state: where several controllers share their records; then they serve no API.
    init(
        _ files: [String: String], _ settings: String, interval: String = "300ms", environment: [String: String] = [:],
        state: String? = nil, at kind: PlayedForge = .github
    ) async throws {
        self.kind = kind
        name = "acme/infra-\(UInt32.random(in: 0...UInt32.max))"
        var all = environment
        all["FORGE_TOKEN"] = PlayedForge.token
        all["HOOK_SECRET"] = ForgeHook.secret
        site = try ControllerSite(files, environment: all)
        git = try await GitServer("http", site.repository.path)
        api = try await kind.api()
        control = "http://127.0.0.1:\(try await kind.port())"
        try configure(settings, interval: interval, state: state)
    }

    /// - Parameter settings: `pull_requests`; nil: they are not followed.
    func configure(_ settings: String?, interval: String = "300ms", state: String? = nil) throws {
        let text = """
            repositories:
              infra:
                url: "\(url)"
                branch: main
                stacks: ["stacks/*"]
                interval: \(interval)
                forge: {type: \(kind.rawValue), api: "\(api)", repository: \(name), token: {env: FORGE_TOKEN}}
            \(settings.map { "    pull_requests: \($0)" } ?? "")
            \(state.map { "state: \($0)" } ?? Self.server(kind))

            """
        try Data(text.utf8).write(to: site.folder.appendingPathComponent("controller.yaml"))
    }

    private var url: String { "http://127.0.0.1:\(git.port)/.git" }

    // MARK: - Git

    /// Commits files on a branch of their own, which begins at `main`.
    ///
    /// - Returns: the commit.
    @discardableResult
    func push(_ number: Int, _ files: [String: String]) throws -> String {
        try site.repository.git("checkout", "-q", "-B", "change-\(number)", "main")
        for (name, text) in files { try site.write(name, text) }
        let commit = try site.repository.commit("change \(number)")
        try site.repository.git(
            "update-ref", "refs/\(kind == .gitlab ? "merge-requests" : "pull")/\(number)/head", commit)
        try site.repository.git("checkout", "-q", "main")
        return commit
    }

    /// Merges it there and at the forge.
    func merge(_ number: Int) async throws {
        try await act(
            "change", ["number": .number(number), "state": "merged", "merge_commit": .string(try mergeBranch(number))])
    }

    /// - Returns: the commit of the merge.
    func mergeBranch(_ number: Int) throws -> String {
        try site.repository.git("merge", "-q", "--no-ff", "-m", "merge \(number)", "change-\(number)")
        return try site.repository.git("rev-parse", "HEAD")
    }

    // MARK: - Forge

    @discardableResult
    func act(_ what: String, _ fields: ValueMap = [:]) async throws -> Value {
        var fields = fields
        fields["do"] = .string(what)
        return try await tell("/_do/\(name)", Value.object(fields).json)
    }

    /// Opens a pull request of what was pushed.
    func open(_ number: Int, _ commit: String, _ more: ValueMap = [:]) async throws {
        var fields: ValueMap = [
            "number": .number(number), "commit": .string(commit), "branch": .string("change-\(number)"),
        ]
        for entry in more { fields[entry.key] = entry.value }
        try await act("pull", fields)
    }

    /// - Parameter edited: what somebody makes of it before anybody has read it.
    func comment(_ number: Int, _ who: String, _ body: String, edited: String? = nil) async throws {
        var fields: ValueMap = ["number": .number(number), "who": .string(who), "body": .string(body)]
        if let edited { fields["edited"] = .string(edited) }
        try await act("comment", fields)
    }

    /// A comment, of which the forge tells.
    func order(_ number: Int, _ who: String, _ body: String, _ commit: String) async throws {
        try await comment(number, who, body)
        try await deliver(number, .commented(body), commit)
    }

    func approve(_ number: Int, _ who: String) async throws {
        try await act("review", ["number": .number(number), "who": .string(who), "state": "APPROVED"])
    }

    func fault(_ kind: String, _ match: String, times: Int = 1) async throws {
        let body: Value = ["kind": .string(kind), "match": .string(match), "times": .number(times)]
        try await tell("/_fault/\(name)", body.json)
    }

    /// Our comments below a pull request, oldest first.
    func comments(_ number: Int) async throws -> [String] {
        let shown = try await act("show")[key: "comments"]?.asList ?? []
        return shown.filter { $0[key: "on"]?.json == "\(number)" && $0[key: "who"]?.asString == "plumb-bot" }
            .compactMap { $0[key: "body"]?.asString }
    }

    /// The newest status of each name of a commit.
    func statuses(of commit: String) async throws -> [String: String] {
        let shown = try await act("show")[key: "statuses"]?.asList ?? []
        var found: [String: String] = [:]
        for status in shown where status[key: "commit"]?.asString == commit {
            found[status[key: kind == .gitlab ? "name" : "context"]?.asString ?? ""] = status[key: "state"]?.asString
        }
        return found
    }

    /// What was asked or answered against the forge's description, of this repository.
    func wrongs() async throws -> [String] {
        (try await tell("/_wrong", nil).asList ?? []).compactMap(\.asString).filter {
            $0.contains(name) || $0.contains(name.replacing("/", with: "%2F"))
        }
    }

    /// Waits for a comment of ours that holds all these words.
    @discardableResult
    func awaitComment(_ number: Int, _ words: String..., seconds: Double = 45) async throws -> String {
        var found: String?
        do {
            try await site.wait("a comment with \(words)", seconds: seconds) {
                found = try await self.comments(number).first { text in words.allSatisfy { text.contains($0) } }
                return found != nil
            }
        } catch {
            Issue.record("there are only:\n\(try await comments(number).joined(separator: "\n----\n"))")
            throw error
        }
        return try #require(found)
    }

    @discardableResult
    private func tell(_ path: String, _ body: String?) async throws -> Value {
        let answer = try await LoopbackRequest(body == nil ? "GET" : "POST", control + path, body: body ?? "").send()
        try #require(answer.status == 200, "\(path): \(answer.body)")
        return try Value(json: answer.body)
    }

    // MARK: - Controller

    /// - Returns: the document that the controller's API answers.
    @discardableResult
    func ask(_ path: String, _ body: String? = nil) async throws -> Value {
        let answer = try await curl(
            "/api/v1/\(path)", body, ["Authorization: Bearer t", "Content-Type: application/json"])
        return answer.isEmpty ? .null : try Value(json: answer)
    }

    /// Delivers what the forge would, and proves it.
    ///
    /// - Returns: what was answered.
    @discardableResult
    func deliver(_ number: Int, _ happened: ForgeHook.Happening, _ commit: String) async throws -> String {
        let hook = ForgeHook(kind, happened, number: number, commit: commit, name: name, url: url)
        let body = try await tell("/_webhook", hook.asked.json).json
        return try await curl("/webhooks/\(kind.rawValue)", body, hook.headers(of: body))
    }

    private func curl(_ path: String, _ body: String?, _ headers: [String]) async throws -> String {
        var arguments = ["-s", "--max-time", "10", "--unix-socket", "api.sock", "http://plumb\(path)"]
        for header in headers { arguments += ["-H", header] }
        if let body {
            let file = site.folder.appendingPathComponent("body-\(UUID().uuidString)")
            try Data(body.utf8).write(to: file)
            arguments += ["--data-binary", "@\(file.path)"]
        }
        let words = arguments
        let result = try await ProcessGate.shared.pass {
            await (try ChildProcess("/usr/bin/curl", words, in: self.site.folder.path, environment: [:], deadline: 20))
                .result()
        }
        return result.output
    }
}
