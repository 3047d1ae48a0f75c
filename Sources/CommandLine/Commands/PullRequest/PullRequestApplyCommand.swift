internal import Applying
internal import ArgumentParser
internal import Forges
internal import Operations
internal import PlumbModel
internal import PullRequests
internal import Reporting
internal import Repositories

/// `plumb pr apply`
struct PullRequestApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Do what the plans of a pull request say, and nothing else.",
        discussion: """
            Examples:
              plumb pr apply --plans plans               what `plumb pr plan --plans plans` has shown
              plumb pr apply --plans plans --lock-timeout 10m
              plumb pr apply --auto-approve --base HEAD^ plan anew what a merge has changed, and do it unseen

            A stored plan is carried out where the commit holds all that it was made from and the state has not moved since. Else \
            the stack is planned anew, and goes on where that comes to the same plan. Where it would be another one, nothing is \
            done to that stack, and the pull request is told what differs.

            Exit codes: 0 all was done, 1 something was not.
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var pullRequest: PullRequestOptions
    @OptionGroup var lease: LeaseOptions

    @Option(help: "The commit that is applied: what the pull request was merged as.")
    var revision = "HEAD"

    @Flag(help: "Where --plans holds no record: plan anew what has changed since --base, and apply it unseen.")
    var autoApprove = false

    @Option(
        help: "With --auto-approve: the commit since which stacks have changed. Default: the revision's first parent.")
    var base: String?

    @Flag(help: "As JSON: what became of each stack.")
    var json = false

    func run() async throws {
        let control = RunControl()
        let console = common.console
        let applying = Task { await result(control) }
        let signals = SignalWatch { stage in
            console.writeError(stage == 1 ? "\nStopping: what runs is finished.\n" : "\nCancelling calls.\n")
            control.stop()
            if stage > 1 { applying.cancel() }
        }
        defer { signals.stop() }
        let outcome: PullRequestOutcome
        do throws(Diagnostics) {
            outcome = try await applying.value.get()
        } catch {
            throw common.failing(error)
        }
        if !outcome.succeeded { throw ExitCode(1) }
    }

    private func result(_ control: RunControl) async -> Result<PullRequestOutcome, Diagnostics> {
        do throws(Diagnostics) {
            return .success(try await apply(control))
        } catch {
            return .failure(error)
        }
    }

    private func apply(_ control: RunControl) async throws(Diagnostics) -> PullRequestOutcome {
        let kept = try await pullRequest.shelf?.record()
        guard kept != nil || autoApprove else { throw Diagnostics(noRecord) }
        let job = try await pullRequest.job()
        let console = common.console
        let isJSON = json
        let (forge, number) = try pullRequest.open(job) { isJSON ? console.writeError($0) : console.write($0) }
        let target = try await Diagnostics.asking { () throws(ForgeError) in try await forge.pullRequest(number) }
        if let kept { try check(kept, target) }
        let clone = try await JobClone.open(common.directory, branch: target.base.branch)
        let commit = try await clone.commit([revision], what: "commit (--revision)")
        let record = if let kept { kept } else { try await planned(number, clone, commit) }
        let applier = PullRequestApplier(
            clone.revisions, capabilities: Invocation.capabilities, environment: Invocation.environment,
            holder: Invocation.holder, directory: clone.directory, shelf: kept == nil ? nil : pullRequest.shelf,
            trigger: "pull request \(number)", patience: lease.lockTimeout?.seconds ?? 0)
        let approvers = try await approvers(forge, target)
        let stacks = await applier.apply(
            record, at: commit, isReviewed: kept != nil, approvers: approvers, control: control
        ) { stack in
            console.note("\(stack.name): applying")
        }
        let outcome = PullRequestOutcome(revision: commit, stacks: stacks, link: job.link)
        show(outcome)
        let reporter = PullRequestReporter(forge, options: .init(key: pullRequest.commentKey, link: job.link))
        _ = try await Diagnostics.asking { () throws(ForgeError) in try await reporter.report(outcome, on: number) }
        return outcome
    }

    private var noRecord: Diagnostic {
        .error(
            "Nothing says what was shown",
            pullRequest.plans.map {
                "\"\($0)\" holds no record of a pull request. Bring the folder here that `plumb pr plan --plans` has written, "
                    + "or give --auto-approve to plan anew and do what nobody has seen."
            }
                ?? "Give --plans with the folder that `plumb pr plan --plans` has written, or --auto-approve to plan anew and do "
                + "what nobody has seen.")
    }

    /// The record must be of this pull request, as it was when it was approved.
    private func check(_ record: PullRequestRecord, _ target: PullRequest) throws(Diagnostics) {
        guard record.number == target.number else {
            throw Diagnostics(
                .error(
                    "Plans of another pull request",
                    "The plans are of pull request \(record.number), and this is \(target.number). Bring its own plans here."
                ))
        }
        guard record.head == target.head.commit else {
            throw Diagnostics(
                .error(
                    "Plans of an older commit",
                    "The plans were made at \(record.head.prefix(12)), and the pull request is at "
                        + "\(target.head.commit.prefix(12)). Bring the plans of that commit here."))
        }
    }

    /// Who has approved what the pull request is now, for policies that they may waive.
    private func approvers(_ forge: any Forge, _ target: PullRequest) async throws(Diagnostics) -> Set<String> {
        try await Diagnostics.asking { () async throws(ForgeError) in
            var names: Set<String> = []
            for approval in try await forge.approvals(of: target) where !approval.isStale {
                guard !approval.user.isSame(target.author),
                    try await forge.permission(of: approval.user) >= .write
                else { continue }
                names.insert(approval.user.name)
            }
            return names
        }
    }

    /// What the merge has changed, planned here and seen by nobody.
    private func planned(
        _ number: Int, _ clone: JobClone, _ commit: String
    ) async throws(Diagnostics) -> PullRequestRecord {
        let start = try await clone.commit([base ?? commit + "^"], what: "commit before (--base)")
        let planner = PullRequestPlanner(
            clone.revisions, capabilities: Invocation.capabilities, environment: Invocation.environment,
            holder: Invocation.holder, directory: clone.directory)
        return try await planner.plan(
            RevisionRange(base: start, head: commit), of: number, under: pullRequest.globs
        ).record
    }

    private func show(_ outcome: PullRequestOutcome) {
        for stack in outcome.stacks {
            guard case .failed(let problems) = stack.result else { continue }
            common.console.writeError("Stack \(stack.name) (\(stack.folder)):\n")
            Invocation.report(problems, common.console)
        }
        common.console.write(
            json
                ? PullRequestDocument.json(outcome)
                : PullRequestOutcomeTable(outcome).render(common.console.output))
    }
}
