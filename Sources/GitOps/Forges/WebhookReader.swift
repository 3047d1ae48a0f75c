public import PlumbModel

/// Understands what forges send to a webhook. Whether it is they who send it is for others to check, before.
public struct WebhookReader: Sendable {
    private let kind: ForgeKind

    public init(_ kind: ForgeKind) { self.kind = kind }

    /// The header that names the event.
    public var eventHeader: String {
        switch kind {
        case .github: "X-GitHub-Event"
        case .gitlab: "X-Gitlab-Event"
        case .gitea: "X-Gitea-Event"
        }
    }

    /// - Parameters:
    ///   - event: the value of that header.
    ///   - body: JSON.
    /// - Throws: `unreadable` for what is no such event.
    public func read(event: String, _ body: [UInt8]) throws(ForgeError) -> ForgeEvent {
        let value: Value
        do {
            value = try Value(json: body)
        } catch {
            throw ForgeError(
                .unreadable,
                "The webhook of \(kind.title) brings no JSON: \(error.message) at byte \(error.offset). Its content type "
                    + "must be application/json."
            )
        }
        let payload = WebhookPayload(value, "\(kind.title)'s event \(event.prefix(60).debugDescription)")
        return switch kind {
        case .github: try readGitHub(event, payload)
        case .gitlab: try readGitLab(event, payload)
        case .gitea: try readGitea(event, payload)
        }
    }

    // MARK: - GitHub and Gitea, whose payloads are much alike

    private func readGitHub(_ event: String, _ payload: WebhookPayload) throws(ForgeError) -> ForgeEvent {
        switch event {
        case "ping": happened(.ping, payload)
        case "push": happened(try push(payload), payload)
        case "pull_request": happened(try pullRequest(payload, synchronised: "synchronize"), payload)
        case "issue_comment": happened(try comment(payload, event), payload)
        case "pull_request_review":
            if payload["action"].text == "submitted", payload["review"]["state"].text?.lowercased() == "approved" {
                happened(
                    .approval(
                        try payload["review"]["user"].user("login"),
                        pullRequest: try payload["pull_request"]["number"].number()),
                    payload)
            } else {
                happened(.other(event), payload)
            }
        default: happened(.other(event), payload)
        }
    }

    private func readGitea(_ event: String, _ payload: WebhookPayload) throws(ForgeError) -> ForgeEvent {
        switch event {
        case "push": happened(try push(payload), payload)
        // Which of both it is, versions differ in.
        case "pull_request", "pull_request_sync":
            happened(try pullRequest(payload, synchronised: "synchronized"), payload)
        case "issue_comment", "pull_request_comment":
            // A review's comment comes under this name too, without a comment in it.
            happened(payload["comment"].isThere ? try comment(payload, event) : .other(event), payload)
        case "pull_request_approved", "pull_request_review_approved":
            happened(
                .approval(
                    try payload["sender"].user("login"), pullRequest: try payload["pull_request"]["number"].number()),
                payload)
        default: happened(.other(event), payload)
        }
    }

    private func happened(_ kind: ForgeEvent.Kind, _ payload: WebhookPayload) -> ForgeEvent {
        let repository = payload["repository"]
        let sender = payload["sender"]
        return ForgeEvent(
            kind, repository: repository["full_name"].text,
            cloneURLs: ["clone_url", "ssh_url"].compactMap { repository[$0].text },
            sender: sender.isThere ? try? sender.user("login") : nil)
    }

    private func push(_ payload: WebhookPayload) throws(ForgeError) -> ForgeEvent.Kind {
        .push(reference: try payload["ref"].string(), commit: try payload["after"].commit())
    }

    private func pullRequest(_ payload: WebhookPayload, synchronised: String) throws(ForgeError) -> ForgeEvent.Kind {
        let word = try payload["action"].string()
        let pullRequest = payload["pull_request"]
        let action: ForgeEvent.PullRequestAction
        switch word {
        case "opened": action = .opened
        case "reopened": action = .reopened
        case synchronised: action = .synchronised
        case "ready_for_review": action = .ready
        case "closed": action = pullRequest["merged"].flag == true ? .merged : .closed
        default: action = .edited
        }
        return .pullRequest(
            action, number: try pullRequest["number"].number(), headCommit: try pullRequest["head"]["sha"].string())
    }

    private func comment(_ payload: WebhookPayload, _ event: String) throws(ForgeError) -> ForgeEvent.Kind {
        let issue = payload["issue"]
        let isPullRequest = issue["pull_request"].isThere || payload["is_pull"].flag == true
        guard payload["action"].text == "created", isPullRequest else { return .other(event) }
        let comment = payload["comment"]
        return .comment(
            PullRequestComment(
                id: try comment["id"].number(), author: try comment["user"].user("login"),
                body: try comment["body"].string(), createdAt: ForgeTime.seconds(comment["created_at"].text),
                updatedAt: ForgeTime.seconds(comment["updated_at"].text), url: comment["html_url"].text ?? ""),
            pullRequest: try issue["number"].number())
    }

    // MARK: - GitLab

    private func readGitLab(_ event: String, _ payload: WebhookPayload) throws(ForgeError) -> ForgeEvent {
        let project = payload["project"]
        // A push names its user in other places than all others.
        let isPush = event == "Push Hook" || event == "Tag Push Hook"
        let sender =
            isPush
            ? payload["user_username"].text.map { ForgeUser(id: (try? payload["user_id"].number()) ?? 0, name: $0) }
            : try? payload["user"].user("username")
        return ForgeEvent(
            try gitLabKind(event, payload), repository: project["path_with_namespace"].text,
            cloneURLs: ["git_http_url", "git_ssh_url"].compactMap { project[$0].text }, sender: sender)
    }

    private func gitLabKind(_ event: String, _ payload: WebhookPayload) throws(ForgeError) -> ForgeEvent.Kind {
        let attributes = payload["object_attributes"]
        switch event {
        case "Push Hook", "Tag Push Hook": return try push(payload)
        case "Merge Request Hook": return try mergeRequest(payload, attributes)
        case "Note Hook":
            let isNew = attributes["action"].text.map { $0 == "create" } ?? true
            guard attributes["noteable_type"].text == "MergeRequest", isNew, attributes["system"].flag != true else {
                return .other(event)
            }
            return .comment(
                PullRequestComment(
                    id: try attributes["id"].number(), author: try payload["user"].user("username"),
                    body: try attributes["note"].string(),
                    createdAt: ForgeTime.seconds(gitLab: attributes["created_at"].text),
                    updatedAt: ForgeTime.seconds(gitLab: attributes["updated_at"].text),
                    url: attributes["url"].text ?? ""),
                pullRequest: try payload["merge_request"]["iid"].number())
        default: return .other(event)
        }
    }

    private func mergeRequest(
        _ payload: WebhookPayload, _ attributes: WebhookPayload
    ) throws(ForgeError) -> ForgeEvent.Kind {
        let number = try attributes["iid"].number()
        let action: ForgeEvent.PullRequestAction
        switch attributes["action"].text {
        // The second where further approvals are wanted.
        case "approved", "approval": return .approval(try payload["user"].user("username"), pullRequest: number)
        case "open": action = .opened
        case "reopen": action = .reopened
        case "close": action = .closed
        case "merge": action = .merged
        // An update with an old revision is a push; with a draft that is none any more, it is ready.
        case "update" where attributes["oldrev"].isThere: action = .synchronised
        case "update" where payload["changes"]["draft"]["current"].flag == false: action = .ready
        default: action = .edited
        }
        return .pullRequest(action, number: number, headCommit: try attributes["last_commit"]["id"].string())
    }
}
