internal import ArgumentParser
internal import Forges
internal import HTTPTransport
internal import Operations
internal import PlumbModel
internal import PullRequests
internal import Repositories

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Which pull request a command is about, and at which forge: the options of `plumb pr`.
struct PullRequestOptions: ParsableArguments {
    /// The kinds of forges, as people call them.
    enum ForgeName: String, ExpressibleByArgument, CaseIterable {
        case github, gitlab, gitea, forgejo

        var kind: ForgeKind {
            switch self {
            case .github: .github
            case .gitlab: .gitlab
            case .gitea, .forgejo: .gitea
            }
        }
    }

    @Option(help: "The forge, where the CI job's environment does not tell.")
    var forge: ForgeName?

    @Option(help: "The repository at the forge: owner/name, of GitLab with all groups.")
    var repository: String?

    @Option(help: "The number of the pull request.")
    var number: Int?

    @Option(help: "The address of the forge's API, such as https://git.example.net/api/v1.")
    var api: String?

    @Option(help: "Tells this workflow's comment and statuses from those of others in the same repository.")
    var commentKey = "plan"

    @Option(help: "A folder that keeps plans and record from plan to apply.", completion: .directory)
    var plans: String?

    @Option(help: "Only folders that match count as stacks: 'teams/a/**'. May be repeated. Default: all.")
    var under: [String] = []

    @Flag(help: "Print what would be written at the forge, and write nothing there.")
    var dryRun = false

    func validate() throws {
        if let number, number < 1 { throw ValidationError("--number must be the number of a pull request.") }
        let usable = commentKey.utf8.allSatisfy { byte in
            switch byte {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
        guard usable, (1...40).contains(commentKey.utf8.count) else {
            throw ValidationError("--comment-key takes up to 40 letters, digits, and the signs - _ .")
        }
    }

    var globs: [String] { under.isEmpty ? ["**"] : under }
    var shelf: PlanShelf? { plans.map { PlanShelf($0) } }

    /// What the job's environment tells, and what the options say instead.
    func job() async throws(Diagnostics) -> CIJob {
        let environment = Invocation.environment
        let event = try await BlockingWork.run { () throws(Diagnostics) -> [UInt8]? in
            guard let path = environment["GITHUB_EVENT_PATH"], !path.isEmpty, number == nil else { return nil }
            do {
                return Array(try Data(contentsOf: URL(filePath: path)))
            } catch {
                throw Diagnostics(
                    .error(
                        "Event of the CI job cannot be read",
                        "\(path), which GITHUB_EVENT_PATH names, cannot be read. Give --number, --head and --base instead."
                    ))
            }
        }
        var job = try CIJob(environment, event: event)
        if let forge { job.forge = forge.kind }
        if let repository { job.repository = repository }
        if let number {
            // Another pull request than the job's has other commits.
            if number != job.number { (job.head, job.baseBranch, job.baseCommit) = (nil, nil, nil) }
            job.number = number
        }
        if let api { job.api = api }
        return job
    }

    /// The forge, and the number of the pull request there.
    func open(_ job: CIJob, _ tell: @escaping @Sendable (String) -> Void) throws(Diagnostics) -> (any Forge, Int) {
        var missing: [String] = []
        if job.forge == nil { missing.append("--forge") }
        if job.repository == nil { missing.append("--repository") }
        if job.number == nil { missing.append("--number") }
        guard let kind = job.forge, let repository = job.repository, let number = job.number else {
            throw Diagnostics(
                .error(
                    "Pull request is not known",
                    "The environment does not tell which pull request this is about. In a CI job, let it run for pull requests; "
                        + "elsewhere give \(missing.joined(separator: ", "))."))
        }
        let names = CIJob.tokenVariables(kind)
        let token = names.lazy.compactMap { Invocation.environment[$0] }.first { !$0.isEmpty }
        guard let token else {
            throw Diagnostics(
                .error(
                    "Token is missing",
                    "Asking \(kind.title) takes a token, in one of these variables of the environment: "
                        + "\(names.joined(separator: ", ")). It is never given as an argument, which others can see."))
        }
        do throws(ForgeError) {
            let settings = ForgeSettings(api: job.api, repository: repository, credentials: .token(token))
            let forge = try kind.open(settings)
            guard dryRun else { return (forge, number) }
            return (RecordingForge(forge) { tell("\($0.title)\n\($0.body.map { $0 + "\n" } ?? "")") }, number)
        } catch {
            throw Diagnostics(forge: error)
        }
    }
}

extension Diagnostics {
    /// That a forge did not do what it was asked.
    init(forge error: ForgeError) {
        self.init(Diagnostic.error("Forge did not answer as it should", error.message).passing(if: error.isTransient))
    }

    /// Asks a forge, and tells of what goes wrong as everything else does.
    static func asking<Success: Sendable>(
        _ body: () async throws(ForgeError) -> Success
    ) async throws(Diagnostics) -> Success {
        do throws(ForgeError) {
            return try await body()
        } catch {
            throw Diagnostics(forge: error)
        }
    }
}

/// The clone that a CI job works in.
struct JobClone: Sendable {
    let path: String
    let revisions: LocalRevisions

    /// - Parameter branch: what specs are told to be of.
    static func open(_ directory: String, branch: String?) async throws(Diagnostics) -> JobClone {
        try await BlockingWork.run { () throws(Diagnostics) in
            let repository = try GitRepository.open(containing: directory)
            return JobClone(path: repository.path, revisions: LocalRevisions(repository, branch: branch))
        }
    }

    /// Where a stack's own files are.
    var directory: @Sendable (String) -> String {
        let path = path
        return { folder in folder == "." ? path : path + "/" + folder }
    }

    /// The first of some names of a commit that the clone has.
    func commit(_ names: [String?], what: String) async throws(Diagnostics) -> String {
        let revisions = revisions
        return try await BlockingWork.run { () throws(Diagnostics) in
            var problems = Diagnostics()
            for case let name? in names {
                if let found = problems.collect({ () throws(Diagnostics) in try revisions.commit(name) }) {
                    return found
                }
            }
            if !problems.isEmpty { throw problems }
            throw Diagnostics(
                .error(
                    "Commit is not known",
                    "The environment does not tell the \(what) of the pull request. Give it: a commit, a branch, or a tag of "
                        + "this clone."))
        }
    }
}
