import Forges
import PlumbModel
import Testing
import ThrowawayServers

/// What forges tell: payloads that are held against the models of others, and those that are none.
@Suite(.enabled(if: PlayedForge.isExpected), .timeLimit(.minutes(3)))
struct WebhookTests {
    private let commit = String(repeating: "a", count: 40)

    /// A payload in the shape of the models, with what matters put over it.
    private func payload(
        _ kind: ForgeKind, _ event: String, _ action: String? = nil, _ over: String = "{}"
    ) async throws -> [UInt8] {
        let world = try await ForgeWorld(kind)
        var fields: [(String, Value)] = [("event", .string(event)), ("over", try Value(json: over))]
        if let action { fields.append(("action", .string(action))) }
        var writer = JSONWriter()
        writer.write(try await world.tell("/_webhook/", .object(ValueMap(fields))))
        return writer.bytes
    }

    private func read(
        _ kind: ForgeKind, _ event: String, _ action: String? = nil, _ over: String = "{}"
    ) async throws -> ForgeEvent {
        try WebhookReader(kind).read(event: event, try await payload(kind, event, action, over))
    }

    @Test func pullRequestsOfGitHub() async throws {
        let body =
            #"{"number":7,"pull_request":{"number":7,"head":{"sha":"\#(commit)"}},"repository":{"full_name":"acme/infra"}}"#
        for (action, expected) in [
            ("opened", ForgeEvent.PullRequestAction.opened), ("synchronize", .synchronised), ("reopened", .reopened),
            ("ready_for_review", .ready), ("labeled", .edited), ("closed", .closed),
        ] {
            let event = try await read(.github, "pull_request", action, body)
            #expect(event.kind == .pullRequest(expected, number: 7, headCommit: commit), "\(action)")
            #expect(event.repository == "acme/infra")
        }
        let merged = body.replacing(#""number":7,"head""#, with: #""number":7,"merged":true,"head""#)
        #expect(
            try await read(.github, "pull_request", "closed", merged).kind
                == .pullRequest(.merged, number: 7, headCommit: commit))
    }

