internal import HTTPTransport
internal import PlumbModel

/// What GitHub's API answers, as far as it matters here.
struct GitHubUser: Decodable, Sendable {
    let id: Int
    let login: String

    var user: ForgeUser { ForgeUser(id: id, name: login) }

    /// Who stands where an account was deleted.
    static let ghost = ForgeUser(id: 10_137, name: "ghost")
}

struct GitHubPullRequest: Decodable, Sendable {
    struct Repository: Decodable, Sendable {
        let id: Int
        let fullName: String
    }

    struct Side: Decodable, Sendable {
        let ref: String
        let sha: String
        let repo: Repository?
    }

    struct Label: Decodable, Sendable { let name: String }

    let number: Int
    let title: String
    let state: String
    let draft: Bool?
    let user: GitHubUser?
    let authorAssociation: String?
    let head: Side
    let base: Side
    let labels: [Label]
    let mergeable: Bool?
    let mergeableState: String?
    let mergedAt: String?
    let mergeCommitSha: String?
    let htmlUrl: String

    var pullRequest: PullRequest {
        let isMerged = mergedAt != nil
        return PullRequest(
            number: number, title: title, author: user?.user ?? GitHubUser.ghost,
            state: isMerged ? .merged : state == "open" ? .open : .closed, isDraft: draft ?? false,
            head: PullRequest.Head(branch: head.ref, commit: head.sha, repository: head.repo?.fullName),
            base: PullRequest.Base(branch: base.ref, commit: base.sha),
            // A fork that is gone is a fork.
            isFromFork: head.repo?.id != base.repo?.id || head.repo == nil, standing: standing,
            labels: labels.map(\.name), mergeability: mergeability, mergeCommit: isMerged ? mergeCommitSha : nil,
            url: htmlUrl)
    }

    private var standing: AuthorStanding {
        switch authorAssociation {
        case "OWNER", "MEMBER", "COLLABORATOR": .member
        case "CONTRIBUTOR": .contributor
        case "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "NONE", "MANNEQUIN": .firstTime
        default: .unknown
        }
    }

    private var mergeability: PullRequest.Mergeability {
        switch (mergeable, mergeableState) {
        case (nil, _): .unknown
        case (false, _), (_, "dirty"): .conflicting
        // Checks that have failed but are not required, and hooks, hinder nobody.
        case (true, "blocked"), (true, "behind"), (true, "draft"): .blocked(mergeableState ?? "blocked")
        case (true, _): .mergeable
        }
    }
}

struct GitHubFile: Decodable, Sendable {
    let filename: String
    let previousFilename: String?
    let status: String

    var file: ChangedFiles.File {
        let change: ChangedFiles.File.Change =
            switch status {
            case "added", "copied": .added
            case "removed": .removed
            case "renamed": .renamed
            default: .modified
            }
        return ChangedFiles.File(
            path: filename, formerPath: change == .renamed ? previousFilename : nil, change: change)
    }
}

struct GitHubReview: Decodable, Sendable {
    let user: GitHubUser?
    let state: String
    let commitId: String?
    let submittedAt: String?
}

struct GitHubComment: Decodable, Sendable {
    let id: Int
    let body: String?
    let user: GitHubUser?
    let createdAt: String
    let updatedAt: String
    let htmlUrl: String

    var comment: PullRequestComment {
        PullRequestComment(
            id: id, author: user?.user ?? GitHubUser.ghost, body: body ?? "", createdAt: ForgeTime.seconds(createdAt),
            updatedAt: ForgeTime.seconds(updatedAt), url: htmlUrl)
    }
}

struct GitHubStatus: Decodable, Sendable {
    let context: String
    let state: String
    let description: String?
    let targetUrl: String?

    var status: CommitStatus {
        CommitStatus(
            name: context, state: CommitStatus.State(rawValue: state) ?? .error, summary: description ?? "",
            url: targetUrl)
    }
}

struct GitHubCheckRun: Decodable, Sendable {
    struct App: Decodable, Sendable { let slug: String }
    struct Output: Decodable, Sendable { let title: String? }

    let id: Int
    let name: String
    let conclusion: String?
    let detailsUrl: String?
    let app: App?
    let output: Output

    var status: CommitStatus {
        let state: CommitStatus.State =
            switch conclusion {
            case nil: .pending
            case "success", "neutral", "skipped": .success
            case "failure": .failure
            default: .error
            }
        return CommitStatus(name: name, state: state, summary: output.title ?? "", url: detailsUrl)
    }
}

struct GitHubIssue: Decodable, Sendable {
    struct Mark: Decodable, Sendable {}

    let number: Int
    let title: String
    let body: String?
    let user: GitHubUser?
    let htmlUrl: String
    let pullRequest: Mark?

    var issue: ForgeIssue? {
        user.map { ForgeIssue(number: number, title: title, body: body ?? "", author: $0.user, url: htmlUrl) }
    }
}
