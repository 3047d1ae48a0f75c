internal import ArgumentParser
internal import Forges
internal import Operations
internal import PlumbModel
internal import PullRequests
internal import Reporting
internal import Repositories

/// `plumb pr plan`
struct PullRequestPlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Plan the stacks that a pull request affects, and show the plans there.",
        discussion: """
            Examples:
              plumb pr plan
              plumb pr plan --plans plans --labels
              plumb pr plan --forge gitea --api https://git.example.net/api/v1 --repository infra/dns --number 7 \\
                --head HEAD --base origin/main --dry-run

            Affected are the stacks that read a file which differs, be it a spec, a module or a template; those that come after \
            a stack whose outputs change; new ones; and those that are gone, with what would be destroyed. All is read from Git's \
            objects at the newest commit of the pull request, whatever is checked out; the clone must reach back to where the \
            branch began (fetch-depth: 0). Nothing is locked, and nothing is changed.

            Exit codes: 0 planned, 1 a stack cannot be planned, policies deny one, or something else failed; with \
            --detailed-exitcode 2 when there are changes.
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var pullRequest: PullRequestOptions

    @Option(help: "The newest commit of the pull request, where the environment does not tell.")
    var head: String?

    @Option(help: "The branch or commit that it is to be merged into, where the environment does not tell.")
    var base: String?

    @Flag(help: "Plan all stacks, affected or not.")
    var all = false

    @Option(help: "Plan these stacks too, affected or not: a glob of folders or names. May be repeated.")
    var stack: [String] = []

    @Flag(help: "Set labels for what the plans do: plumb:create, plumb:destroy and so on.")
    var labels = false

    @Flag(help: "Exit with 2 when there are changes.")
    var detailedExitcode = false

    @Flag(help: "As JSON: the record of what was planned.")
    var json = false

    func run() async throws {
        let planning = Task { await result() }
        let signals = SignalWatch { _ in planning.cancel() }
        defer { signals.stop() }
        let record: PullRequestRecord
        do throws(Diagnostics) {
            record = try await planning.value.get()
        } catch {
            throw common.failing(error)
        }
        if record.verdict == .failed || record.verdict == .denied { throw ExitCode(1) }
        if detailedExitcode, record.verdict == .changes { throw ExitCode(2) }
    }

    private func result() async -> Result<PullRequestRecord, Diagnostics> {
        do throws(Diagnostics) {
            return .success(try await plan())
        } catch {
            return .failure(error)
        }
    }

    private func plan() async throws(Diagnostics) -> PullRequestRecord {
        let selection = try all ? StackSelection.all : StackSelection(globs: stack)
        let job = try await pullRequest.job()
        let console = common.console
        let isJSON = json
        let (forge, number) = try pullRequest.open(job) { isJSON ? console.writeError($0) : console.write($0) }
        let reporter = PullRequestReporter(
            forge, options: .init(key: pullRequest.commentKey, labels: labels, link: job.link))
        let target = try await Diagnostics.asking { () throws(ForgeError) in try await forge.pullRequest(number) }
        let clone = try await JobClone.open(common.directory, branch: target.base.branch)
        let range = try await range(job, target, clone)
        try await Diagnostics.asking { () throws(ForgeError) in try await reporter.begin(range.head) }
        let planned: PlannedPullRequest
        do throws(Diagnostics) {
            planned = try await plan(range, number, clone, selection, try await trust(forge, target))
        } catch {
            // Else the forge shows for ever that planning goes on; the error itself is what this run ends with.
            do throws(ForgeError) {
                try await reporter.fail(range.head, error)
            } catch {
                Invocation.report(Diagnostics(forge: error), console)
            }
            throw error
        }
        if let shelf = pullRequest.shelf { try await shelf.keep(planned.record) }
        try await post(planned, reporter, number)
        show(planned)
        return planned.record
    }

    private func plan(
        _ range: RevisionRange, _ number: Int, _ clone: JobClone, _ selection: StackSelection, _ trust: StackTrust
    ) async throws(Diagnostics) -> PlannedPullRequest {
        let shelf = pullRequest.shelf
        let planner = PullRequestPlanner(
            clone.revisions, capabilities: Invocation.capabilities, environment: Invocation.environment,
            holder: Invocation.holder, directory: clone.directory, trust: trust, shelf: shelf)
        let previous = try await shelf?.record()
        return try await planner.plan(
            range, of: number, under: pullRequest.globs, selection: selection,
            previous: previous?.number == number ? previous : nil)
    }

    /// What is proposed, as the clone has it.
    private func range(
        _ job: CIJob, _ target: PullRequest, _ clone: JobClone
    ) async throws(Diagnostics) -> RevisionRange {
        let newest = try await clone.commit([head ?? job.head ?? target.head.commit], what: "newest commit (--head)")
        let branch = job.baseBranch ?? target.base.branch
        let names =
            base.map { [$0] } ?? ["refs/remotes/origin/\(branch)", job.baseCommit ?? target.base.commit ?? branch]
        let tip = try await clone.commit(names, what: "base (--base)")
        let revisions = clone.revisions
        return try await BlockingWork.run { () throws(Diagnostics) in
            RevisionRange(base: try revisions.mergeBase(of: newest, and: tip), head: newest, target: tip)
        }
    }

    /// Whoever may not write to the repository, or has never had anything merged there, is a stranger.
    private func trust(_ forge: any Forge, _ target: PullRequest) async throws(Diagnostics) -> StackTrust {
        guard !target.isFromFork else { return .stranger }
        return try await Diagnostics.asking { () async throws(ForgeError) in
            switch try await forge.standing(ofAuthorOf: target) {
            case .member, .contributor: return StackTrust.full
            case .firstTime: return .stranger
            case .unknown: return try await forge.permission(of: target.author) >= .write ? .full : .stranger
            }
        }
    }

    private func post(
        _ planned: PlannedPullRequest, _ reporter: PullRequestReporter, _ number: Int
    ) async throws(Diagnostics) {
        let report = try await Diagnostics.asking { () throws(ForgeError) in
            try await reporter.report(planned, on: number)
        }
        guard case .outdated(let newest) = report else { return }
        common.console.note(
            "The pull request has a newer commit by now, \(newest.prefix(12)): its plans are what counts, and nothing was posted "
                + "of \(planned.record.head.prefix(12)).")
    }

    private func show(_ planned: PlannedPullRequest) {
        for stack in planned.plans.stacks {
            // Runners of CI take lines that begin with `::` for commands.
            let title = VisibleText.escape("Stack \(stack.name) (\(stack.directory)):")
            if !stack.problems.isEmpty { common.console.writeError(title + "\n") }
            Invocation.report(stack.problems, common.console)
        }
        common.console.write(
            json
                ? PullRequestDocument.json(planned.record)
                : PullRequestTable(planned.record).render(common.console.output))
    }
}
