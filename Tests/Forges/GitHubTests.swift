import Forges
import HTTPTransport
import PlumbModel
import Testing
import ThrowawayServers

/// What is GitHub's alone: Apps, check runs, its limits.
@Suite(.enabled(if: PlayedForge.isExpected), .timeLimit(.minutes(3)))
struct GitHubTests {
    private let commit = String(repeating: "a", count: 40)

    private func app(_ world: ForgeWorld) async throws -> ForgeCredentials {
        .app(id: "Iv1.app", privateKey: try await world.tell("/_key", nil)["pem"].string, installation: nil)
    }

    @Test func appSignsAndItsTokensAreRenewed() async throws {
        let world = try await ForgeWorld(.github)
        try await world.do("pull")
        // Good for three seconds: replaced a tenth of that before its end. A slow machine may need several.
        try await world.do("set", [("token_lifetime", .number(3))])
        let forge = try world.forge(try await app(world))
        #expect(try await forge.ourselves().name == "plumb-app[bot]")
        _ = try await forge.pullRequest(7)
        let short = try await world.shown("tokens").int
        #expect(short >= 1)
        try await Task.sleep(for: .seconds(3.2))
        try await world.do("set", [("token_lifetime", .number(3600))])
        for _ in 0..<3 { _ = try await forge.pullRequest(7) }
        #expect(try await world.shown("tokens").int == short + 1)
        // Revoked: 401, and then another one.
        try await world.do("set", [("tokens", .object([:]))])
        _ = try await forge.openPullRequests()
        #expect(try await world.shown("tokens").int == short + 2)
        #expect(try await world.wrongs() == [])
    }

    @Test func appWritesCheckRunsAndFindsItsComments() async throws {
        let world = try await ForgeWorld(.github)
        try await world.do("pull")
        let forge = try world.forge(try await app(world))
        let writer = StatusWriter(forge)
        let pending = CommitStatus(name: "plumbline/dns", state: .pending, summary: "Planning")
        let denied = CommitStatus(
            name: "plumbline/dns", state: .failure, summary: "Denied", url: "https://plumb.example/1")
        #expect(try await writer.write([pending], of: commit) == ["plumbline/dns"])
        #expect(try await writer.write([pending], of: commit) == [])
        #expect(try await writer.write([denied], of: commit) == ["plumbline/dns"])
        #expect(try await forge.statuses(of: commit) == [denied])
        #expect(try await writer.write([pending], of: commit) == ["plumbline/dns"])
        #expect(try await forge.statuses(of: commit) == [pending])
        let comment = MarkedCommentWriter(forge, marker: ForgeMarker("plan"))
        guard case .created(let id) = try await comment.write("One", on: 7) else {
            Issue.record("it was not created")
            return
        }
        #expect(try await comment.write("Two", on: 7) == .edited(id: id))
        #expect(try await world.wrongs() == [])
    }

    @Test func appThatIsNotInstalled() async throws {
        let world = try await ForgeWorld(.github)
        try await world.do("set", [("is_installed", .bool(false))])
        let forge = try world.forge(try await app(world))
        let error = await #expect(throws: ForgeError.self) { try await forge.pullRequest(7) }
        #expect(error?.code == .unauthorized)
        #expect(error?.message.contains("the App is not installed for \(world.repository): install it there") == true)
    }

    @Test func jobsTokensNeedNotKnowThemselves() async throws {
        let world = try await ForgeWorld(.github)
        #expect(try await world.forge(.token("a-job-token\n")).ourselves().name == "github-actions[bot]")
    }

    @Test func secondaryLimitsAreWaitedFor() async throws {
        let world = try await ForgeWorld(.github)
        try await world.do("pull")
        let forge = try world.forge()
        for kind in ["secondary", "unsaid"] {
            try await world.fault(kind, "POST .*comments$")
            _ = try await forge.createComment("After \(kind)", on: 7)
        }
        #expect(
            try await world.shown("comments").elements.map { $0["body"].string } == ["After secondary", "After unsaid"])
        try await world.fault("unsaid", "GET .*pulls/7$", times: 9)
        let error = await #expect(throws: ForgeError.self) { try await forge.pullRequest(7) }
        #expect(error?.code == .throttled && error?.isTransient == true)
    }

    @Test func spentQuotaSaysUntilWhen() async throws {
        let world = try await ForgeWorld(.github)
        try await world.fault("quota", "GET .*pulls/7$", times: 9)
        let forge = try world.forge()
        let start = ContinuousClock.now
        let error = await #expect(throws: ForgeError.self) { try await forge.pullRequest(7) }
        #expect(error?.code == .throttled && error?.message.contains("The quota is filled again at 2") == true)
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func troubleIsWaitedForWhereItDoesNoHarm() async throws {
        let world = try await ForgeWorld(.github)
        try await world.do("pull")
        let forge = try world.forge()
        try await world.fault("502", "GET .*pulls/7$", times: 2)
        #expect(try await forge.pullRequest(7).number == 7)
        try await world.fault("502", "POST .*comments$")
        let error = await #expect(throws: ForgeError.self) { try await forge.createComment("Once", on: 7) }
        #expect(error?.code == .unavailable && error?.isOutcomeUnknown == true)
    }

    @Test func wrongTokensAreToldWithoutThem() async throws {
        let world = try await ForgeWorld(.github)
        let forge = try world.forge(.token("ghp_wrong0123456789"))
        let error = await #expect(throws: ForgeError.self) { try await forge.pullRequest(7) }
        #expect(error?.code == .unauthorized)
        #expect(
            error?.message.contains("401 Unauthorized: Bad credentials. The token is wrong, has ended or was revoked")
                == true)
        #expect(error.map { "\($0)".contains("ghp_wrong") } == false)
    }

    @Test func settingsThatMakeNoSense() async throws {
        func message(_ kind: ForgeKind, _ settings: ForgeSettings) -> String {
            do throws(ForgeError) {
                _ = try kind.open(settings)
                return ""
            } catch {
                return "\(error.code): \(error.message)"
            }
        }
        let token = ForgeCredentials.token("t0ken")
        #expect(
            message(.github, ForgeSettings(repository: "acme", credentials: token))
                == "invalidSettings: \"acme\" is no repository of GitHub: write owner/name.")
        #expect(message(.github, ForgeSettings(repository: "acme/..", credentials: token)).contains("no repository"))
        #expect(message(.gitlab, ForgeSettings(repository: "a/b/c", credentials: token)) == "")
        #expect(
            message(.gitea, ForgeSettings(repository: "a/b", credentials: token)).contains(
                "https://git.example.net/api/v1"))
        #expect(
            message(
                .gitlab, ForgeSettings(repository: "a/b", credentials: .app(id: "1", privateKey: "", installation: nil))
            )
                == "invalidSettings: GitLab has no Apps: give a token.")
        #expect(
            message(
                .github,
                ForgeSettings(repository: "a/b", credentials: .app(id: "1", privateKey: "s3cret", installation: 1))
            )
            .hasPrefix("invalidSettings: The private key of GitHub App 1 cannot be read"))
        #expect(message(.github, ForgeSettings(repository: "a/b", credentials: .token(" \n"))).contains("is empty"))
        #expect(
            message(.github, ForgeSettings(api: "git.example.net", repository: "a/b", credentials: token)).contains(
                "https://"))
    }
}
