internal import PlumbModel

/// What Gitea's API answers, as far as it matters here and is other than GitHub's.
struct GiteaPullRequest: Decodable, Sendable {
    struct Repository: Decodable, Sendable { let fullName: String }

    struct Side: Decodable, Sendable {
        let ref: String
        let sha: String
        let repoId: Int
        let repo: Repository?
    }

    struct Label: Decodable, Sendable { let name: String }

    let number: Int
    let title: String
    let user: GitHubUser
    let state: String
    let draft: Bool?
    let head: Side
    let base: Side
    /// Null where there are none.
    let labels: [Label]?
    let mergeable: Bool
    let merged: Bool
    let mergeCommitSha: String?
    let htmlUrl: String

    var pullRequest: PullRequest {
        PullRequest(
            number: number, title: title, author: user.user,
            state: merged ? .merged : state == "open" ? .open : .closed,
            isDraft: draft ?? false,
            head: PullRequest.Head(branch: head.ref, commit: head.sha, repository: head.repo?.fullName),
            base: PullRequest.Base(branch: base.ref, commit: base.sha),
            // A fork that is gone is a fork; and who may only read can push `refs/for/…`, which looks as if it were a branch.
            isFromFork: head.repo == nil || head.repoId != base.repoId || head.ref.hasPrefix("refs/pull/"),
            standing: .unknown,
            labels: (labels ?? []).map(\.name), mergeability: mergeability,
            mergeCommit: merged ? mergeCommitSha : nil, url: htmlUrl)
    }

    /// It says no of drafts too, and as long as it is still looking.
    private var mergeability: PullRequest.Mergeability {
        mergeable ? .mergeable : draft == true ? .blocked("draft") : .conflicting
    }
}

struct GiteaFile: Decodable, Sendable {
    let filename: String
    let previousFilename: String?
    let status: String

    var file: ChangedFiles.File {
        let change: ChangedFiles.File.Change =
            switch status {
            case "added", "copied": .added
            case "deleted": .removed
            case "renamed": .renamed
            default: .modified
            }
        return ChangedFiles.File(
            path: filename, formerPath: change == .renamed ? previousFilename : nil, change: change)
    }
}

struct GiteaReview: Decodable, Sendable {
    let id: Int
    /// Nil for the review of a team.
    let user: GitHubUser?
    let state: String
    let commitId: String?
    let stale: Bool?
    let dismissed: Bool?
    let submittedAt: String?
}

struct GiteaStatus: Decodable, Sendable {
    let id: Int
    let context: String
    let status: String
    let description: String?
    let targetUrl: String?

    var reported: CommitStatus {
        let state: CommitStatus.State =
            switch status {
            case "success", "warning", "skipped": .success
            case "failure": .failure
            case "error": .error
            default: .pending
            }
        let url = targetUrl.flatMap { $0.isEmpty ? nil : $0 }
        return CommitStatus(name: context, state: state, summary: description ?? "", url: url)
    }
}

struct GiteaLabel: Decodable, Sendable {
    let id: Int
    let name: String
}

struct GiteaIssue: Decodable, Sendable {
    struct Mark: Decodable, Sendable { let merged: Bool? }

    let number: Int
    let title: String
    let body: String?
    let user: GitHubUser
    let htmlUrl: String
    let pullRequest: Mark?

    var issue: ForgeIssue {
        ForgeIssue(number: number, title: title, body: body ?? "", author: user.user, url: htmlUrl)
    }
}
