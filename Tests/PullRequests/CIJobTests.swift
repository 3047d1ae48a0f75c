import Forges
import PlumbModel
import PullRequests
import Testing

/// What CI jobs tell of the pull request that they run for.
struct CIJobTests {
    private static let event = Array(
        """
        {"action": "synchronize", "number": 7, "pull_request": {"number": 7, "head": {"sha": "abc", "ref": "change"},
         "base": {"sha": "def", "ref": "main"}}}
        """.utf8)

    @Test func gitHubTellsByItsEvent() throws {
        let job = try CIJob(
            [
                "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/infra", "GITHUB_REF": "refs/pull/7/merge",
                "GITHUB_API_URL": "https://api.github.com", "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_RUN_ID": "99", "GITHUB_BASE_REF": "main",
            ], event: Self.event)
        #expect(job.forge == .github)
        #expect(job.repository == "acme/infra")
        #expect(job.number == 7)
        #expect(job.head == "abc")
        #expect(job.baseBranch == "main")
        #expect(job.baseCommit == "def")
        #expect(job.link == "https://github.com/acme/infra/actions/runs/99")
        // Of a push there is no pull request.
        let push = try CIJob(
            ["GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/infra", "GITHUB_REF": "refs/heads/main"],
            event: Array("{\"ref\": \"refs/heads/main\"}".utf8))
        #expect(push.number == nil)
    }

    @Test(arguments: [["GITEA_ACTIONS": "true"], ["FORGEJO_ACTIONS": "true"], [:]])
    func giteaHasTheSameVariables(_ more: [String: String]) throws {
        let job = try CIJob(
            [
                "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/infra",
                "GITHUB_API_URL": "https://git.example.net/api/v1", "GITHUB_SERVER_URL": "https://git.example.net",
                "GITHUB_RUN_NUMBER": "3",
            ].merging(more) { $1 }, event: Self.event)
        #expect(job.forge == .gitea)
        #expect(job.api == "https://git.example.net/api/v1")
        #expect(job.number == 7)
        #expect(job.link == "https://git.example.net/acme/infra/actions/runs/3")
    }

    @Test func gitLabTellsByVariablesAndOfMergesByTheMessage() throws {
        let common = [
            "GITLAB_CI": "true", "CI_PROJECT_PATH": "acme/net/infra", "CI_API_V4_URL": "https://gitlab.com/api/v4",
            "CI_JOB_URL": "https://gitlab.com/x", "CI_COMMIT_SHA": "made",
        ]
        let job = try CIJob(
            common.merging([
                "CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "abc",
                "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "def",
            ]) { $1 }, event: nil)
        #expect(job.forge == .gitlab)
        #expect(job.repository == "acme/net/infra")
        #expect(job.number == 7)
        #expect(job.head == "abc")
        let plain = try CIJob(
            common.merging(["CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": ""]) { $1 }, event: nil)
        #expect(plain.head == "made")
        func merged(_ message: String) throws -> Int? {
            try CIJob(common.merging(["CI_COMMIT_MESSAGE": message]) { $1 }, event: nil).number
        }
        #expect(try merged("Merge branch 'x' into 'main'\n\nTitle\n\nSee merge request acme/net/infra!12") == 12)
        #expect(try merged("Title\n\nSee merge request acme/other!12") == nil)
        #expect(try merged("Title !12") == nil)
    }

    @Test func elsewhereNothingIsKnownAndNonsenseIsSaid() throws {
        #expect(try CIJob([:], event: nil) == CIJob())
        #expect(throws: Diagnostics.self) {
            try CIJob(["GITHUB_ACTIONS": "true"], event: Array("no json".utf8))
        }
    }
}
