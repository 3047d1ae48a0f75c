internal import Logging
internal import PlumbModel

extension Controller {
    /// Notes which commit it is that a stack is being brought to: what comes of it is told beside that commit.
    ///
    /// It stands in the stack's status, so that whoever succeeds this controller tells what it could not any more.
    func noteCommit(of job: StackJob, _ place: StackPlace) {
        guard let entry = stacks[place] else { return }
        guard repositories[place.repository]?.following.forge?.statusName != nil else {
            stacks[place]?.status.shownCommit = nil
            return
        }
        let isOpen = entry.status.shownCommit != nil && entry.shown?.status.state != .success
        guard job.wantsSync || isOpen else { return }
        // A revision that was rolled back is what people look at.
        let isPinned = job.orders.pinnedTo == job.revision
        stacks[place]?.status.shownCommit = isPinned ? job.orders.pin?.refused : job.revision
    }

    /// Shows beside a commit how a stack stands with it, where it concerns the stack and is news.
    func showBesideCommit(_ place: StackPlace) async {
        guard let entry = stacks[place], let forge = repositories[place.repository]?.following.forge,
            let prefix = forge.statusName, let commit = commit(toShow: entry)
        else { return }
        let status = StackStatusText(entry.status, isRolledBack: commit == entry.orders.pin?.refused).status(
            named: prefix, link: StackLinks(configuration).link(to: entry.name))
        guard entry.shown?.commit != commit || entry.shown?.status != status else { return }
        stacks[place]?.shown = (commit, status)
        await forgeTeller.tell(status, of: commit, in: place.repository, at: forge) { [weak self] isTold in
            await self?.note(isTold: isTold, status, commit, place)
        }
    }

    private func note(isTold: Bool, _ status: CommitStatus, _ commit: String, _ place: StackPlace) {
        guard let entry = stacks[place], entry.shown?.commit == commit, entry.shown?.status == status else { return }
        if !isTold {
            // The next look at the stack tells it again.
            stacks[place]?.shown = nil
        } else if status.state == .success, entry.status.shownCommit == commit {
            stacks[place]?.status.shownCommit = nil
        }
    }

    /// Nil where the stack is what the newest commit wants, and nothing else was begun.
    private func commit(toShow entry: StackEntry) -> String? {
        if let commit = entry.status.shownCommit { return commit }
        guard entry.isMissing || entry.hash != nil, !entry.isApplied, entry.status.phase != .converged else {
            return nil
        }
        return entry.newest
    }

    /// Keeps the issue about a stack's drift, where its repository wants one.
    ///
    /// - Parameter word: why nothing is found; nil where a look has found nothing.
    func tell(drift findings: [DriftCheck.Finding], _ place: StackPlace, closingWith word: String? = nil) async {
        guard let entry = stacks[place], let forge = repositories[place.repository]?.following.forge,
            forge.hasDriftIssues
        else { return }
        do throws(Diagnostics) {
            try await forgeTeller.tell(
                drift: findings, of: entry.status, link: StackLinks(configuration).link(to: entry.name), at: forge,
                closingWith: word)
        } catch {
            logger.warning(
                "drift could not be told to the forge",
                metadata: ["stack": "\(entry.name)", "reason": "\(error.sentence(while: entry.name))"])
        }
    }
}

/// How a stack stands, as a forge shows it beside a commit.
struct StackStatusText {
    private let status: StackStatus
    private let isRolledBack: Bool

    init(_ status: StackStatus, isRolledBack: Bool) {
        self.status = status
        self.isRolledBack = isRolledBack
    }

    func status(named prefix: String, link: String?) -> CommitStatus {
        CommitStatus(name: "\(prefix)/\(status.stack)", state: state, summary: summary, url: link)
    }

    private var state: CommitStatus.State {
        switch status.phase {
        case .converged: isRolledBack ? .failure : .success
        case .pending, .progressing, .waiting: .pending
        case .halted: .failure
        case .failed: .error
        }
    }

    private var summary: String {
        let reason = status.reason
        if status.phase == .converged { return "Converged \(reason)" }
        return reason.isEmpty ? status.phase.rawValue : reason.prefix(1).uppercased() + reason.dropFirst()
    }
}
