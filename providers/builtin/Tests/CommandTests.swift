import FoundationEssentials
import PlumbModel
import ProviderAPI
import Testing

@testable import BuiltinProvider

/// Programs are run by an apply alone, where the stack allows it, for a bounded time and with bounded output.
@Suite struct CommandTests {
    private let playground: Playground

    init() throws { playground = try Playground(allowsCommands: true) }

    @Test func nothingRunsUnlessAllowed() async throws {
        let strict = try Playground()
        let error = try await providerError { try await strict.plan("command", ["create": "true"]) }
        #expect(error.code == .invalid)
        #expect(error.message.contains("allow_commands: true"))
        let created = try await providerError {
            try await strict.type("command").create(CreateRequest(planned: ["create": "touch ran"], intent: "i"))
        }
        #expect(created.code == .invalid)
        #expect(!FileManager.default.fileExists(atPath: strict.path("ran")))
    }

    @Test func planRunsNothing() async throws {
        _ = try await playground.plan("command", ["create": "touch ran"])
        #expect(!FileManager.default.fileExists(atPath: playground.path("ran")))
    }

    @Test func textRunsInAShellAndListDoesNot() async throws {
        let shell = try await playground.create(
            "command",
            ["create": "cat; echo $NAME; pwd", "stdin": "in,", "environment": .map(["NAME": "n"])])
        #expect(shell.values.attribute("stdout").asString?.hasPrefix("in,n\n/") == true)
        let list = try await playground.create("command", ["create": .tuple(["printf", "%s|", "a b", "$HOME"])])
        #expect(list.values.attribute("stdout") == "a b|$HOME|")
        #expect(list.values.attribute("exit_code") == 0)
    }

    @Test func changeRunsTheUpdateOrReplaces() async throws {
        let prior = try await playground.create("command", ["create": "echo 1"])
        let replaced = try await playground.plan("command", ["create": "echo 2"], prior: prior)
        #expect(replaced.replacePaths == [AttributePath("create")])
        let given: Value = ["create": "echo 1", "update": "echo updated", "triggers": 5]
        let plan = try await playground.plan("command", given, prior: prior)
        #expect(plan.replacePaths.isEmpty)
        #expect(plan.planned.attribute("stdout").isUnknown)
        let updated = try await playground.type("command").update(
            UpdateRequest(prior: prior, planned: plan.planned, intent: "i"))
        #expect(updated.values.attribute("stdout") == "updated\n")
        #expect(updated.values.attribute("id") == prior.values.attribute("id"))
        let settled = try await playground.plan("command", given, prior: updated)
        #expect(settled.planned == updated.values)
    }

    @Test func deleteRunsItsCommand() async throws {
        let state = try await playground.create("command", ["create": "true", "delete": "touch gone"])
        try await playground.type("command").delete(DeleteRequest(prior: state, intent: "i"))
        #expect(FileManager.default.fileExists(atPath: playground.path("gone")))
    }

    @Test func failureSaysWhyWithoutSecrets() async throws {
        let error = try await providerError {
            try await playground.create(
                "command",
                ["create": "echo \"token $TOKEN is bad\" >&2; exit 3", "environment": .map(["TOKEN": "hunter22"])])
        }
        #expect(error.code == .unexpected)
        #expect(error.message.contains("token (sensitive) is bad"))
        #expect(error.message.contains("3"))
        #expect(error.partial != nil)
    }

    @Test(.timeLimit(.minutes(10))) func timeoutKillsTheWholeGroup() async throws {
        let error = try await providerError {
            try await playground.create(
                "command",
                [
                    "create":
                        "sh -c 'trap \"\" TERM; echo $$ > child; sleep 50' & while ! [ -s child ]; do sleep 0.05; done; sleep 60",
                    "timeout": "3s",
                ])
        }
        #expect(error.code == .timeout)
        #expect(error.isOutcomeUnknown)
        let child = try String(contentsOfFile: playground.path("child"), encoding: .utf8)
        let stat = "/proc/\(child.filter(\.isNumber))/stat"
        // Killed with the group, it is gone long before it would end by itself.
        for _ in 0..<200 where Self.isRunning(stat) { try await Task.sleep(for: .milliseconds(100)) }
        #expect(!Self.isRunning(stat))
    }

    /// A process that has ended and that nobody has asked about yet counts as gone.
    private static func isRunning(_ stat: String) -> Bool {
        guard let text = try? String(contentsOfFile: stat, encoding: .utf8) else { return false }
        return !text.contains(") Z ")
    }

    @Test(.timeLimit(.minutes(10))) func cancellationStopsIt() async throws {
        let task = Task { try await playground.create("command", ["create": "sleep 60"]) }
        try await Task.sleep(for: .milliseconds(200))
        task.cancel()
        let error = try await providerError { try await task.value }
        #expect(error.code == .cancelled)
    }

    @Test(.timeLimit(.minutes(10))) func outputIsBounded() async throws {
        let error = try await providerError {
            try await playground.create("command", ["create": "head -c 5000000 /dev/zero"])
        }
        #expect(error.message.contains("more than 1048576 bytes"))
        _ = try await playground.create("command", ["create": "head -c 5000000 /dev/zero >&2"])
    }

    @Test(.timeLimit(.minutes(10))) func inputThatNobodyReadsIsNoError() async throws {
        let input = Value.string(String(repeating: "x", count: 1 << 20))
        _ = try await playground.create("command", ["create": "true", "stdin": input])
    }

    @Test(
        arguments: [
            (["create": ""], "empty"), (["create": .tuple([])], "program first"), (["create": 5], "a number"),
            (["create": .tuple(["a", 5])], "program first"),
            (["create": "true", "timeout": "soon"], "duration such as"),
        ] as [(Value, String)]) func wrongCommandIsRefused(_ declared: Value, _ part: String) async throws
    {
        let error = try await providerError { try await playground.plan("command", declared) }
        #expect(error.code == .invalid)
        #expect(error.message.contains(part))
    }

    @Test func missingProgramIsNamed() async throws {
        let error = try await providerError {
            try await playground.create("command", ["create": .tuple(["no-such-program-here"])])
        }
        #expect(error.code == .invalid)
        #expect(error.message.contains("no-such-program-here"))
    }

    @Test func recoveryIsUnclearUnlessRepeatable() async throws {
        let type = try #require(try playground.type("command") as? any Recovering)
        for (repeatable, isAbsent) in [(false, false), (true, true)] {
            let planned = try await playground.plan(
                "command", ["create": "true", "repeatable": .bool(repeatable)]
            ).planned
            let recovery = try await type.recover(
                Intent(
                    id: "i", run: "r", address: ResourceAddress("command", "c"), provider: "builtin",
                    action: .create, planned: planned, prior: nil))
            if case .absent = recovery { #expect(isAbsent) } else { #expect(!isAbsent) }
        }
    }
}
