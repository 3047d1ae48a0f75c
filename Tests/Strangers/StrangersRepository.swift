import Applying
import BuiltinProvider
import Foundation
import GitFixtures
import HTTPProvider
import KubernetesProvider
import LibvirtProvider
import Operations
import Planning
import PlumbModel
import PostgreSQLBackend
import ProviderAPI
import Reporting
import Repositories
import SQLiteBackend
import StackFixtures
import StateBackendAPI

/// A repository whose branch `main` somebody vouches for, with a stack that was applied; strangers push commits beside it.
/// Wherever a secret could be, a canary sits.
final class StrangersRepository {
    /// In the state, the environment, variables, files beside the repository and encrypted files.
    static let canary = "canary"

    /// The specs of the vouched stack.
    static let specs = """
        variables:
          secret: {type: string, sensitive: true}
          region: {type: string, default: north}
        resources:
          local_file.a: {spec: {filename: out/a, sensitive_content: "${var.secret}-state"}}
          local_file.b: {spec: {filename: out/b, content: plain}}
          random_password.p: {spec: {length: 12}}
        outputs:
          out: {value: "${local_file.a.sensitive_content}", sensitive: true}
        """

    private let origin: TemporaryRepository
    /// Where the controller, or the workflow, keeps its own.
    let home: TemporaryRepository
    let environment: [String: String]
    private let base: String

    static let capabilities = Capabilities(
        providers: [
            BuiltinProvider(), HTTPProvider(version: "test"), KubernetesProvider(version: "test"),
            LibvirtProvider(version: "test"),
        ], stateBackends: [.sqlite, .postgres], version: "test")

    /// What a look at a stranger's specs has come to.
    struct Seen {
        /// Nil where there is no plan.
        var plan: Plan?
        var problems = Diagnostics()
        /// All that anybody could be shown of it, and secrets unmasked: the plan, its JSON, the problems with their snippets.
        var everything = ""
        var seconds = 0.0

        var summary: [String] { plan?.summary.sorted() ?? [] }
        var errors: [String] { problems.all.filter { $0.severity == .error }.map { "\($0.summary): \($0.detail)" } }
    }

    /// - Parameters:
    ///   - stack: the vouched `stack.yaml`.
    ///   - more: further vouched files, by path in the repository.
    init(stack: String = "stack: web\n", more: [String: String] = [:]) async throws {
        origin = try TemporaryRepository()
        home = try TemporaryRepository(bare: true)
        try home.write("secrets/key", "canary-file")
        try home.write(".ssh/id", "canary-file")
        let cases = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../EndToEnd/Cases/sops")
        environment = [
            "PLUMB_VAR_secret": "canary-variable", "TOKEN": "canary-token", "HOME": home.path,
            "SOPS_AGE_KEY": try String(contentsOf: cases.appending(path: "identity.txt"), encoding: .utf8),
        ]
        try origin.write("stacks/web/stack.yaml", stack)
        try origin.write("stacks/web/main.yaml", Self.specs)
        for (path, text) in more { try origin.write(path, text) }
        base = try origin.commit("vouched")
        try await apply("web")
    }

    private func location(_ commit: String, _ name: String) throws -> StackLocation {
        let directory = home.path + "/stacks/" + name
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let source = try GitRepository.open(containing: origin.path).source(
            revision: commit, folder: "stacks/" + name)
        return StackLocation(source: source, directory: directory)
    }

    /// Applies a stack of the vouched branch, as whoever maintains it does.
    func apply(_ name: String) async throws {
        let session = try await StackSession.open(
            try location(base, name), capabilities: Self.capabilities, environment: environment)
        let plan = try await PlanOperation(session).run(PlanOptions()) { _ in }.plan
        let outcome = try await ApplyOperation(session, holder: StackFixture.holder).run(
            plan, parallelism: 2, control: .init()
        ) { _ in }
        await session.close()
        guard outcome.succeeded else { throw NotApplied() }
    }

    private struct NotApplied: Error {}

