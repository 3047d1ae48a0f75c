internal import ArgumentParser
internal import Reporting

/// `plumb completion`
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print a completion script for a shell.",
        discussion: """
            Examples:
              plumb completion bash > /etc/bash_completion.d/plumb
              plumb completion zsh > "${fpath[1]}/_plumb"
              plumb completion fish > ~/.config/fish/completions/plumb.fish
            """)

    enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() {
        let kind: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        Console(noColorFlag: true, quiet: false).write(PlumbCommand.completionScript(for: kind) + "\n")
    }
}
