import Crypto
import Foundation
import PlumbModel
import ThrowawayServers

/// What a forge of a kind delivers when something has happened to a pull request, and how it proves that it is the forge.
struct ForgeHook {
    enum Happening {
        case opened, pushed, closed, reopened, merged, approved
        case commented(String)
    }

    static let secret = "webhook secret"

    /// What the played forge is asked for: the event, and what is put over its models' example.
    let asked: Value
    private let kind: PlayedForge
    private let event: String

    /// - Parameter url: by which the repository is cloned.
    init(_ kind: PlayedForge, _ happening: Happening, number: Int, commit: String, name: String, url: String) {
        let (event, action) = Self.names(kind, happening)
        let repository: Value = ["clone_url": .string(url), "full_name": .string(name)]
        let project: Value = ["git_http_url": .string(url), "path_with_namespace": .string(name)]
        // Tells it from the delivery before.
        let sender = Value.number(Int.random(in: 2...1 << 40))
        var over: ValueMap = [:]
        switch (kind, happening) {
        case (.gitlab, .commented(let text)):
            over = [
                "project": project, "merge_request": ["iid": .number(number)],
                "object_attributes": ["note": .string(text)],
            ]
        case (.gitlab, _):
            var attributes: ValueMap = ["iid": .number(number), "last_commit": ["id": .string(commit)]]
            if case .pushed = happening { attributes["oldrev"] = .string(String(repeating: "b", count: 40)) }
            over = ["project": project, "object_attributes": .object(attributes)]
        case (_, .commented(let text)):
            over = [
                "repository": repository, "sender": ["login": "ada", "id": sender],
                "issue": ["number": .number(number), "pull_request": ["html_url": "x"]],
                "comment": ["body": .string(text)],
            ]
        default:
            over = [
                "number": .number(number), "repository": repository, "sender": ["login": "ada", "id": sender],
                "pull_request": ["number": .number(number), "head": ["sha": .string(commit)]],
            ]
            if kind == .gitea, case .merged = happening {
                over["pull_request"] = [
                    "number": .number(number), "head": ["sha": .string(commit)], "merged": true, "state": "closed",
                ]
            }
        }
        self.kind = kind
        self.event = event
        asked = ["event": .string(event), "action": .string(action), "over": .object(over)]
    }

    private static func names(_ kind: PlayedForge, _ happening: Happening) -> (event: String, action: String) {
        let ofRequests = kind == .gitlab ? "Merge Request Hook" : "pull_request"
        let isGitLab = kind == .gitlab
        switch happening {
        case .opened: return (ofRequests, isGitLab ? "open" : "opened")
        case .pushed: return (ofRequests, isGitLab ? "update" : kind == .gitea ? "synchronized" : "synchronize")
        case .closed: return (ofRequests, isGitLab ? "close" : "closed")
        case .reopened: return (ofRequests, isGitLab ? "reopen" : "reopened")
        case .merged: return (ofRequests, isGitLab ? "merge" : "closed")
        case .approved:
            switch kind {
            case .github: return ("pull_request_review", "submitted")
            case .gitlab: return (ofRequests, "approved")
            case .gitea: return ("pull_request_approved", "reviewed")
            }
        case .commented: return isGitLab ? ("Note Hook", "create") : ("issue_comment", "created")
        }
    }

    func headers(of body: String) -> [String] {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(body.utf8), using: SymmetricKey(data: Data(Self.secret.utf8)))
        let signature = code.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        let id = UUID().uuidString
        let own =
            switch kind {
            case .github:
                ["X-Hub-Signature-256: sha256=\(signature)", "X-GitHub-Event: \(event)", "X-GitHub-Delivery: \(id)"]
            case .gitlab:
                [
                    "X-Gitlab-Token: \(Self.secret)", "X-Gitlab-Event: \(event)", "X-Gitlab-Event-UUID: \(id)",
                    "Idempotency-Key: \(id)",
                ]
            case .gitea:
                // It also says what GitHub would.
                [
                    "X-Gitea-Signature: \(signature)", "X-Gitea-Event: \(event)", "X-Gitea-Delivery: \(id)",
                    "X-Hub-Signature-256: sha256=\(signature)", "X-GitHub-Event: \(event)", "X-GitHub-Delivery: \(id)",
                ]
            }
        return own + ["Content-Type: application/json"]
    }
}