    @Test func commentsApprovalsAndPushesOfGitHub() async throws {
        let comment =
            #""comment":{"id":900,"body":"plumb plan","user":{"id":3,"login":"bob"},"created_at":"2026-11-21T10:00:30Z"}"#
        let links = #"{"url":"x","html_url":"x","diff_url":"x","patch_url":"x"}"#
        let event = try await read(
            .github, "issue_comment", "created", #"{"issue":{"number":7,"pull_request":\#(links)},\#(comment)}"#)
        guard case .comment(let found, 7) = event.kind else {
            Issue.record("\(event.kind)")
            return
        }
        #expect(found.id == 900 && found.body == "plumb plan" && found.author == ForgeUser(id: 3, name: "bob"))
        #expect(found.createdAt == 1_795_255_230)
        // Below an issue, nobody commands.
        #expect(
            try await read(.github, "issue_comment", "created", #"{"issue":{"number":7},\#(comment)}"#).kind
                == .other("issue_comment"))
        let review = #"{"review":{"state":"approved","user":{"id":2,"login":"ada"}},"pull_request":{"number":7}}"#
        #expect(
            try await read(.github, "pull_request_review", "submitted", review).kind
                == .approval(ForgeUser(id: 2, name: "ada"), pullRequest: 7))
        let changes = review.replacing("approved", with: "changes_requested")
        #expect(
            try await read(.github, "pull_request_review", "submitted", changes).kind == .other("pull_request_review"))
        #expect(try await read(.github, "ping").kind == .ping)
        let push = try await read(
            .github, "push", nil,
            #"{"ref":"refs/heads/main","after":"\#(commit)","repository":{"clone_url":"https://github.com/acme/infra.git","ssh_url":"git@github.com:acme/infra.git"}}"#
        )
        #expect(push.kind == .push(reference: "refs/heads/main", commit: commit))
        #expect(push.cloneURLs == ["https://github.com/acme/infra.git", "git@github.com:acme/infra.git"])
        let zeros = String(repeating: "0", count: 40)
        #expect(
            try await read(.github, "push", nil, #"{"ref":"refs/heads/old","after":"\#(zeros)"}"#).kind
                == .push(reference: "refs/heads/old", commit: nil))
    }

    @Test func eventsOfGitLab() async throws {
        for (action, over, expected) in [
            ("open", "{}", ForgeEvent.PullRequestAction.opened), ("reopen", "{}", .reopened), ("close", "{}", .closed),
            ("merge", "{}", .merged),
            ("update", #"{"object_attributes":{"oldrev":"\#(commit)"}}"#, .synchronised),
            ("update", #"{"changes":{"draft":{"previous":true,"current":false}}}"#, .ready), ("update", "{}", .edited),
        ] {
            let event = try await read(.gitlab, "Merge Request Hook", action, over)
            #expect(event.kind == .pullRequest(expected, number: 7, headCommit: commit), "\(action) \(over)")
            #expect(event.repository == "acme/infra" && event.sender == ForgeUser(id: 3, name: "bob"))
        }
        for action in ["approved", "approval"] {
            #expect(
                try await read(.gitlab, "Merge Request Hook", action).kind
                    == .approval(ForgeUser(id: 3, name: "bob"), pullRequest: 7))
        }
        let note = try await read(.gitlab, "Note Hook", "create")
        guard case .comment(let found, 7) = note.kind else {
            Issue.record("\(note.kind)")
            return
        }
        #expect(found.id == 900 && found.body == "plumb plan" && found.createdAt == 1_795_255_230)
        #expect(try await read(.gitlab, "Note Hook", "update").kind == .other("Note Hook"))
        let push = try await read(.gitlab, "Push Hook")
        #expect(
            push.kind == .push(reference: "refs/heads/main", commit: commit)
                && push.sender == ForgeUser(id: 3, name: "bob"))
        #expect(push.cloneURLs == ["https://gitlab.example/acme/infra.git", "git@gitlab.example:acme/infra.git"])
    }

    @Test func eventsOfGitea() async throws {
        for (action, over, expected) in [
            ("opened", "{}", ForgeEvent.PullRequestAction.opened), ("synchronized", "{}", .synchronised),
            ("closed", "{}", .closed),
            ("closed", #"{"pull_request":{"merged":true}}"#, .merged), ("label_updated", "{}", .edited),
        ] {
            let event = try await read(.gitea, "pull_request", action, over)
            #expect(event.kind == .pullRequest(expected, number: 7, headCommit: commit), "\(action)")
            #expect(event.repository == "acme/infra" && event.cloneURLs.count == 2)
        }
        let comment =
            #"{"is_pull":true,"issue":{"number":7},"comment":{"id":900,"body":"plumb help","user":{"id":3,"login":"bob"},"created_at":"2026-11-21T10:00:30Z"}}"#
        for name in ["issue_comment", "pull_request_comment"] {
            guard case .comment(let found, 7) = try await read(.gitea, name, "created", comment).kind else {
                Issue.record("no comment")
                return
            }
            #expect(found.body == "plumb help")
        }
        #expect(
            try await read(.gitea, "pull_request_approved", "reviewed").kind
                == .approval(ForgeUser(id: 3, name: "bob"), pullRequest: 7))
        #expect(try await read(.gitea, "pull_request_rejected", "reviewed").kind == .other("pull_request_rejected"))
    }

    @Test func whatIsNoneIsRefused() {
        func words(_ kind: ForgeKind, _ event: String, _ body: String) -> String {
            do throws(ForgeError) {
                return "\(try WebhookReader(kind).read(event: event, Array(body.utf8)).kind)"
            } catch {
                return "\(error.code): \(error.message)"
            }
        }
        #expect(words(.github, "push", "payload=%7B").hasPrefix("unreadable: The webhook of GitHub brings no JSON"))
        #expect(
            words(.github, "push", "[]")
                == "unreadable: GitHub's event \"push\" has no text at \"ref\": it is not what its kind of forge sends."
        )
        #expect(
            words(.github, "pull_request", #"{"action":"opened","pull_request":{"number":"7"}}"#).contains(
                "no whole number at \"pull_request.number\""))
        #expect(
            words(.gitlab, "Push Hook", #"{"ref":"refs/heads/main","after":"../../etc"}"#).contains(
                "commit at \"after\""))
        #expect(words(.gitea, "push", #"{"ref":7,"after":7}"#).contains("text at \"ref\""))
        #expect(words(.github, "star", "{}") == "other(\"star\")")
        #expect(words(.github, "push", String(repeating: "[", count: 100_000)).hasPrefix("unreadable"))
    }
}