    /// Commits what a stranger has written, and gives the commit.
    ///
    /// - Parameters:
    ///   - files: by path from the stack's folder; nil removes one.
    ///   - script: run in the repository's folder before the commit.
    func push(_ files: [String: String?], script: String = "", in name: String = "web") throws -> String {
        try origin.git("checkout", "-q", "-B", "stranger", base)
        for (path, text) in files {
            let file = "stacks/\(name)/\(path)"
            if let text { try origin.write(file, text) } else { try origin.git("rm", "-q", file) }
        }
        if !script.isEmpty { try origin.shell(script) }
        return try origin.commit("stranger")
    }

    /// As `push`, with a folder `bomb` in the stack's, of which each level holds the next one twice.
    func pushFoldersInFolders(_ files: [String: String?]) throws -> String {
        _ = try push(files)
        return try origin.shell(
            """
            blob=$(echo x | git hash-object -w --stdin)
            tree=$(printf '100644 blob %s\\tf\\n' $blob | git mktree)
            for i in $(seq 30); do
                tree=$(printf '040000 tree %s\\ta\\n040000 tree %s\\tb\\n' $tree $tree | git mktree)
            done
            web=$({ git ls-tree HEAD:stacks/web; printf '040000 tree %s\\tbomb\\n' $tree; } | git mktree)
            stacks=$(printf '040000 tree %s\\tweb\\n' $web | git mktree)
            root=$(printf '040000 tree %s\\tstacks\\n' $stacks | git mktree)
            git -c user.name=x -c user.email=x@example.org commit-tree -m bomb $root
            """)
    }

    /// Opens and plans a stack at a commit.
    ///
    /// - Parameter isVouched: false where the stack is not on the vouched branch.
    func look(
        at commit: String, trust: StackTrust = .stranger, in name: String = "web", isVouched: Bool = true,
        seconds: Double = 60
    ) async throws -> Seen {
        let begin = ContinuousClock.now
        var seen = Seen()
        do {
            var limits = Allowance.Limits()
            limits.seconds = seconds
            let session = try await StackSession.open(
                try location(commit, name), capabilities: Self.capabilities, environment: environment,
                variables: [.value(name: "region", text: "canary-argument")], trust: trust,
                vouched: isVouched ? try location(base, name) : nil, allowance: Allowance(limits))
            seen.problems.append(session.warnings)
            do {
                try await plan(session, &seen)
            } catch let problems as Diagnostics {
                seen.problems.append(problems)
            }
            await session.close()
        } catch let problems as Diagnostics {
            seen.problems.append(problems)
        }
        seen.seconds = (ContinuousClock.now - begin) / .seconds(1)
        seen.everything += DiagnosticReport(seen.problems).render(.plain)
        seen.everything += seen.problems.all.map { "\($0.summary) \($0.detail) \($0.notes)" }.joined(separator: "\n")
        return seen
    }

    /// Opens the stack as a stranger's.
    func session(at commit: String) async throws -> StackSession {
        try await StackSession.open(
            try location(commit, "web"), capabilities: Self.capabilities, environment: environment, trust: .stranger,
            vouched: try location(base, "web"))
    }

    private func plan(_ session: StackSession, _ seen: inout Seen) async throws {
        let operation = PlanOperation(session)
        let result = try await operation.run(PlanOptions()) { _ in }
        var plan = result.plan
        var text = ""
        func document() {
            PlanJSON(plan, in: operation.setting(of: result), showsSensitive: true).render { text += $0 }
        }
        document()
        plan.policies = await PolicyReview(session, environment: environment).judge(text)
        text = ""
        document()
        let stack = PullRequestPlans.Stack(
            name: session.name, directory: "stacks/web", plan: plan, problems: result.warnings,
            digest: try operation.digest(of: plan))
        seen.plan = plan
        seen.problems.append(result.warnings)
        seen.everything += text + PullRequestComment(PullRequestPlans(key: "it", stacks: [stack])).text()
        for change in plan.changes {
            seen.everything += "\(change.address) \(change.before?.archived ?? "") \(change.after?.archived ?? "")"
        }
        for output in plan.outputs {
            seen.everything += "\(output.before?.archived ?? "") \(output.after?.archived ?? "")"
        }
    }
}
