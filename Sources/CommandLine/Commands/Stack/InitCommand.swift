internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb init`
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a stack in a directory, or fetch the modules of the stack that is there.",
        discussion: """
            A new stack gets stack.yaml, a first spec and .gitignore. Of a stack that is there, modules from Git are fetched, \
            and the commits they stand for are written to plumb.lock.yaml, which belongs into Git.

            Examples:
              plumb init                     make a stack; or fetch, and pin what is not
              plumb init --upgrade           take what branches and tags stand for now
              plumb init --rev origin/main   fetch what that revision has pinned

            Private repositories: over SSH the agent and ~/.ssh; over HTTPS the environment variable \
            PLUMB_GIT_TOKEN_example_org (the host; a dash is __), then `git credential fill`.
            """)

    @OptionGroup var common: StackOptions

    @Option(help: "The new stack's name; otherwise the directory's.")
    var name: String?

    @Flag(help: "Take what branches and tags of module sources stand for now.")
    var upgrade = false

    @Option(help: "Fetch the modules that this Git revision has pinned; change no file of the stack.")
    var rev: String?

    func validate() throws {
        if upgrade, rev != nil { throw ValidationError("--upgrade and --rev exclude each other.") }
        if name != nil, upgrade || rev != nil { throw ValidationError("--name is for a new stack alone.") }
    }

    func run() async throws {
        let console = common.console
        do throws(Diagnostics) {
            let operation = InitOperation(
                StackLocation(directory: common.directory, revision: rev), name: name, upgrades: upgrade,
                environment: Invocation.environment)
            switch try await operation.run(report: { console.note("  fetching \($0)") }) {
            case .madeStack(let made):
                for path in made { console.note("  made \(path)") }
                console.write("The stack is ready. Next: plumb plan\n")
            case .pinnedModules(let pins):
                show(pins, console)
            }
        } catch {
            throw common.failing(error)
        }
    }

    private func show(_ pins: ModulePins, _ console: Console) {
        Invocation.report(pins.warnings, console)
        for pin in pins.pins {
            let now = pin.commit.prefix(7)
            if let previous = pin.previous, previous != pin.commit {
                console.write("  \(pin.source): \(previous.prefix(7)) -> \(now)\n")
            } else if let newer = pin.newer {
                console.write("  \(pin.source): \(now) (now \(newer.prefix(7)); --upgrade takes it)\n")
            } else {
                console.write("  \(pin.source): \(now)\n")
            }
        }
        if pins.hasChangedLock { console.write("plumb.lock.yaml has changed: commit it.\n") }
        console.write("The stack is ready. Next: plumb plan\(rev.map { " --rev \($0)" } ?? "")\n")
    }
}
