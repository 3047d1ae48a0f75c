import Foundation
import GitFixtures
import Testing

/// Specs that SOPS has encrypted: read as if they stood in the clear, and never written so.
struct EncryptedSpecTests {
    private static let identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
    private static let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

    private static let spec = """
        locals: {token: canary-local}
        resources:
          # canary-comment
          local_file.a:
            spec: {filename: out/a, content: 'canary-text ${upper("canary")} ${local.token} ${var.region}'}
          data_value.b:
            spec: {input: {deep: [canary-deep, 42]}}
        variables: {region: {default: eu}}
        outputs: {o: {value: "${data_value.b.output}", sensitive: true}}
        """

    private func stack(_ files: [String: String] = ["main.yaml": spec], _ rules: [String] = []) async throws -> Stack {
        let stack = try Stack(files, environment: ["SOPS_AGE_KEY": Self.identity])
        for name in files.keys {
            let process = try stack.start(["secret", "encrypt", "-r", Self.recipient, "-i"] + rules + [name])
            let result = await process.result()
            try #require(result.code == 0, "\(result.errors)")
            #expect(stack.read(name)?.contains("canary") == false)
        }
        return stack
    }

    @Test func aSpecIsReadAndNothingOfItIsWrittenInTheClear() async throws {
        let stack = try await stack()
        var said = [try await stack.plumb("plan", "--out", "p.plan")]
        for arguments in [
            ["show", "p.plan"], ["show", "--json", "p.plan"], ["apply", "p.plan"], ["plan", "--json"],
        ] {
            said.append(await (try stack.start(arguments)).result())
        }
        for arguments in [
            ["explain", "local_file.a.content"], ["explain", "local.token"], ["graph"], ["validate"],
            ["state", "pull"],
            ["state", "show", "data_value.b"], ["output"],
        ] {
            said.append(await (try stack.start(arguments)).result())
        }
        for result in said {
            #expect(result.code == 0, "\(result.errors)")
            #expect(
                !(result.output + result.errors).lowercased().contains("canary"), "\(result.output)\(result.errors)")
        }
        #expect(stack.read("out/a") == "canary-text CANARY canary-local eu")
        for file in stack.list(".plumb").map({ ".plumb/" + $0 }) + ["p.plan"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: stack.path(file)))
            #expect(bytes.range(of: Data("canary".utf8)) == nil, "a secret stands in \(file)")
        }
        try await stack.expectNoChanges()
    }

    @Test func problemsAreToldAtThePlaceInTheEncryptedFile() async throws {
        let stack = try await stack(
            ["main.yaml": "resources:\n  local_file.a:\n    spec: {filename: out/a, file_mode: [canary-mode]}\n"])
        let wrong = try await stack.plumb("plan")
        #expect(wrong.code == 1)
        #expect(wrong.words.contains("main.yaml:3:"), "\(wrong.errors)")
        #expect(!wrong.words.contains("canary"), "\(wrong.errors)")
        let broken = try await self.stack(
            ["main.yaml": "resources:\n  data_value.a:\n    spec: {input: 'canary${oops('}\n"])
        let problem = try await broken.plumb("plan")
        #expect(problem.code == 1)
        #expect(problem.words.contains("main.yaml:3:") && problem.words.contains("plumb secret edit main.yaml"))
        #expect(!problem.words.contains("canary") && !problem.words.contains("oops"), "\(problem.errors)")
    }

    @Test func onlyWhatTheRulesNameIsSecret() async throws {
        let stack = try await stack(
            ["main.yaml": "resources:\n  local_file.a:\n    spec: {filename: out/open, content: canary-text}\n"],
            ["--encrypted-regex", "^content$"])
        let plan = try await stack.plumb("plan")
        #expect(plan.code == 0, "\(plan.errors)")
        #expect(plan.words.contains("filename: \"out/open\"") && plan.words.contains("content: (sensitive)"))
    }

    @Test func aRevisionIsDecryptedWithoutACheckout() async throws {
        let stack = try await stack()
        try await stack.shell("git init -q && git add -A && git commit -qm one && rm main.yaml && git commit -qam two")
        let plan = try await stack.plumb("plan", "--rev", "HEAD~1", "--out", "p.plan")
        #expect(plan.code == 0, "\(plan.errors)")
        #expect(plan.words.contains("2 to create"))
        #expect(!plan.words.contains("canary"))
        #expect(try await stack.plumb("apply", "p.plan").code == 0)
        #expect(stack.read("out/a")?.hasPrefix("canary-text") == true)
    }

    @Test func modulesAreDecryptedToo() async throws {
        let stack = try await stack(["mod/m.yaml": "resources: {data_value.m: {spec: {input: canary-module}}}\n"])
        try stack.write("main.yaml", "modules: {m: {source: ./mod}}\n")
        let applied = try await stack.apply()
        #expect(!applied.words.contains("canary"))
        #expect(try await stack.recorded() == ["module.m.data_value.m"])
    }

    @Test func aFileThatCannotBeDecryptedIsNotUsed() async throws {
        let stack = try await stack()
        let none = try await stack.plumb("plan", environment: ["SOPS_AGE_KEY": ""])
        #expect(none.code == 1)
        #expect(none.words.contains("SOPS_AGE_KEY_FILE") && none.words.contains(Self.recipient), "\(none.errors)")
        let whole = try #require(stack.read("main.yaml"))
        try stack.write("main.yaml", whole.replacing("lastmodified: \"20", with: "lastmodified: \"19"))
        let changed = try await stack.plumb("plan")
        #expect(changed.code == 1)
        #expect(changed.words.contains("authentication code"), "\(changed.errors)")
        try stack.write("main.yaml", whole + "---\nlocals: {more: 1}\n")
        let several = try await stack.plumb("plan")
        #expect(several.words.contains("Several documents in an encrypted file"), "\(several.errors)")
    }
}
