import Foundation
import Testing

/// The process is killed at random moments while it makes a hundred files.
struct RandomKillTests {
    private static let spec = """
        resources:
          local_file.a:
            for_each: '${toset([for i in range(100) : "f${i}"])}'
            spec: {filename: "out/${each.key}", content: "this is ${each.key}"}
        """

    @Test func theNextApplyConvergesByItself() async throws {
        let hits = try await withThrowingTaskGroup { group in
            for _ in 0..<20 {
                let moment = (count: Int.random(in: 0..<90), wait: Int.random(in: 0...1_000))
                group.addTask { try await Self.kill(atFile: moment.count, plus: moment.wait) }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(hits >= 10, "most kills came after the end")
    }

    /// Kills it so many microseconds after it has made so many files.
    ///
    /// - Returns: whether it had not ended before.
    private static func kill(atFile count: Int, plus wait: Int) async throws -> Bool {
        let stack = try Stack(["main.yaml": spec])
        let isHit = try await ProcessGate.shared.pass {
            let process = try stack.start(["apply", "--auto-approve"])
            let deadline = ContinuousClock.now + .seconds(30)
            while stack.list("out").count < count, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(1))
            }
            try await Task.sleep(for: .microseconds(wait))
            process.send(SIGKILL)
            return await process.result().signal == SIGKILL
        }
        try await stack.apply()
        let files = (0..<100).map { "f\($0)" }.sorted()
        #expect(stack.list("out") == files, "killed \(wait) µs after \(count) files")
        #expect(try await stack.recorded() == files.map { "local_file.a[\"\($0)\"]" })
        for file in files { #expect(stack.read("out/\(file)") == "this is \(file)") }
        try await stack.expectNoChanges()
        return isHit
    }
}
