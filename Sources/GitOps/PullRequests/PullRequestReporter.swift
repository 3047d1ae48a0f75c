public import Forges
public import PlumbModel
internal import Reporting

/// Shows a pull request's plans at its forge: one comment, a status for each stack and one for all, and labels if they are
/// wanted. Whatever is written twice, by however many, stands there once.
public struct PullRequestReporter: Sendable {
    /// How it is shown.
    public struct Options: Sendable {
        /// What the comment is found by: fixed text for one repository and one controller or workflow.
        public var key: String
        /// Labels for what the plans do, each beginning with `plumb:`.
        public var labels: Bool
        /// Where the whole plans can be read.
        public var link: String?
        /// What the reader can do next, a sentence of ours each, in Markdown.
        public var hints: [String]

        public init(key: String = "plan", labels: Bool = false, link: String? = nil, hints: [String] = []) {
            self.key = key
            self.labels = labels
            self.link = link
            self.hints = hints
        }
    }

    /// What came of a report.
    public enum Report: Sendable, Hashable {
        case posted(MarkedCommentWriter.Outcome)
        /// The pull request has another commit by now, whose plans are what counts: nothing was written of this one.
        case outdated(newest: String)
    }

    private let forge: any Forge
    private let options: Options

    public init(_ forge: any Forge, options: Options = Options()) {
        self.forge = forge
        self.options = options
    }

    private static let labelPrefix = "plumb:"
    /// So many stacks have a status of their own; forges show a list of them, and take no more than a thousand.
    private static let mostStatuses = 100
    /// A stack that cannot be read is called by its folder, which may be of any length.
    private static let longestName = 120

    // MARK: - Plans

    /// Says that planning goes on.
    public func begin(_ commit: String) async throws(ForgeError) {
        _ = try await StatusWriter(forge).write(
            [CommitStatus(name: name(nil), state: .pending, summary: "Planning", url: options.link)], of: commit)
    }

    /// Says that nothing could be planned at all.
    public func fail(_ commit: String, _ problems: Diagnostics) async throws(ForgeError) {
        let first = problems.all.first { $0.severity == .error }?.summary ?? "Planning failed"
        _ = try await StatusWriter(forge).write(
            [CommitStatus(name: name(nil), state: .error, summary: first, url: options.link)], of: commit)
    }

    /// Writes the comment, then the statuses and labels. Statuses are of the commit that was planned, and the comment is not
    /// written where the forge has a newer one.
    ///
    /// - Parameter number: of the pull request.
    public func report(_ planned: PlannedPullRequest, on number: Int) async throws(ForgeError) -> Report {
        let pullRequest = try await forge.pullRequest(number)
        let commit = planned.record.head
        guard pullRequest.head.commit == commit else {
            return .outdated(newest: pullRequest.head.commit)
        }
        var plans = planned.plans
        plans.key = options.key
        plans.link = options.link
        plans.hints = options.hints
        let marker = ForgeMarker(options.key)
        // The writer's own marker stands before the text.
        let budget = forge.limits.comment - marker.text.unicodeScalars.count - 1
        let outcome = try await MarkedCommentWriter(forge, marker: marker).write(
            Reporting.PullRequestComment(plans, budget: budget).text(), on: number)
        _ = try await StatusWriter(forge).write(statuses(of: planned), of: commit)
        if options.labels {
            _ = try await LabelWriter(forge, prefix: Self.labelPrefix).write(
                Self.labels(of: planned.record), on: pullRequest)
        }
        return .posted(outcome)
    }

    private func statuses(of planned: PlannedPullRequest) -> [CommitStatus] {
        let record = planned.record
        let names = Dictionary(grouping: record.stacks, by: \.name)
        var statuses = record.stacks.prefix(Self.mostStatuses).map { stack in
            // Of two stacks of one name, each is called by its folder.
            let isAlone = names[stack.name]?.count == 1
            return status(name(isAlone ? stack.name : stack.folder), stack.verdict, Self.words(stack))
        }
        statuses.append(status(name(nil), record.verdict, Self.words(record)))
        return statuses
    }

    private func status(
        _ name: String, _ verdict: PullRequestRecord.Stack.Verdict, _ summary: String
    ) -> CommitStatus {
        let state: CommitStatus.State =
            switch verdict {
            case .unchanged, .changes: .success
            case .denied: .failure
            case .failed: .error
            }
        return CommitStatus(name: name, state: state, summary: summary, url: options.link)
    }

