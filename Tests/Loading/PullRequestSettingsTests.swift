import Loading
import PlumbModel
import Testing

/// What `pull_requests` of a followed repository says.
struct PullRequestSettingsTests {
    private static func read(_ settings: String, _ more: String = "") throws(Diagnostics) -> PullRequestSettings? {
        let text = """
            repositories:
              infra:
                url: https://github.com/acme/infra
                forge: {type: github, token: {env: TOKEN}}
                pull_requests: \(settings)
            \(more)
            """
        return try ControllerReader.read(SourceFile(path: "controller.yaml", bytes: Array(text.utf8)), folder: "/")
            .repositories.first?.pullRequests
    }

    @Test func whatIsNotSaidIsSafe() throws {
        let settings = try #require(try Self.read("{}"))
        #expect(settings == PullRequestSettings())
        #expect(settings.plans && settings.applying == .onMerge && settings.strangers == .ask)
        #expect(settings.requirements == [.approved, .mergeable, .undiverged] && settings.approvals == 1)
    }

    @Test func allOfItIsRead() throws {
        let settings = try Self.read(
            "{plan: true, apply: on_comment, requirements: [approved], approvals: 2, allow: ['@ada', bob, '@Acme/Platform'], strangers: never, labels: true}"
        )
        var expected = PullRequestSettings()
        expected.applying = .onComment
        expected.requirements = [.approved]
        expected.approvals = 2
        expected.allowed = ["ada", "bob", "Acme/Platform"]
        expected.strangers = .never
        expected.labels = true
        #expect(settings == expected)
        #expect(try Self.read("{apply: off}")?.applying == .off)
        #expect(try Self.read("{apply: false}")?.applying == .off)
        #expect(try Self.read("{requirements: []}")?.requirements == [])
    }

    @Test(arguments: [
        ("{aply: off}", "Did you mean \"apply\"?"), ("{apply: on_merg}", "Did you mean \"on_merge\"?"),
        ("{requirements: [aproved]}", "Did you mean \"approved\"?"), ("{approvals: 0}", "from 1 to 20"),
        ("{approvals: many}", "from 1 to 20"), ("{requirements: [mergeable], approvals: 2}", "Add it there"),
        ("{allow: [acme/one/two]}", "the team `platform`"), ("{allow: [acme/]}", "the team `platform`"),
        ("{allow: []}", "without `allow`"),
        ("{labels: yes}", "Write true"),
        ("{strangers: always}", "`strangers` is one of"), ("{plan: false}", "Write `apply: off`"),
        ("on_merge", "is a mapping"),
    ]) func mistakesAreToldWithTheirPlace(_ settings: String, _ words: String) {
        do throws(Diagnostics) {
            _ = try Self.read(settings)
            Issue.record("\(settings) was read")
        } catch {
            let texts = error.all.map(\.detail)
            #expect(texts.contains { $0.lowercased().contains(words.lowercased()) }, "\(texts)")
            #expect(error.all.allSatisfy { $0.source != nil })
        }
    }

    @Test func theyNeedAForgeAndABranch() throws {
        let text = """
            repositories:
              infra: {url: "https://github.com/acme/infra", tag: v1, pull_requests: {}}
            """
        do throws(Diagnostics) {
            _ = try ControllerReader.read(SourceFile(path: "controller.yaml", bytes: Array(text.utf8)), folder: "/")
            Issue.record("it was read")
        } catch {
            #expect(
                error.all.map(\.summary) == ["Pull requests without a forge", "Pull requests without a branch"])
        }
    }
}
