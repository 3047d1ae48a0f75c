import Applying
import Planning
import PlumbModel
import StackFixtures
import StateBackendAPI
import Testing

/// What an apply does with failures, delays, stops, and with a state that has moved.
struct ApplyingTests {
    @Test func dependentsOfAFailureAreSkippedAndTheRestIsDone() async throws {
        let fixture = try StackFixture(
            """
            resources:
              local_file.bad: {spec: {filename: taken.txt, content: mine}}
              local_file.top: {spec: {filename: top.txt, content: "${local_file.bad.filename}"}}
              local_file.free: {spec: {filename: free.txt, content: x}}
            outputs:
              bad: {value: "${local_file.bad.filename}"}
              free: {value: "${local_file.free.filename}"}
            """)
        let plan = try await fixture.plan()
        try fixture.write("taken.txt", "somebody else's")
        let outcome = try await fixture.apply(plan)
        #expect(!outcome.succeeded && outcome.steps.map(\.result) == [.failed, .done, .skipped])
        #expect(fixture.read("free.txt") == "x" && fixture.read("taken.txt") == "somebody else's")
        #expect(try await fixture.output("free") == "free.txt")
        #expect(try await fixture.output("bad") == nil)
        #expect(try await fixture.snapshot().openIntents.isEmpty)
        try fixture.remove("taken.txt")
        #expect(try await fixture.apply().succeeded)
        #expect(try await fixture.output("bad") == "taken.txt")
    }

    @Test func aCallThatTakesTooLongIsLeftOpenAndSettledByTheNextRun() async throws {
        func spec(_ duration: String) -> String {
            """
            resources:
              time_sleep.long:
                timeouts: {create: 200ms}
                spec: {create_duration: \(duration)}
            """
        }
        let fixture = try StackFixture(spec("20s"))
        let outcome = try await fixture.apply()
        #expect(outcome.diagnostics.all.map(\.summary) == ["Timed out"])
        #expect(outcome.steps.map(\.result) == [.open])
        #expect(try await fixture.snapshot().openIntents.count == 1)
        try fixture.spec(spec("1ms"))
        let next = try await fixture.plan()
        #expect(next.recoveries.map(\.finding) == [.conclude] && next.summary == ["create time_sleep.long"])
        #expect(try await fixture.apply(next).succeeded)
        #expect(try await fixture.snapshot().openIntents.isEmpty)
    }

    @Test func cancellingACallWithABoundIsNoTimeout() async throws {
        let fixture = try StackFixture(
            "resources:\n  time_sleep.long:\n    timeouts: {create: 1m}\n    spec: {create_duration: 50s}\n")
        let plan = try await fixture.plan()
        let run = Task { try await fixture.apply(plan) }
        while try await fixture.snapshot().openIntents.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        try await Task.sleep(for: .milliseconds(100))
        run.cancel()
        let outcome = try await run.value
        #expect(outcome.wasCancelled && outcome.diagnostics.all.map(\.summary) == ["Call cancelled"])
        // The lease was given back: the next run need not wait for it.
        try fixture.spec("")
        #expect(try await fixture.apply().succeeded)
    }

    @Test func manyCancelledCallsAreToldAtOnce() async throws {
        let fixture = try StackFixture(
            "resources:\n  time_sleep.long:\n    count: 3\n    spec: {create_duration: 50s}\n")
        let plan = try await fixture.plan()
        let run = Task { try await fixture.apply(plan) }
        while try await fixture.snapshot().openIntents.count < 3 { try await Task.sleep(for: .milliseconds(20)) }
        try await Task.sleep(for: .milliseconds(100))
        run.cancel()
        let outcome = try await run.value
        #expect(outcome.steps.map(\.result) == [.open, .open, .open])
        #expect(outcome.diagnostics.all.map(\.summary) == ["Call cancelled"])
        #expect(outcome.diagnostics.lines.first?.contains("3 calls were cancelled") == true)
    }

    @Test func theTimeInLineIsNotTheStepsOwn() async throws {
        let fixture = try StackFixture(
            "resources:\n  time_sleep.short:\n    count: 8\n    spec: {create_duration: 1s}\n")
        // Four at a time: the last ones wait for as long as the first ones take.
        let outcome = try await fixture.apply()
        #expect(outcome.succeeded && outcome.duration >= 2)
        // Four that go on at once take four times the run at most, and a little for the end of each, which the next does not wait
        // for. Had the wait of the others been counted, they would have taken six times the run.
        let sum = outcome.steps.map(\.duration).reduce(0, +)
        #expect(sum <= 5 * outcome.duration, "\(outcome.steps.map(\.duration))")
    }

    @Test func stoppingBeforeTheFirstStepDoesNothing() async throws {
        let fixture = try StackFixture("resources:\n  local_file.a:\n    spec: {filename: a.txt, content: x}\n")
        let plan = try await fixture.plan()
        let control = RunControl()
        control.stop()
        let outcome = try await fixture.apply(plan, control: control)
        #expect(outcome.wasCancelled && outcome.steps.map(\.result) == [.skipped])
        #expect(fixture.read("a.txt") == nil)
    }