    /// `plumbline/plan`, and `plumbline/plan/dns` for a stack.
    private func name(_ stack: String?) -> String {
        let all = "plumbline/\(options.key)"
        return stack.map { "\(all)/\(VisibleText.escape($0).prefix(Self.longestName))" } ?? all
    }

    private static func words(_ stack: PullRequestRecord.Stack) -> String {
        switch stack.verdict {
        case .failed: return "Cannot be planned"
        case .denied: return "Denied by policies"
        case .unchanged: return "No changes"
        case .changes: return words(stack.counts)
        }
    }

    private static func words(_ counts: PullRequestRecord.Stack.Counts) -> String {
        let parts = [
            (counts.destroy, "to destroy"), (counts.replace, "to replace"), (counts.update, "to change"),
            (counts.create, "to create"), (counts.other, "other"),
        ]
        return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }

    private static func words(_ record: PullRequestRecord) -> String {
        guard !record.stacks.isEmpty else { return "No stack is affected" }
        let stacks = "\(record.stacks.count) \(record.stacks.count == 1 ? "stack" : "stacks")"
        let failed = record.stacks.count { $0.verdict == .failed }
        let denied = record.stacks.count { $0.verdict == .denied }
        if failed > 0 { return "\(failed) of \(stacks) cannot be planned" }
        if denied > 0 { return "\(denied) of \(stacks) denied by policies" }
        var total = PullRequestRecord.Stack.Counts()
        for stack in record.stacks {
            total.create += stack.counts.create
            total.update += stack.counts.update
            total.replace += stack.counts.replace
            total.destroy += stack.counts.destroy
            total.other += stack.counts.other
        }
        let words = words(total)
        return "\(stacks): \(words.isEmpty ? "no changes" : words)"
    }

    private static func labels(of record: PullRequestRecord) -> [String] {
        var labels: Set<String> = []
        for stack in record.stacks {
            if stack.counts.create > 0 { labels.insert("create") }
            if stack.counts.update > 0 { labels.insert("change") }
            if stack.counts.replace > 0 { labels.insert("replace") }
            if stack.counts.destroy > 0 { labels.insert("destroy") }
            if stack.verdict == .failed { labels.insert("failed") }
            if stack.verdict == .denied { labels.insert("denied") }
        }
        if labels.isEmpty { labels.insert("no-changes") }
        return labels.sorted()
    }

    // MARK: - Outcome

    /// Tells in a comment of its own what became of the plans, and sets a status of the commit that was applied.
    public func report(
        _ outcome: PullRequestOutcome, on number: Int
    ) async throws(ForgeError) -> MarkedCommentWriter.Outcome {
        var outcome = outcome
        outcome.link = outcome.link ?? options.link
        let marker = ForgeMarker(options.key + " outcome")
        let budget = forge.limits.comment - marker.text.unicodeScalars.count - 1
        let written = try await MarkedCommentWriter(forge, marker: marker).write(
            OutcomeComment(outcome, budget: budget).text(), on: number)
        _ = try await StatusWriter(forge).write(statuses(of: outcome), of: outcome.revision)
        return written
    }

    private func statuses(of outcome: PullRequestOutcome) -> [CommitStatus] {
        let all = "plumbline/\(options.key)-apply"
        var statuses = outcome.stacks.prefix(Self.mostStatuses).map { stack in
            let (state, summary): (CommitStatus.State, String) =
                switch stack.result {
                case .applied(let steps): (.success, "Applied, \(steps) \(steps == 1 ? "step" : "steps")")
                case .unchanged: (.success, "Nothing to do")
                case .differs: (.failure, "Not applied: it would be another plan than the one that was shown")
                case .skipped: (.failure, "Not begun")
                case .failed(let problems): (.error, problems.all.first { $0.severity == .error }?.summary ?? "Failed")
                }
            return CommitStatus(
                name: "\(all)/\(stack.name.prefix(Self.longestName))", state: state, summary: summary, url: options.link
            )
        }
        let done = outcome.stacks.count(where: \.succeeded)
        statuses.append(
            CommitStatus(
                name: all, state: outcome.succeeded ? .success : .failure,
                summary: "\(done) of \(outcome.stacks.count) applied", url: options.link))
        return statuses
    }
}
