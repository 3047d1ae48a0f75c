import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// `plumb drift` with the real binary: what it finds, records, heals and leaves alone.
struct DriftCommandTests {
    static let spec = """
        resources:
          # what stands here stays
          local_file.healed:
            spec: {filename: out/healed, content: ours}   # a comment
            drift: {mode: heal}
          local_file.watched:
            spec:
              filename: out/watched
              content: "ours"
          local_file.built:
            spec: {filename: out/built, content: "of ${local_file.healed.id}"}
            drift: {mode: '${"war"}n'}
        """

    func applied(_ home: StateHome = .sqlite, spec: String = spec, more: String = "") async throws -> Stack {
        let stack = try await home.stack(["main.yaml": spec], more: more)
        try await stack.apply()
        return stack
    }

    struct Document: Decodable {
        struct Check: Decodable {
            let stack: String
            let exit_code: Int
            let recorded: Bool
            let from_records: Bool
            let drift: [Finding]
            let notices: [String]
            let unreadable: [Unreadable]
        }
        struct Unreadable: Decodable {
            let address: String
            let reason: String
        }
        struct Finding: Decodable {
            let address: String
            let path: String
            let status: String
            let mode: String
            let occurrences: Int
            let sensitive: Bool
            let expected: String?
            let live: String?
        }
        let format: Int
        let exit_code: Int
        let stacks: [Check]
    }