    @Test func readinessSeesOtherResourcesAndFunctions() async throws {
        let fixture = try StackFixture(
            """
            locals:
              wanted: ${data_value.wanted.input}
            resources:
              data_value.wanted: {spec: {input: x}}
              local_file.a:
                ready: {when: "${self.content == local.wanted}", timeout: 300ms}
                spec: {filename: a.txt, content: x}
              local_file.b:
                ready: {when: "${self.content == local.wanted}", timeout: 300ms}
                spec: {filename: b.txt, content: y}
            """)
        let outcome = try await fixture.apply()
        #expect(outcome.diagnostics.lines.count == 1)
        #expect(outcome.diagnostics.lines.first?.contains("local_file.b was made and is recorded") == true)
        #expect(try await fixture.record("local_file.b") != nil)
    }

    @Test func unknownsInsideListsMapsAndSetsAreFilledIn() async throws {
        let fixture = try StackFixture(
            """
            resources:
              random_uuid.a: {}
              data_value.a:
                spec:
                  input:
                    list: ["${random_uuid.a.result}", fixed]
                    map: {inner: {id: "${random_uuid.a.result}"}}
                    set: "${toset([random_uuid.a.result, "z"])}"
              time_sleep.a:
                spec: {triggers: {id: "${random_uuid.a.result}"}}
            outputs:
              id: {value: "${data_value.a.output.map.inner.id}"}
            """.replacing(
                "\"${toset([random_uuid.a.result, \"z\"])}\"", with: "'${toset([random_uuid.a.result, \"z\"])}'"))
        let plan = try await fixture.plan()
        #expect(plan.outputs.first?.after?.isUnknown == true)
        #expect(try await fixture.apply(plan).succeeded)
        let id = try #require(try await fixture.record("random_uuid.a")?.values[key: "result"])
        let input = try #require(try await fixture.record("data_value.a")?.values[key: "input"])
        #expect(input.isWhollyKnown)
        #expect(input[key: "list"]?.asList?.first == id)
        #expect(input[key: "set"]?.asList?.contains(id) == true)
        #expect(try await fixture.output("id") == id)
        let second = try await fixture.plan()
        #expect(second.isEmpty && second.rewrites.isEmpty)
    }

    @Test func whatComesOutAsNullCountsAsAbsent() async throws {
        let fixture = try StackFixture(
            """
            resources:
              random_uuid.a: {}
              time_sleep.a:
                spec:
                  create_duration: 1ms
                  destroy_duration: '${length(random_uuid.a.result) > 0 ? null : "1s"}'
            """)
        #expect(try await fixture.apply().succeeded)
        #expect(try await fixture.record("time_sleep.a")?.values[key: "destroy_duration"]?.isNull == true)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func preconditionsThatWaitForOthersAreCheckedBeforeTheStep() async throws {
        let fixture = try StackFixture(
            """
            resources:
              random_uuid.a: {}
              local_file.a:
                lifecycle:
                  preconditions:
                    - {condition: '${random_uuid.a.result == "no"}', error: Not this one.}
                spec: {filename: a.txt, content: known}
            """)
        let outcome = try await fixture.apply()
        #expect(outcome.diagnostics.lines == ["Precondition failed: Not this one."])
        #expect(fixture.read("a.txt") == nil)
    }

    @Test func onlyWhatAPlanWasDecidedFromMakesItStale() async throws {
        let fixture = try StackFixture(
            """
            resources:
              data_value.a: {spec: {input: 1}}
              data_value.b: {spec: {input: "${data_value.a.id}"}}
              data_value.other: {spec: {input: 1}}
            outputs:
              other: {value: "${data_value.other.input}"}
            """)
        let text = try #require(fixture.read("main.yaml"))
        try await fixture.apply()
        try fixture.spec(text.replacing("input: \"${data_value.a.id}\"", with: "input: \"${data_value.a.id}!\""))
        let plan = try await fixture.plan()
        let other = try #require(try await fixture.record("data_value.other"))
        try await fixture.commit([
            .put(other, run: "other"), .outputs([OutputRecord(name: "other", value: 2)]),
        ])
        let a = try #require(try await fixture.record("data_value.a"))
        try await fixture.commit([.put(a, run: "other")])
        let found = try await problems { try await fixture.apply(plan) }
        #expect(found.all.map(\.summary) == ["Plan is stale"])
        #expect(found.all.first?.address?.description == "data_value.a")
        // The same, but with only the unrelated row moved.
        let second = try await fixture.plan(PlanOptions(targets: [AddressPattern("data_value.b")]))
        try await fixture.commit([
            .put(other, run: "other"),
            .outputs([OutputRecord(name: "other", value: 2), OutputRecord(name: "new", value: 3)]),
        ])
        #expect(try await fixture.apply(second).succeeded)
        #expect(try await fixture.output("new") == 3)
    }
}
