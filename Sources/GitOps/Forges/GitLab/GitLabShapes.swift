internal import PlumbModel

/// What GitLab's API answers, as far as it matters here.
struct GitLabUser: Decodable, Sendable {
    let id: Int
    let username: String

    var user: ForgeUser { ForgeUser(id: id, name: username) }
}

struct GitLabMergeRequest: Decodable, Sendable {
    struct DiffRefs: Decodable, Sendable { let startSha: String? }

    let iid: Int
    let title: String
    let state: String
    let draft: Bool?
    let author: GitLabUser
    let sha: String?
    let sourceBranch: String
    let targetBranch: String
    let sourceProjectId: Int?
    let targetProjectId: Int
    let labels: [String]
    let detailedMergeStatus: String?
    let hasConflicts: Bool?
    let mergeCommitSha: String?
    let squashCommitSha: String?
    let diffRefs: DiffRefs?
    let webUrl: String
    let changesCount: String?
    let firstContribution: Bool?

    func pullRequest(of repository: String) -> PullRequest {
        let isFork = sourceProjectId != targetProjectId
        let state: PullRequest.State =
            switch state {
            case "opened", "locked": .open
            case "merged": .merged
            default: .closed
            }
        return PullRequest(
            number: iid, title: title, author: author.user, state: state, isDraft: draft ?? false,
            head: PullRequest.Head(
                branch: sourceBranch, commit: sha ?? "", repository: isFork ? nil : repository),
            base: PullRequest.Base(branch: targetBranch, commit: diffRefs?.startSha), isFromFork: isFork,
            standing: firstContribution == true ? .firstTime : .unknown, labels: labels, mergeability: mergeability,
            // Merged without a commit of its own, the tip itself is what it became.
            mergeCommit: state == .merged ? mergeCommitSha ?? squashCommitSha ?? sha : nil, url: webUrl)
    }

    private var mergeability: PullRequest.Mergeability {
        switch detailedMergeStatus {
        case "mergeable": .mergeable
        case "conflict": .conflicting
        case nil, "checking", "unchecked", "preparing", "approvals_syncing":
            hasConflicts == true ? .conflicting : .unknown
        case let word?: hasConflicts == true ? .conflicting : .blocked(word)
        }
    }
}

struct GitLabDiff: Decodable, Sendable {
    let oldPath: String
    let newPath: String
    let newFile: Bool
    let renamedFile: Bool
    let deletedFile: Bool

    var file: ChangedFiles.File {
        let change: ChangedFiles.File.Change =
            newFile ? .added : deletedFile ? .removed : renamedFile ? .renamed : .modified
        return ChangedFiles.File(path: newPath, formerPath: change == .renamed ? oldPath : nil, change: change)
    }
}

struct GitLabVersion: Decodable, Sendable {
    let headCommitSha: String
    let createdAt: String
}

struct GitLabNote: Decodable, Sendable {
    let id: Int
    let body: String
    let author: GitLabUser
    let createdAt: String
    let updatedAt: String
    let system: Bool
}

/// Its `status` is a word; what it stands for is `reported`.
struct GitLabStatus: Decodable, Sendable {
    let id: Int
    let name: String
    let status: String
    let description: String?
    let targetUrl: String?

    var reported: CommitStatus {
        let state: CommitStatus.State =
            switch status {
            case "success": .success
            case "failed": .failure
            case "canceled", "skipped": .error
            default: .pending
            }
        return CommitStatus(name: name, state: state, summary: description ?? "", url: targetUrl)
    }
}

struct GitLabIssue: Decodable, Sendable {
    let iid: Int
    let title: String
    let description: String?
    let author: GitLabUser
    let webUrl: String

    var issue: ForgeIssue {
        ForgeIssue(number: iid, title: title, body: description ?? "", author: author.user, url: webUrl)
    }
}

extension CommitStatus.State {
    /// GitLab has one word for both ways to fail.
    var gitlabWord: String {
        switch self {
        case .pending: "pending"
        case .success: "success"
        case .failure, .error: "failed"
        }
    }
}