    func look(_ stack: Stack, _ arguments: String...) async throws -> (code: Int32, check: Document.Check) {
        let result = try await ProcessGate.shared.pass { [arguments] in
            await (try stack.start(["drift", "--json"] + arguments)).result()
        }
        let document = try JSONDecoder().decode(Document.self, from: Data(result.output.utf8))
        #expect(document.format == 1)
        #expect(Int32(document.exit_code) == result.code ?? -1, "\(result.errors)")
        return (result.code ?? -1, try #require(document.stacks.first))
    }

    @Test(arguments: StateHome.expected) func itIsFoundRecordedHealedAndForgotten(_ home: StateHome) async throws {
        let stack = try await applied(home)
        #expect(try await look(stack).code == 0)
        try stack.write("out/healed", "theirs")
        try stack.write("out/watched", "theirs")
        try stack.remove("out/built")
        let (code, found) = try await look(stack)
        #expect(code == 2 && found.recorded)
        #expect(found.drift.map(\.address) == ["local_file.built", "local_file.healed", "local_file.watched"])
        #expect(found.drift.map(\.path) == ["", "content", "content"])
        #expect(found.drift.map(\.mode) == ["warn", "heal", "detect"])
        #expect(found.drift[1].expected == "ours" && found.drift[1].live == "theirs")

        let healed = try await look(stack, "--heal")
        #expect(healed.code == 2)
        #expect(healed.check.drift.map(\.status) == ["open", "healed", "open"])
        #expect(stack.read("out/healed") == "ours")
        #expect(stack.read("out/watched") == "theirs")
        #expect(!stack.exists("out/built"))
        // What was left alone is drift still.
        #expect(try await look(stack).check.drift.map(\.address) == ["local_file.built", "local_file.watched"])
        try await stack.apply()
        #expect(try await look(stack).code == 0)
        let ended = try await stack.plumb("drift", "list", "--ended")
        #expect(ended.words.contains("healed 1 time in a row"), "\(ended.output)")
        try await stack.expectNoChanges()
    }

    @Test func aWarningGoesToStandardErrorAlsoWhenQuiet() async throws {
        let stack = try await applied()
        try stack.remove("out/built")
        let result = try await stack.plumb("drift", "-q", "--junit", "drift.xml")
        #expect(result.code == 2)
        #expect(result.errors.contains("local_file.built"), "\(result.errors)")
        let report = try #require(stack.read("drift.xml"))
        #expect(report.contains("failures=\"1\""), "\(report)")
        let parser = XMLParser(data: Data(report.utf8))
        #expect(parser.parse())
    }

    @Test func aHealLeavesWhatIsPendingInTheSpecs() async throws {
        let stack = try await applied()
        try stack.write("out/healed", "theirs")
        try stack.write(
            "main.yaml",
            Self.spec.replacing("content: \"ours\"", with: "content: \"new\"")
                + "\n  local_file.more: {spec: {filename: out/more, content: x}}\n")
        let healed = try await look(stack, "--heal")
        #expect(healed.code == 0)
        #expect(stack.read("out/healed") == "ours")
        #expect(stack.read("out/watched") == "ours")
        #expect(!stack.exists("out/more"))
        #expect(healed.check.notices.contains { $0.hasPrefix("local_file.more is left alone: it is new in the specs") })
        #expect(healed.check.notices.contains { $0.hasPrefix("local_file.watched is left alone") })
        let plan = try await stack.plumb("plan")
        #expect(plan.words.contains("Plan: 1 to create, 1 to change, 0 to replace, 0 to destroy."), "\(plan.output)")
    }

    /// Drift on a resource whose own specs have changed too is a person's business.
    @Test func aHealDoesNotApplyChangedSpecsOfWhatDrifted() async throws {
        let stack = try await applied()
        try stack.write("out/healed", "theirs")
        try stack.write("main.yaml", Self.spec.replacing("content: ours}", with: "content: ours, file_mode: \"0600\"}"))
        let healed = try await look(stack, "--heal")
        #expect(healed.code == 2)
        #expect(stack.read("out/healed") == "theirs")
        #expect(healed.check.notices.contains { $0.contains("its specs have changed too") }, "\(healed.check.notices)")
    }

    @Test func aModeOfAPartRulesThatPartAlone() async throws {
        let stack = try await applied(
            spec: """
                resources:
                  local_file.a:
                    spec: {filename: out/a, content: ours, file_mode: "0644"}
                    drift: {mode: heal, paths: {content: detect}}
                """)
        try stack.write("out/a", "theirs")
        try await stack.shell("chmod 600 out/a")
        let healed = try await look(stack, "--heal")
        #expect(healed.code == 2)
        #expect(healed.check.drift.map(\.path) == ["content", "file_mode"])
        #expect(healed.check.drift.map(\.status) == ["open", "healed"])
        #expect(stack.read("out/a") == "theirs")
        #expect(try await stack.shell("stat -c %a out/a") == "644\n")
        // The heal has recorded what it left alone, and yet it is drift.
        #expect(try await look(stack).check.drift.map(\.path) == ["content"])
        #expect(try await look(stack, "--heal").code == 2)
    }

    @Test(arguments: [
        "drift-leased:1", "lease-taken:1", "after-intent:1", "after-call:1", "after-result:1", "heal-applied:1",
    ])
    func aKilledHealIsFinishedByTheNextOne(_ fault: String) async throws {
        let stack = try await applied()
        try stack.write("out/healed", "theirs")
        let killed = try await stack.plumb("drift", "--heal", environment: ["PLUMB_FAULT": fault])
        try #require(killed.signal == SIGKILL, "\(killed.output)\(killed.errors)")
        let next = try await stack.plumb("drift", "--heal")
        #expect(next.code == 0, "\(next.output)\(next.errors)")
        #expect(stack.read("out/healed") == "ours")
        try await stack.expectNoChanges()
        #expect(try await look(stack).code == 0)
    }

    /// Somebody writes the same value again and again: after three heals they are left alone.
    @Test func aFightIsNotFoughtForEver() async throws {
        let stack = try await applied()
        for _ in 0..<3 {
            try stack.write("out/healed", "theirs")
            #expect(try await look(stack, "--heal").code == 0)
            #expect(stack.read("out/healed") == "ours")
        }
        try stack.write("out/healed", "theirs")
        let contended = try await look(stack, "--heal")
        #expect(contended.code == 2)
        #expect(contended.check.drift.map(\.status) == ["contended"])
        #expect(contended.check.drift.map(\.occurrences) == [4])
        #expect(stack.read("out/healed") == "theirs")
        // Another value is another matter.
        try stack.write("out/healed", "others")
        #expect(try await look(stack, "--heal").code == 0)
        #expect(stack.read("out/healed") == "ours")
    }

    @Test func acknowledgedDriftCountsNoMoreUntilItIsAnother() async throws {
        let stack = try await applied()
        try stack.write("out/healed", "theirs")
        #expect(try await stack.plumb("drift", "ack", "local_file.healed", "--reason", "x").code == 1)
        _ = try await look(stack)
        let past = try await stack.plumb(
            "drift", "ack", "local_file.healed", "--until", "2020-01-01", "--reason", "x")
        #expect(past.code == 1 && past.words.contains("Time is over"), "\(past.errors)")
        let acknowledged = try await stack.plumb(
            "drift", "ack", "local_file.healed", "content", "--until", "7d", "--reason", "as agreed")
        #expect(acknowledged.code == 0, "\(acknowledged.errors)")
        let (code, check) = try await look(stack, "--heal")
        #expect(code == 0)
        #expect(check.drift.map(\.status) == ["acknowledged"])
        #expect(stack.read("out/healed") == "theirs")
        try stack.write("out/healed", "others")
        #expect(try await look(stack).code == 2)
    }

    @Test(arguments: StateHome.expected) func whatIsHeldStaysAsItIs(_ home: StateHome) async throws {
        let stack = try await applied(home)
        try stack.write("out/healed", "theirs")
        try await stack.shell("true")
        let saved = try await stack.plumb("plan", "--out", "before.plan")
        #expect(saved.code == 0)
        let held = try await stack.plumb("hold", "local_file.healed", "--until", "4h", "--reason", "incident 7")
        #expect(held.code == 0, "\(held.errors)")
        #expect(try await look(stack, "--heal").code == 0)
        let plan = try await stack.plumb("plan", "--detailed-exitcode")
        #expect(plan.code == 0, "\(plan.output)")
        #expect(plan.words.contains("incident 7"), "\(plan.errors)")
        try await stack.apply()
        #expect(stack.read("out/healed") == "theirs")
        let stale = try await stack.plumb("apply", "before.plan")
        #expect(stale.code == 1, "\(stale.output)")
        #expect(stale.words.contains("held") || stale.words.contains("stale"), "\(stale.errors)")
        #expect(try await stack.plumb("unhold", "local_file.watched").code == 1)
        #expect(try await stack.plumb("unhold", "local_file.healed").code == 0)
        #expect(try await look(stack, "--heal").code == 0)
        #expect(stack.read("out/healed") == "ours")
    }

    @Test func aHeldStackIsNeitherAppliedNorDestroyed() async throws {
        let stack = try await applied()
        #expect(try await stack.plumb("hold", "--reason", "freeze").code == 0)
        try stack.write("main.yaml", Self.spec + "\n  local_file.more: {spec: {filename: out/more, content: x}}\n")
        try await stack.apply()
        #expect(!stack.exists("out/more"))
        let destroyed = try await stack.plumb("destroy", "--auto-approve")
        #expect(destroyed.code == 0, "\(destroyed.errors)")
        #expect(try await stack.recorded().count == 3)
        #expect(try await stack.plumb("unhold").code == 0)
        try await stack.apply()
        #expect(stack.exists("out/more"))
    }

    @Test func aYoungCheckIsNotRepeated() async throws {
        let stack = try await applied()
        try stack.write("out/watched", "theirs")
        _ = try await look(stack)
        try stack.write("out/healed", "theirs")
        let young = try await look(stack, "--max-age", "10m")
        #expect(young.check.from_records && young.check.drift.map(\.address) == ["local_file.watched"])
        try await Task.sleep(for: .milliseconds(50))
        #expect(try await look(stack, "--max-age", "10ms").check.from_records == false)
        // After an apply nobody knows.
        try await stack.apply()
        #expect(try await look(stack, "--max-age", "10m").check.from_records == false)
    }

    @Test(arguments: StateHome.expected) func secretsStayOutOfReportsAndRecords(_ home: StateHome) async throws {
        let stack = try await applied(
            home,
            spec: """
                variables: {word: {type: string, sensitive: true, default: canary-one}}
                resources:
                  local_file.a: {spec: {filename: out/a, content: "${var.word}"}, drift: {mode: heal}}
                """)
        try stack.write("out/a", "canary-two")
        for arguments in [["--json"], ["--markdown"], ["--junit", "x.xml"]] {
            let result = try await ProcessGate.shared.pass { await (try stack.start(["drift"] + arguments)).result() }
            #expect(result.code == 2, "\(result.errors)")
            #expect(!(result.output + result.errors).contains("canary-"), "\(result.output)")
        }
        #expect(stack.read("x.xml")?.contains("canary-") == false)
        let pulled = try await stack.plumb("state", "pull")
        #expect(pulled.output.contains("\"fingerprint\""))
        #expect(!pulled.output.contains("canary-"))
        let refused = try await stack.plumb("drift", "accept", "local_file.a")
        #expect(refused.code == 1 && !refused.errors.contains("canary-two"), "\(refused.errors)")
        // Records go wherever the state goes, and with a new key.
        #expect(try await stack.plumb("state", "rekey").code == 0)
        #expect(try await look(stack).check.drift.map(\.occurrences) == [1])
        #expect(try await look(stack, "--heal").code == 0)
        #expect(stack.read("out/a") == "canary-one")
    }

    @Test func whereAnotherRunHoldsTheStackTheCheckSaysThatItIsNotRecorded() async throws {
        let stack = try Stack([
            "stack.yaml": "stack: test\n",
            "main.yaml": """
            resources:
              local_file.a: {spec: {filename: out/a, content: ours}}
            """,
        ])
        try await stack.apply()
        try stack.write(
            "main.yaml",
            """
            resources:
              local_file.a: {spec: {filename: out/a, content: ours}}
              time_sleep.a: {spec: {create_duration: 20s}}
            """)
        try stack.write("out/a", "theirs")
        try await ProcessGate.shared.pass {
            // A check that records at this moment is waited for.
            let other = try stack.start([
                "apply", "--auto-approve", "--lock-timeout", "30s", "--target", "time_sleep.a",
            ])
            let deadline = ContinuousClock.now + .seconds(15)
            var told = ""
            while ContinuousClock.now < deadline, !told.contains("not recorded") {
                let look = try stack.start(["drift"])
                told = await look.result().output
            }
            #expect(told.contains("not recorded"), "\(told)")
            #expect(told.contains("local_file.a"), "\(told)")
            other.send(SIGKILL)
            _ = await other.result()
        }
    }

    /// Whoever comes second waits, sees that all is done, and does nothing twice.
    @Test(arguments: StateHome.expected) func twoHealsAtOnceAreOneAfterTheOther(_ home: StateHome) async throws {
        let stack = try await applied(home)
        for _ in 0..<3 {
            try stack.write("out/healed", UUID().uuidString)
            let results = try await ProcessGate.shared.pass {
                let one = try stack.start(["drift", "--heal", "--lock-timeout", "60s"])
                let other = try stack.start(["drift", "--heal", "--lock-timeout", "60s"])
                return [await one.result(), await other.result()]
            }
            for result in results { #expect(result.code == 0, "\(result.output)\(result.errors)") }
            #expect(stack.read("out/healed") == "ours")
        }
        #expect(try await look(stack).code == 0)
        try await stack.expectNoChanges()
    }

    @Test func aHealLeavesOutputsThatAreOthersInTheSpecs() async throws {
        let stack = try await applied(spec: Self.spec + "\noutputs: {word: {value: old}}\n")
        try stack.write("out/healed", "theirs")
        try stack.write("main.yaml", Self.spec + "\noutputs: {word: {value: new}, more: {value: 1}}\n")
        #expect(try await look(stack, "--heal").code == 0)
        #expect(stack.read("out/healed") == "ours")
        let outputs = try await stack.plumb("output", "--json")
        #expect(outputs.output.contains("old") && !outputs.output.contains("more"), "\(outputs.output)")
        try await stack.apply()
        #expect(try await stack.plumb("output", "word").output.contains("new"))
    }

    @Test(arguments: [false, true]) func aHealReplacesNothingUnlessItMay(_ may: Bool) async throws {
        let stack = try await applied(
            spec: """
                resources:
                  local_file.a: {spec: {filename: out/a, content: ours}, drift: {mode: heal}}
                  random_id.b:
                    spec: {byte_length: 8}
                    lifecycle: {replace_triggered_by: [local_file.a]}
                    drift: {replace: \(may)}
                """)
        let before = try await stack.plumb("state", "show", "random_id.b").output
        try stack.write("out/a", "theirs")
        let healed = try await look(stack, "--heal")
        #expect(healed.code == 0, "\(healed.check.notices)")
        #expect(stack.read("out/a") == "ours")
        #expect((try await stack.plumb("state", "show", "random_id.b").output != before) == may)
        #expect(healed.check.notices.contains { $0.hasPrefix("random_id.b is left alone") } == !may)
    }

    @Test func theGuardStopsAHealThatReplacesTooMuch() async throws {
        let stack = try await applied(
            spec: """
                resources:
                  local_file.a: {spec: {filename: out/a, content: ours}, drift: {mode: heal}}
                  random_id.b:
                    spec: {byte_length: 8}
                    lifecycle: {replace_triggered_by: [local_file.a]}
                    drift: {replace: true}
                """, more: "sync: {guard: {max_percent: 49}}\n")
        try stack.write("out/a", "theirs")
        let refused = try await stack.plumb("drift", "--heal")
        #expect(refused.code == 1)
        #expect(refused.words.contains("Plan would destroy too much"), "\(refused.errors)")
        #expect(stack.read("out/a") == "theirs")
    }

    @Test(.enabled(if: PowerDNS.isExpected, "PowerDNS is not installed"))
    func aZoneThatIsGoneComesBackWithItsRecords() async throws {
        let server = try await PowerDNS.start()
        let stack = try Stack(copying: "examples/dns", environment: server.environment)
        try stack.write("stack.yaml", try #require(stack.read("stack.yaml")) + "\nsync: {drift: {mode: heal}}\n")
        try await stack.apply()
        let zones = try await server.zones()
        let zone = try #require(zones.first)
        let records = try await server.addressRecords(of: zone).count
        try await server.remove(zone)
        #expect(try await look(stack).code == 2)
        let healed = try await stack.plumb("drift", "--heal")
        #expect(healed.code == 0, "\(healed.output)\(healed.errors)")
        #expect(try await server.zones() == zones)
        #expect(try await server.addressRecords(of: zone).count == records)
        try await stack.expectNoChanges()
    }
}
