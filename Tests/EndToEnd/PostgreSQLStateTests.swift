import Foundation
import PostgreSQLFixtures
import Testing

/// The state in PostgreSQL, under the real binary: applies, kills, and a server that crashes meanwhile.
@Suite(.enabled(if: PostgreSQLServer.isExpected)) struct PostgreSQLStateTests {
    private static let spec = """
        variables: {pause: {type: string, default: 10ms}}
        resources:
          local_file.started: {spec: {filename: out/started, content: x}}
          time_sleep.a: {depends_on: [local_file.started], spec: {create_duration: "${var.pause}"}}
          local_file.rest:
            count: 5
            depends_on: [time_sleep.a]
            spec: {filename: "out/${count.index}", content: x}
          random_password.a: {spec: {length: 20}}
        outputs: {files: {value: "${local_file.rest[*].filename}"}}
        """

    private func stack(on server: PostgreSQLServer, spec: String = spec) throws -> Stack {
        let schema = server.newSchema()
        return try Stack(
            [
                "stack.yaml":
                    "stack: test\nstate: {postgres: {url: \"${env.PLUMB_STATE_URL}\", schema: \"\(schema)\"}}\n",
                "main.yaml": spec,
            ], environment: ["PLUMB_STATE_URL": server.url])
    }

    private func expectNoPassword(_ result: ChildProcess.Result, _ server: PostgreSQLServer) {
        #expect(!(result.output + result.errors).contains(server.password))
    }

    @Test func everythingIsAppliedListedAndDestroyed() async throws {
        let server = try await PostgreSQLServer.shared()
        let stack = try stack(on: server)
        #expect(try await stack.plumb("plan", "--detailed-exitcode").code == 2)
        let applied = try await stack.apply()
        expectNoPassword(applied, server)
        #expect(try await stack.recorded().count == 8)
        #expect(!stack.exists(".plumb/state.db"))
        try await stack.expectNoChanges()
        #expect(try await stack.plumb("output").output.contains("out/4"))
        #expect(try await stack.plumb("state", "history").output.contains("succeeded"))
        let destroyed = try await stack.plumb("destroy", "--auto-approve")
        #expect(destroyed.code == 0, "\(destroyed.errors)")
        #expect(try await stack.recorded().isEmpty)
        #expect(stack.list("out") == [])
    }

    @Test func theSecondOfTwoIsToldWhoHoldsTheStack() async throws {
        let stack = try await stack(on: .shared())
        let first = try stack.start(["apply", "--auto-approve", "--var", "pause=10s"])
        try await stack.awaitFile("out/started")
        let second = await (try stack.start(["apply", "--auto-approve"])).result()
        #expect(second.code == 1)
        #expect(second.words.contains("is held by tester@"), "\(second.errors)")
        #expect(second.words.contains("pid \(first.pid)"))
        #expect(try await stack.plumb("plan").code == 0)
        let result = await first.result()
        #expect(result.code == 0, "\(result.errors)")
    }

    @Test func anotherProcessFinishesWhatAKilledOneBegan() async throws {
        for fault in ["after-intent:3", "after-call:2", "after-result:4"] {
            let stack = try await stack(on: .shared())
            let killed = try await stack.plumb("apply", "--auto-approve", environment: ["PLUMB_FAULT": fault])
            try #require(killed.signal == SIGKILL, "it was not killed: \(killed.output)\(killed.errors)")
            try await stack.apply()
            #expect(try await stack.recorded().count == 8)
            #expect(stack.list("out") == ["0", "1", "2", "3", "4", "started"])
            try await stack.expectNoChanges()
        }
    }

    @Test func aServerThatCrashesDuringAnApplyHoldsItUpOnly() async throws {
        let server = try await PostgreSQLServer()
        let stack = try stack(on: server)
        let apply = try stack.start(["apply", "--auto-approve", "--var", "pause=3s"])
        try await stack.awaitFile("out/started")
        try await server.restart()
        let result = await apply.result()
        #expect(result.code == 0, "\(result.output)\(result.errors)")
        expectNoPassword(result, server)
        #expect(try await stack.recorded().count == 8)
        #expect(try await stack.plumb("plan", "--detailed-exitcode", "--var", "pause=3s").code == 0)
    }

    /// Restarts all the while: each apply goes on or says why not, and the last one gets there.
    @Test func aServerThatCrashesAgainAndAgain() async throws {
        let server = try await PostgreSQLServer()
        let spec = """
            resources:
              local_file.a:
                count: 60
                spec: {filename: "out/${count.index}", content: x}
              time_sleep.a: {count: 60, spec: {create_duration: "100ms"}}
            """
        let stack = try stack(on: server, spec: spec)
        let crashing = Task.detached {
            for _ in 0..<4 {
                try await Task.sleep(for: .milliseconds(700))
                try await server.restart()
            }
        }
        for _ in 0..<3 {
            let result = await (try stack.start(["apply", "--auto-approve", "--parallelism", "4"])).result()
            #expect(result.code == 0 || result.code == 1, "\(result.output)\(result.errors)")
        }
        try await crashing.value
        try await stack.apply()
        #expect(stack.list("out").count == 60)
        #expect(try await stack.recorded().count == 120)
        try await stack.expectNoChanges()
    }

    @Test func aServerThatIsAwayIsToldWithoutThePassword() async throws {
        let stack = try Stack(
            [
                "stack.yaml": "stack: test\nstate: {postgres: {url: \"${env.PLUMB_STATE_URL}\"}}\n",
                "main.yaml": Self.spec,
            ], environment: ["PLUMB_STATE_URL": "postgresql://plumb:canary-word@127.0.0.1:1/states"])
        let result = try await stack.plumb("plan")
        #expect(result.code == 1)
        #expect(result.words.contains("Cannot read state"))
        #expect(result.words.contains("127.0.0.1"))
        #expect(!result.words.contains("canary-word"))
    }
}
