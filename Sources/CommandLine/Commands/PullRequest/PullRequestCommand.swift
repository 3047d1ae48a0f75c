internal import ArgumentParser

/// `plumb pr`: the commands that CI runs for a pull request.
struct PullRequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pr", abstract: "Plan what a pull request changes and show it there; apply it once it is merged.",
        discussion: """
            Examples:
              plumb pr plan --plans plans                in CI, for each push to a pull request
              plumb pr plan --dry-run                    print what would be posted
              plumb pr apply --plans plans               in CI, after the merge

            What a pull request is, is found out from the environment of GitHub Actions, GitLab CI and the Actions of Gitea and \
            Forgejo; elsewhere --forge, --repository, --number, --head and --base say it. The token is taken from GITHUB_TOKEN, \
            GITLAB_TOKEN, GITEA_TOKEN or PLUMB_FORGE_TOKEN. Workflows to copy are in examples/ci.
            """,
        subcommands: [PullRequestPlanCommand.self, PullRequestApplyCommand.self])
}
