import Foundation
import Testing

/// Where values of variables come from: which source wins, what is asked for, what is never written down.
struct VariableTests {
    // MARK: - Precedence

    private static let spec = "variables: {v: {type: string, default: default}}\noutputs: {v: {value: '${var.v}'}}\n"

    private func value(_ stack: Stack, _ arguments: [String], _ environment: [String: String] = [:]) async throws
        -> String
    {
        let applied = await (try stack.start(["apply", "--auto-approve"] + arguments, environment)).result()
        #expect(applied.code == 0, "\(applied.errors)")
        return try await stack.plumb("output", "--raw", "v").output
    }

    @Test func theStrongestSourceWins() async throws {
        let stack = try Stack(["main.yaml": Self.spec, "one": "v: file one\n", "two": "v: file two\n"])
        #expect(try await value(stack, []) == "default")
        let environment = ["PLUMB_VAR_v": "environment", "PLUMB_VAR_other": "of another stack"]
        #expect(try await value(stack, [], environment) == "environment")
        try stack.write("a.vars.yaml", "v: auto a\n")
        #expect(try await value(stack, [], environment) == "auto a")
        try stack.write("b.vars.yml", "v: auto b\n")
        #expect(try await value(stack, [], environment) == "auto b")
        #expect(try await value(stack, ["--var-file", "one"], environment) == "file one")
    }

    @Test(arguments: [
        (["--var-file", "one", "--var-file=two"], "file two"), (["--var-file=two", "--var-file", "one"], "file one"),
        (["--var", "v=x", "--var-file", "one"], "file one"), (["--var-file", "one", "--var=v=x"], "x"),
        (["--var=v=x", "--var", "v=y=z"], "y=z"), (["--var", "v=", "--no-color"], ""),
    ])
    func onTheCommandLineTheLaterOneWins(_ arguments: [String], _ expected: String) async throws {
        let stack = try Stack(["main.yaml": Self.spec, "one": "v: file one\n", "two": "v: file two\n"])
        #expect(try await value(stack, arguments) == expected)
    }

