import Foundation
import Testing

/// `plumb test`: test files are run by the real binary, on real and on mocked providers.
struct StackTestTests {
    private static let spec = """
        variables:
          n: {type: number, default: 1, validation: [{condition: "${var.n < 5}", error: At most four.}]}
        resources:
          local_file.a: {count: "${var.n}", spec: {filename: "out/${count.index}", content: "${var.n}"}}
        outputs:
          names: {value: "${local_file.a[*].filename}"}
        """

    private static let tests = """
        variables: {n: 2}
        runs:
          - name: plans
            command: plan
            assert:
              - {condition: "${length(local_file.a) == 2}", error: Two.}
              - {condition: '${!fileexists("out/0")}', error: A plan makes nothing.}
          - name: applies
            assert:
              - {condition: '${fileexists("out/1") && run.plans.names == output.names}', error: It is there.}
          - name: refuses
            command: plan
            variables: {n: 9}
            expect_failures: [var.n]
        """

    @Test func whatIsAppliedIsDestroyed() async throws {
        let stack = try Stack(["main.yaml": Self.spec, "tests/files.test.yaml": Self.tests])
        let result = try await stack.plumb("test")
        #expect(result.code == 0, "\(result.output)\(result.errors)")
        #expect(result.output.hasPrefix("tests/files.test.yaml\n  pass   plans"))
        #expect(result.output.contains("Passed: 3 passed in "))
        #expect(result.errors.contains("Destroying"))
        #expect(stack.list("out").isEmpty)
        // Neither the stack's own state nor anything else has been touched.
        #expect(!stack.exists(".plumb"))
        #expect(try await stack.plumb("plan").words.contains("1 to create"))
    }

