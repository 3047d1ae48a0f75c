import Foundation
import GitFixtures
import PlumbModel
import PostgreSQLFixtures
import Testing

/// Several controllers on one database.
@Suite(.enabled(if: PostgreSQLServer.isExpected)) struct ControllerCrowdTests {
    private static let count = 12

    private static func write(_ site: ControllerSite, _ content: String) throws {
        for index in 0..<count {
            try site.write("stacks/s\(index)/stack.yaml", "stack: s\(index)\n")
            try site.write("stacks/s\(index)/main.yaml", ControllerSite.file("f\(index)", content))
        }
        try site.repository.commit(content)
    }

    private static func wait(_ site: ControllerSite, _ content: String) async throws {
        try await site.wait("all \(content)", seconds: 60) {
            (0..<count).allSatisfy { site.content("f\($0)") == content }
        }
    }

    @Test func theyShareTheStacksAndOneThatIsKilledIsSucceeded() async throws {
        let server = try await PostgreSQLServer.shared()
        let schema = server.newSchema()
        let site = try ControllerSite(
            [:], settings: "state: {postgres: {url: \"${env.PLUMB_STATE_URL}\", schema: \"\(schema)\"}}",
            environment: ["PLUMB_STATE_URL": server.url])
        try Self.write(site, "one")
        let first = try site.start(deadline: 150)
        let second = try site.start(deadline: 150)
        try await Self.wait(site, "one")
        // Until each knows of the other.
        try await Task.sleep(for: .seconds(6))
        try Self.write(site, "two")
        try await Self.wait(site, "two")
        first.send(SIGKILL)
        try Self.write(site, "three")
        try await Self.wait(site, "three")
        second.send(SIGTERM)
        let (killed, survivor) = (await first.result(), await second.result())
        #expect(survivor.code == 0, "\(survivor.errors)")
        let two = Set(
            [killed, survivor].flatMap { result in
                ((try? result.logged("stack is converged")) ?? []).compactMap { $0[key: "applied"]?.asString }
            })
        #expect(two.count == 3)
        for result in [killed, survivor] {
            let stacks = try Set(result.logged("stack is converged").compactMap { $0[key: "stack"]?.asString })
            #expect(!stacks.isEmpty)
            #expect(!(result.errors).contains(server.password))
        }
        let once = try await site.once()
        #expect(once.code == 0, "\(once.errors)")
    }
}