    @Test func aTextIsAnExpressionWhereTheTypeAsksForOne() async throws {
        let stack = try Stack([
            "main.yaml": """
            variables:
              any: {}
              typed: {type: any}
              zones: {type: "map(object({cidr = string, size = optional(number, 2)}))"}
              flag: {type: bool}
            outputs:
              all: {value: "${[var.any, var.typed, var.zones, var.flag]}"}
            """
        ])
        try await stack.apply(
            "--var", "any=[1]", "--var", "typed=[1]", "--var", #"zones={a = {cidr = "10.0.0.0/24"}}"#, "--var",
            "flag=true")
        let output = try await stack.plumb("output", "--json", "all").output
        #expect(
            output.filter { !$0.isWhitespace } == #"["[1]",[1],{"a":{"cidr":"10.0.0.0/24","size":2}},true]"#,
            "\(output)")
        let wrong = try await stack.plumb(
            "plan", "--var", "any=", "--var", "typed=hello", "--var", "zones={a = 1}", "--var", "flag=yes")
        #expect(wrong.code == 1)
        #expect(wrong.words.contains("\"hello\" alone names nothing"), "\(wrong.errors)")
        #expect(wrong.words.contains("The value of \"zones\" (from --var zones) does not fit"), "\(wrong.errors)")
        #expect(wrong.words.contains("The value of \"flag\" (from --var flag) does not fit"), "\(wrong.errors)")
    }

    // MARK: - Prompts

    private static let missing = """
        variables:
          region: {type: string, description: Where it runs.}
          sizes: {type: "list(number)"}
          token: {sensitive: true}
          given: {}
        outputs:
          all:
            value: '${join(" ", concat([var.region, var.token, var.given], var.sizes))}'
            sensitive: true
        """

    @Test(.enabled(if: Terminal.isAvailable))
    func whatIsMissingIsAskedForInATerminal() async throws {
        let stack = try Stack(["main.yaml": Self.missing])
        let result = try await Terminal.plumb(
            "apply", "--var", "given=g", in: stack,
            turns: [
                .init(asked: "var.region", answer: "eu\n"), .init(asked: "var.sizes", answer: "[1, 2]\n"),
                .init(asked: "var.token", answer: "hushh\u{7F}\n"), .init(asked: "approval: ", answer: "yes\n"),
            ])
        #expect(result.code == 0, "\(result.screen)")
        #expect(result.screen.contains("Where it runs."))
        #expect(result.words.contains("var.sizes (list(number)) Enter a value: [1, 2]"))
        #expect(!result.screen.contains("hush"), "\(result.screen)")
        #expect(!result.screen.contains("var.given"))
        #expect(try await stack.plumb("output", "--raw", "all").output == "eu hush g 1 2")
    }

    @Test(.enabled(if: Terminal.isAvailable))
    func whoGivesNothingIsToldWhatIsMissing() async throws {
        let stack = try Stack(["main.yaml": "variables: {a: {}, b: {sensitive: true}}\n"])
        let result = try await Terminal.plumb(
            "plan", in: stack,
            turns: [.init(asked: "var.a", answer: "\u{04}"), .init(asked: "var.b", answer: "\u{04}")])
        #expect(result.code == 1)
        #expect(result.words.contains("2 errors"), "\(result.screen)")
        let interrupted = try await Terminal.plumb(
            "plan", "--var", "a=1", in: stack, turns: [.init(asked: "var.b", answer: "secr\u{03}")])
        #expect(interrupted.code == 130, "\(interrupted.screen)")
        #expect(!interrupted.screen.contains("secr"))
    }

    @Test(.enabled(if: Terminal.isAvailable))
    func nobodyIsAskedWhoCannotAnswerOrDoesNotWantToBe() async throws {
        let stack = try Stack(["main.yaml": Self.missing])
        let refused = try await Terminal.plumb("plan", "--no-input", in: stack, turns: [])
        #expect(refused.code == 1 && refused.words.contains("Missing variable value"))
        #expect(!refused.screen.contains("Enter a value"))
        let piped = try await stack.plumb("plan")
        #expect(piped.code == 1 && piped.words.contains("Missing variable value"))
        #expect(!piped.words.contains("Enter a value"))
        try stack.write("main.yaml", "resources: {data_value.a: {}}\n")
        let unapproved = try await Terminal.plumb("apply", "--no-input", in: stack, turns: [])
        #expect(unapproved.code == 1)
        #expect(unapproved.words.contains("`--no-input` forbids to ask"), "\(unapproved.screen)")
        #expect(try await stack.recorded().isEmpty)
    }

    // MARK: - Ephemeral values

    private static let ephemeral = """
        variables:
          token: {ephemeral: true}
          size: {default: 1}
        resources:
          data_value.a:
            spec: {input: "${var.size}"}
            lifecycle: {preconditions: [{condition: '${length(var.token) == 12}', error: Wrong token.}]}
        """

    @Test func anEphemeralValueIsNeverWrittenDown() async throws {
        let stack = try Stack(["main.yaml": Self.ephemeral])
        let planned = try await stack.plumb("plan", "--out", "p", "--var", "token=only-in-here")
        #expect(planned.code == 0, "\(planned.errors)")
        #expect(stack.read("p")?.contains("only-in-here") == false)
        let without = try await stack.plumb("apply", "p")
        #expect(without.code == 1)
        #expect(without.words.contains("the plan does not hold the value that it was made with"), "\(without.errors)")
        let other = try await stack.plumb("apply", "p", "--var", "token=only-in-here", "--var", "size=2")
        #expect(other.code == 1 && other.words.contains("Variable belongs to the plan"), "\(other.errors)")
        let wrong = try await stack.plumb("apply", "p", "--var", "token=short")
        #expect(wrong.code == 1 && wrong.words.contains("Wrong token."), "\(wrong.errors)")
        let applied = try await stack.plumb("apply", "p", environment: ["PLUMB_VAR_token": "only-in-here"])
        #expect(applied.code == 0, "\(applied.errors)")
        try await stack.shell("! grep -rqa only-in-here .")
    }

    @Test(.enabled(if: Terminal.isAvailable))
    func anApplyAsksForTheEphemeralValueOfItsPlan() async throws {
        let stack = try Stack(["main.yaml": Self.ephemeral])
        #expect(try await stack.plumb("plan", "--out", "p", "--var", "token=only-in-here").code == 0)
        let result = try await Terminal.plumb(
            "apply", "p", in: stack, turns: [.init(asked: "var.token", answer: "only-in-here\n")])
        #expect(result.code == 0, "\(result.screen)")
        #expect(!result.screen.contains("only-in-here"))
    }

    @Test func aDeprecatedVariableIsWarnedOf() async throws {
        let stack = try Stack(["main.yaml": "variables: {old: {default: 1, deprecated: Use new.}}\n"])
        #expect(try await stack.plumb("plan").errors.isEmpty)
        let warned = try await stack.plumb("plan", "--var", "old=2")
        #expect(warned.code == 0)
        #expect(
            warned.words.contains("A value is given for \"old\" (from --var old), which is deprecated: Use new."),
            "\(warned.errors)")
    }

    @Test func statementsOnAddressesAreValidWithoutValues() async throws {
        let stack = try Stack([
            "main.yaml": """
            variables: {ids: {type: map(string)}, keep: {type: bool}}
            resources: {local_file.a: {for_each: '${var.ids}', spec: {filename: '${each.value}', content: x}}}
            import: [{for_each: '${var.ids}', to: 'local_file.a[each.key]', id: '${each.value}'}]
            removed: [{from: local_file.b, destroy: '${!var.keep}'}]
            """
        ])
        let result = try await stack.plumb("validate")
        #expect(result.code == 0, "\(result.errors)")
    }
}
