import Foundation
import Testing

/// The process is killed at random times while it makes a hundred files.
struct RandomKillTests {
    private static let spec = """
        resources:
          local_file.a:
            for_each: '${toset([for i in range(100) : "f${i}"])}'
            spec: {filename: "out/${each.key}", content: "this is ${each.key}"}
        """

    @Test func theNextApplyConvergesByItself() async throws {
        let whole = try Stack(["main.yaml": Self.spec])
        let duration = try await whole.apply().duration
        try await withThrowingTaskGroup { group in
            for _ in 0..<20 {
                let moment = Double.random(in: 0...duration)
                group.addTask { try await Self.kill(after: moment) }
            }
            try await group.waitForAll()
        }
    }

    private static func kill(after moment: Double) async throws {
        let stack = try Stack(["main.yaml": spec])
        try await ProcessGate.shared.pass {
            let process = try stack.start(["apply", "--auto-approve"])
            try await Task.sleep(for: .seconds(moment))
            process.send(SIGKILL)
            _ = await process.result()
        }
        try await stack.apply()
        let files = (0..<100).map { "f\($0)" }.sorted()
        #expect(stack.list("out") == files, "killed after \(moment) s")
        #expect(try await stack.recorded() == files.map { "local_file.a[\"\($0)\"]" })
        for file in files { #expect(stack.read("out/\(file)") == "this is \(file)") }
        try await stack.expectNoChanges()
    }
}