    @Test func failuresAreTold() async throws {
        let stack = try Stack([
            "main.yaml": Self.spec,
            "a.test.yaml": """
            runs:
              - {name: wrong, assert: [{condition: "${local_file.a[0].filename == var.n}", error: It is not.}]}
              - {name: right}
            """,
        ])
        let result = try await stack.plumb("test", "--var", "n=3", "--junit-xml", "report.xml")
        #expect(result.code == 1)
        #expect(result.output.contains("fail   wrong") && result.output.contains("pass   right"))
        #expect(result.words.contains("It is not. note: local_file.a[0].filename is \"out/0\" note: var.n is 3"))
        #expect(stack.list("out").isEmpty)
        let xml = try #require(stack.read("report.xml"))
        #expect(xml.contains("<failure message=\"Assertion failed: It is not.\">"))
        let check =
            "import sys, xml.dom.minidom as m; print(len(m.parse('report.xml').getElementsByTagName('testcase')))"
        #expect(
            try await stack.shell("if command -v python3 >/dev/null; then python3 -c \"\(check)\"; else echo 2; fi")
                == "2\n")
    }

    @Test func theCommandLineWinsOverTheFile() async throws {
        let stack = try Stack([
            "main.yaml": Self.spec, "base.vars.yaml": "n: 4\n",
            "a.test.yaml": """
            variables: {n: 2}
            runs:
              - {name: the file's, command: plan, assert: [{condition: "${var.n == 2}", error: file}]}
              - {name: its own, command: plan, variables: {n: 3}, assert: [{condition: "${var.n == 3}", error: run}]}
            """,
            "b.test.yaml": """
            runs:
              - {name: the stack's, command: plan, assert: [{condition: "${var.n == 4}", error: stack}]}
            """,
        ])
        #expect(try await stack.plumb("test").code == 0)
        let overridden = try await stack.plumb("test", "--var", "n=1", "--json")
        #expect(overridden.code == 1)
        #expect(overridden.output.contains("\"failed\":3"))
        let one = try await stack.plumb("test", "b.test.yaml")
        #expect(one.code == 0 && one.output.contains("Passed: 1 passed"))
        let filtered = try await stack.plumb("test", "--filter", "its*", "--verbose")
        #expect(filtered.output.contains("3 to create") && filtered.output.contains("Passed: 1 passed"))
    }

    @Test func aMockedAPIIsNotAsked() async throws {
        let stack = try Stack([
            // Nothing listens there, and the key is not even set.
            "stack.yaml": """
            stack: mocked
            providers:
              http: {dns: {api: powerdns, base_url: "http://127.0.0.1:1", key: "${env.NO_SUCH_KEY}"}}
            """,
            "main.yaml": """
            resources:
              powerdns_zone.site:
                spec: {name: example.org., kind: Native, nameservers: [ns1.example.org.]}
                ready: {when: "${self.serial > 0}", timeout: 10m}
              local_file.zone: {spec: {filename: out/zone, content: "${powerdns_zone.site.id}"}}
            """,
            "a.test.yaml": """
            mocks: {http.dns: {resources: {powerdns_zone: {defaults: {id: made-up}}}}}
            runs:
              - name: makes the zone
                assert:
                  - {condition: '${powerdns_zone.site.id == "made-up" && file("out/zone") == "made-up"}', error: Mocked.}
              - name: keeps it
                command: plan
                assert:
                  - {condition: "${powerdns_zone.site.serial == 0}", error: "Numbers are 0."}
            """,
        ])
        #expect(try await stack.plumb("plan").code == 1)
        let result = try await stack.plumb("test")
        #expect(result.code == 0, "\(result.output)\(result.errors)")
        #expect(stack.list("out").isEmpty)
    }

    @Test func whatCannotBeDestroyedIsToldLoudly() async throws {
        let stack = try Stack([
            "stack.yaml": "stack: stubborn\nproviders: {builtin: {allow_commands: true}}\n",
            "main.yaml": """
            resources:
              command.stubborn: {spec: {create: "echo made", delete: "echo no >&2; exit 3"}}
              local_file.a: {spec: {filename: out/a, content: a}, lifecycle: {prevent_destroy: true, retain: true}}
            """,
            "a.test.yaml": "runs: [{name: makes them}]\n",
            "tmp/keep": "",
        ])
        let result = try await stack.plumb("test", "--junit-xml", "r.xml", environment: ["TMPDIR": stack.path("tmp")])
        #expect(result.code == 1)
        #expect(result.words.contains("error: Not everything was destroyed"))
        #expect(result.words.contains("left 1 resource behind") && result.words.contains("command.stubborn"))
        #expect(result.words.contains("Failed: 1 passed"))
        // What is protected or to be retained elsewhere goes all the same.
        #expect(!stack.exists("out/a"))
        #expect(stack.read("r.xml")?.contains("<error message=\"Not everything was destroyed\">") == true)
        // The state that knows what is left is where the report says.
        let kept = stack.list("tmp").filter { $0.hasPrefix("plumb-test-") }
        #expect(kept.count == 1 && stack.exists("tmp/\(kept[0])/.plumb/state.db"))
        #expect(result.output.contains("\(kept[0])/.plumb/state.db"))
    }

    @Test func ctrlCDestroysWhatWasMade() async throws {
        let stack = try Stack([
            "stack.yaml": "stack: slow\nproviders: {builtin: {allow_commands: true}}\n",
            "main.yaml": """
            resources:
              local_file.first: {spec: {filename: out/first, content: a}}
              command.slow: {spec: {create: "touch started; sleep 2", triggers: "${local_file.first.id}"}}
              local_file.last: {spec: {filename: out/last, content: "${command.slow.id}"}}
            """,
            "a.test.yaml": "runs: [{name: makes them}, {name: never}]\n",
        ])
        let process = try stack.start(["test"])
        for _ in 0..<200 where !stack.exists("started") { try await Task.sleep(for: .milliseconds(50)) }
        process.send(SIGINT)
        let result = await process.result()
        #expect(result.code == 1)
        #expect(
            result.output.contains("error  makes them") && result.output.contains("skip   never"), "\(result.output)")
        #expect(stack.list("out").isEmpty)
        #expect(!result.output.contains("Not everything"))
    }

    @Test func mistakesAreToldBeforeAnythingRuns() async throws {
        let stack = try Stack([
            "main.yaml": Self.spec, "a.test.yaml": "runs: [{name: fine}]\n", "tests/b.test.yaml": "rusn: []\n",
            "tests/c.test.yaml": "runs: [{name: x, comand: plan}]\n",
        ])
        let result = try await stack.plumb("test")
        #expect(result.code == 1 && result.output.isEmpty)
        #expect(result.words.contains("tests/b.test.yaml:1:1") && result.words.contains("Did you mean \"runs\"?"))
        #expect(result.words.contains("tests/c.test.yaml:1:18") && result.words.contains("Did you mean \"command\"?"))
        try stack.remove("tests")
        let missing = try await stack.plumb("test", "no.test.yaml")
        #expect(missing.code == 1 && missing.words.contains("No such test file"))
        #expect(missing.words.contains("There is no file \"no.test.yaml\" in \".\"."), "\(missing.words)")
        try stack.remove("a.test.yaml")
        #expect(try await stack.plumb("test").words.contains("No test files"))
    }
}
