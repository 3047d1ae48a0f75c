internal import Forges
internal import Operations
internal import PlumbModel
internal import PullRequests
internal import Repositories

extension PullRequestTurn {
    /// Plans a new commit, unless somebody has to vouch for it first.
    func planUnasked(
        _ pullRequest: PullRequest, _ memory: PullRequestMemory, _ tip: String
    ) async throws(Diagnostics) -> PullRequestMemory {
        let isStranger = try await isStranger(pullRequest)
        let facts = PullRequestFacts(pullRequest, isStranger: isStranger, planned: nil)
        guard let obstacle = gate.obstacleToPlanning(facts, vouched: memory.vouched) else {
            return try await plan(pullRequest, memory, tip, .changed, isStranger: isStranger)
        }
        guard isStranger, !memory.hasAsked else { return memory }
        try await say("stranger", obstacle)
        return try await change { $0.hasAsked = true }
    }

    /// Plans the newest commit, and shows the plans.
    func plan(
        _ pullRequest: PullRequest, _ memory: PullRequestMemory, _ tip: String, _ selection: StackSelection,
        isStranger: Bool
    ) async throws(Diagnostics) -> PullRequestMemory {
        let head = pullRequest.head.commit
        try await asking { () throws(ForgeError) in try await reporter.begin(head) }
        let planned: PlannedPullRequest
        do throws(Diagnostics) {
            let trust: StackTrust = isStranger || !site.believesCommits ? .stranger : .full
            guard let made = try await make(head, tip, selection, memory.planned, trust) else { return memory }
            planned = made
        } catch {
            guard !error.all.allSatisfy(\.isPassing) else { throw error }
            return try await tell(error, head)
        }
        let record = planned.record
        let isOther = memory.planned(at: head)?.digests != record.digests
        // What is there before the plans are shown was written by somebody who had not seen them.
        let newest = isOther ? try await newestComment(after: memory) : nil
        // Whoever has approved until now has approved what was shown until now.
        _ = try await bind(pullRequest, memory)
        let report = try await asking { () throws(ForgeError) in
            try await reporter(showing: record).report(planned, on: place.number)
        }
        // What is newer by now is planned next.
        if case .outdated = report { return memory }
        return try await change { memory in
            memory.planned = record
            if let newest { memory.shownAfter = newest }
            memory.failedHead = nil
        }
    }

    private func newestComment(after memory: PullRequestMemory) async throws(Diagnostics) -> Int {
        let since = memory.lastCommentAt.map { $0 - 60 }
        return try await asking { () throws(ForgeError) in
            try await forge.comments(on: place.number, since: since)
        }.map(\.id).max() ?? 0
    }

    /// - Returns: nil where it was cancelled for a newer commit.
    private func make(
        _ head: String, _ tip: String, _ selection: StackSelection, _ previous: PullRequestRecord?, _ trust: StackTrust
    ) async throws(Diagnostics) -> PlannedPullRequest? {
        let (followed, reference) = (site.followed, site.reference(of: place.number))
        let range = try await BlockingWork.run { () throws(Diagnostics) in
            try followed.bring(head, reference: reference, FetchPatience(seconds: 60))
            let base = try followed.mergeBase(of: head, and: tip)
            return RevisionRange(base: base, head: head, target: tip)
        }
        let planner = workshop.planner(site, place, trust: trust)
        let (number, globs) = (place.number, site.following.folders)
        let task = Task { () async -> Result<PlannedPullRequest, Diagnostics> in
            do throws(Diagnostics) {
                return .success(
                    try await planner.plan(range, of: number, under: globs, selection: selection, previous: previous))
            } catch {
                return .failure(error)
            }
        }
        await planning(head) { task.cancel() }
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        if task.isCancelled { return nil }
        return try result.get()
    }

    /// Says that nothing could be planned, and leaves it at that until something else comes.
    private func tell(_ problems: Diagnostics, _ head: String) async throws(Diagnostics) -> PullRequestMemory {
        try await asking { () throws(ForgeError) in try await reporter.fail(head, problems) }
        try await say("problem", PullRequestWords.unplanned(problems, head))
        return try await change { $0.failedHead = head }
    }
}
