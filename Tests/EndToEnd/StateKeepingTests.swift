import Foundation
import Testing

/// `plumb state verify`, `unlock`, `backup`, `pull` and `push`: whether a state is whole, and how it is kept.
struct StateKeepingTests {
    private static let spec = """
        variables: {text: {type: string, default: one}}
        resources:
          local_file.a: {spec: {filename: out/a, content: "${var.text}"}}
          local_file.b: {for_each: '${toset(["x", "y"])}', spec: {filename: "out/b-${each.key}", content: x}}
          random_password.p: {spec: {length: 24}}
        outputs:
          password: {value: "${random_password.p.result}", sensitive: true}
        """

    private func applied() async throws -> Stack {
        let stack = try Stack(["main.yaml": Self.spec])
        try await stack.apply()
        return stack
    }

    // MARK: - verify

    @Test func aWholeStateIsSaidToBeWhole() async throws {
        let stack = try await applied()
        let result = try await stack.plumb("state", "verify", "--refresh")
        #expect(result.code == 0, "\(result.errors)")
        #expect(
            result.words.contains("Looked at 4 resources, 4 changes, 1 run and 3 sealed secrets."), "\(result.output)")
        #expect(result.words.contains("The state is whole."))
        try stack.write("out/a", "tampered")
        let drifted = try await stack.plumb("state", "verify", "--refresh")
        #expect(drifted.code == 0)
        #expect(drifted.words.contains("local_file.a is not as it is recorded"), "\(drifted.errors)")
    }

    @Test func damageIsFoundAndToldByItsPlace() async throws {
        let stack = try await applied()
        try await stack.sql(
            "UPDATE resources SET recorded = json_set(recorded, '$.overwrite', json('[1]')) WHERE address = 'local_file.a'"
        )
        let schema = try await stack.plumb("state", "verify")
        #expect(schema.code == 1)
        #expect(schema.words.contains("The recorded attribute \"overwrite\" of local_file.a"), "\(schema.errors)")
        try await stack.sql("UPDATE resources SET recorded = replace(recorded, 'sealed:v1:', 'sealed:v1:AAAA')")
        let secret = try await stack.plumb("state", "verify")
        #expect(secret.code == 1)
        #expect(secret.words.contains("The row of random_password.p: A secret cannot be decrypted"), "\(secret.errors)")
        try await stack.sql("UPDATE resources SET provider = 'gone' WHERE address = 'local_file.a'")
        #expect(try await stack.plumb("state", "verify").words.contains("provider instance \"gone\""))
        try await stack.shell("sqlite3 .plumb/state.db 'PRAGMA wal_checkpoint(TRUNCATE)' > out/checkpoint")
        let size = try #require(FileManager.default.contents(atPath: stack.path(".plumb/state.db"))?.count)
        try await stack.shell(
            "dd if=/dev/urandom of=.plumb/state.db bs=1 seek=\(size / 4096 / 2 * 4096) count=4096 conv=notrunc status=none"
        )
        let page = try await stack.plumb("state", "verify")
        #expect(page.code == 1)
        #expect(page.words.contains("damaged"), "\(page.output) \(page.errors)")
    }

    @Test func aSecretInTheClearIsFoundAndSealedAgain() async throws {
        let stack = try await applied()
        try await stack.sql(
            "UPDATE outputs SET value = '{\"$plumb\":\"sensitive\",\"value\":\"in the clear\"}' WHERE name = 'password'"
        )
        let result = try await stack.plumb("state", "verify")
        #expect(result.code == 1)
        #expect(result.words.contains("The output password holds 1 sensitive values in the clear"), "\(result.errors)")
        #expect(!result.words.contains("in the clear\""))
        #expect(try await stack.plumb("state", "rekey").code == 0)
        #expect(try await stack.plumb("state", "verify").code == 0)
        #expect(try await stack.plumb("output", "--raw", "password").output == "in the clear")
    }

    @Test func openIntentsAreShown() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        _ = try await stack.plumb("apply", "--auto-approve", environment: ["PLUMB_FAULT": "after-call:2"])
        let result = try await stack.plumb("state", "verify")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.words.contains("create interrupted in run"), "\(result.output)")
        #expect(result.words.contains("The next plan asks its provider"))
        try await stack.apply()
        #expect(!(try await stack.plumb("state", "verify")).words.contains("interrupted"))
        try await stack.expectNoChanges()
    }

    // MARK: - unlock

    @Test func aLivingLeaseIsOnlyEndedByForce() async throws {
        let stack = try Stack([
            "main.yaml": """
            resources:
              local_file.started: {spec: {filename: out/started, content: x}}
              time_sleep.a: {depends_on: [local_file.started], spec: {create_duration: 4s}}
              local_file.later: {depends_on: [time_sleep.a], spec: {filename: out/later, content: x}}
            """
        ])
        let first = try stack.start(["apply", "--auto-approve"])
        try await stack.awaitFile("out/started")
        let refused = await (try stack.start(["state", "unlock", "--reason", "why not"])).result()
        #expect(refused.code == 1)
        #expect(refused.words.contains("pid \(first.pid)"), "\(refused.errors)")
        #expect(refused.words.contains("--force"))
        let forced = await (try stack.start(["state", "unlock", "--reason", "the runner hangs", "--force"])).result()
        #expect(forced.code == 0, "\(forced.errors)")
        let result = await first.result()
        #expect(result.code == 1, "a run without its lease succeeded: \(result.output)")
        #expect(!stack.exists("out/later"), "a run without its lease went on")
        let history = try await stack.plumb("state", "history")
        #expect(history.words.contains("state unlock"), "\(history.output)")
        #expect(history.words.contains("the runner hangs"))
        try await stack.apply()
        try await stack.expectNoChanges()
    }

    @Test func aDeadLeaseIsEndedWithoutForce() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        _ = try await stack.plumb("apply", "--auto-approve", environment: ["PLUMB_FAULT": "before-call:1"])
        let result = try await stack.plumb("state", "unlock", "--reason", "it was killed")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.words.contains("Ended the lease of tester@"))
        #expect(try await stack.plumb("state", "unlock", "--reason", "again").words.contains("Nobody holds the stack."))
        #expect(try await stack.plumb("state", "unlock").code == 1)
    }

    // MARK: - backup, pull, push

    @Test func aBackupBringsEverythingBack() async throws {
        let stack = try await applied()
        try await stack.apply("--var", "text=two")
        let backup = try await stack.plumb("state", "backup", "b.json")
        #expect(backup.code == 0, "\(backup.errors)")
        #expect(try await stack.shell("stat -c %a b.json") == "600\n")
        let password = try await stack.plumb("output", "--raw", "password").output
        #expect(stack.read("b.json")?.contains(password) == false, "a secret stands in the backup")
        let history = try await stack.plumb("state", "history", "local_file.a").output
        let runs = try await stack.runs()
        try await stack.shell("mv .plumb/state.key . && rm -r .plumb && mkdir .plumb && mv state.key .plumb")
        let pushed = try await stack.plumb("state", "push", "b.json")
        #expect(pushed.code == 0, "\(pushed.errors)")
        #expect(pushed.words.contains("Restored 4 resources"))
        #expect(try await stack.plumb("plan", "--detailed-exitcode", "--var", "text=two").code == 0)
        #expect(try await stack.plumb("output", "--raw", "password").output == password)
        #expect(try await stack.plumb("state", "history", "local_file.a").output == history)
        // The push itself is the newest run.
        #expect(Array(try await stack.runs().dropFirst()) == runs)
        #expect(try await stack.plumb("state", "verify").code == 0)
    }

    @Test func whileAnApplyGoesOnABackupIsOfOneInstant() async throws {
        let stack = try Stack([
            "main.yaml": """
            resources:
              data_value.a: {count: 300, spec: {input: "${count.index}"}}
              data_value.b: {count: 300, spec: {input: "${data_value.a[count.index].id}"}}
            """
        ])
        let apply = try stack.start(["apply", "--auto-approve"])
        var taken = 0
        for number in 0..<12 {
            let result = await (try stack.start(["state", "backup", "b\(number).json"])).result()
            guard result.code == 0 else {
                #expect(result.words.contains("Nothing is recorded"), "\(result.errors)")
                continue
            }
            let text = try #require(stack.read("b\(number).json"))
            // Every row's change is in the history of the same instant.
            let rows = text.components(separatedBy: "\"creates_before_destroy\"").count
            let changes = text.components(separatedBy: "\"moved_from\"").count
            let open = text.components(separatedBy: "\"action\"").count - 1
            #expect(rows - open == changes, "backup \(number)")
            taken += 1
        }
        #expect(taken > 0)
        #expect(await apply.result().code == 0)
    }

    @Test func whatWasPulledAndEditedIsRecorded() async throws {
        let stack = try await applied()
        try stack.write("state.json", try await stack.plumb("state", "pull").output)
        try await stack.shell(#"sed -i '/"address":"local_file.b\[\\"y\\"\]"/d' state.json"#)
        let result = try await stack.plumb("state", "push", "state.json")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("- local_file.b[\"y\"]"), "\(result.output)")
        #expect(try await stack.recorded() == ["local_file.a", "local_file.b[\"x\"]", "random_password.p"])
        #expect(stack.exists("out/b-y"))
        #expect(try await stack.plumb("state", "history", "local_file.b[\"y\"]").output.contains("removed"))
        // The same file again: the state has gone on since.
        let again = try await stack.plumb("state", "push", "state.json")
        #expect(again.code == 1)
        #expect(again.words.contains("by now"), "\(again.errors)")
        #expect(try await stack.plumb("state", "push", "--force", "state.json").code == 0)
    }

    @Test func aFileThatIsNotThisStatesIsRefused() async throws {
        let (stack, other) = (try await applied(), try await applied())
        let own = try await stack.plumb("state", "pull").output
        let foreign = try await other.plumb("state", "pull").output
        let broken: [(text: String, word: String)] = [
            (foreign, "Secrets of the file cannot be read"), ("{}", "plumbline_state"),
            (String(own.dropLast(40)), "JSON"),
            (own.replacing("\"plumbline_state\": 1", with: "\"plumbline_state\": 9"), "format 9"),
            (own.replacing("\"status\":\"ready\"", with: "\"status\":\"well\""), "\"status\" of resources[0]"),
            (own.replacing("\"stack\": \"test\"", with: "\"stack\": \"prod\""), "stack \"prod\""),
        ]
        for (text, word) in broken {
            try stack.write("state.json", text)
            let result = try await stack.plumb("state", "push", "state.json")
            #expect(result.code == 1)
            #expect(result.words.contains(word), "\(result.errors)")
        }
        let lineage = try #require(own.firstMatch(of: #/"lineage": "([0-9a-f-]+)"/#)?.1)
        try stack.write("state.json", own.replacing(lineage, with: "00000000-0000-4000-8000-000000000000"))
        #expect(try await stack.plumb("state", "push", "state.json").words.contains("State of another lineage"))
        #expect(try await stack.plumb("state", "pull").output == own, "a refused push changed something")
        #expect(try await stack.plumb("state", "push", "missing.json").code == 1)
        let empty = try Stack()
        #expect(try await empty.plumb("state", "backup", "b.json").words.contains("Nothing is recorded"))
    }
}

extension Stack {
    /// Changes the state behind the program's back.
    func sql(_ statement: String) async throws {
        try write("change.sql", statement)
        try await shell("sqlite3 .plumb/state.db < change.sql")
    }
}
