import Applying
import Foundation
import GitFixtures
import Operations
import Planning
import PlumbModel
import Repositories
import StackFixtures
import Testing

/// Stacks of a followed repository, which nobody has checked out.
struct UncheckedOutStackTests {
    private let origin: TemporaryRepository
    private let home: TemporaryRepository
    private let followed: FollowedRepository

    init() throws {
        origin = try TemporaryRepository()
        home = try TemporaryRepository(bare: true)
        try origin.write("stacks/web/stack.yaml", "stack: web\n")
        try origin.write(
            "stacks/web/main.yaml",
            """
            modules:
              net: {source: ../../modules/net}
            resources:
              local_file.a: {spec: {filename: out/a.txt, content: '${file("text")} ${stack.branch}'}}
            outputs:
              files: {value: '${join(",", fileset("parts", "*"))}'}
            """)
        try origin.write("stacks/web/text", "one")
        try origin.write("stacks/web/parts/p1", "")
        try origin.write("stacks/web/README", "")
        try origin.write("modules/net/main.yaml", "resources:\n  data_value.n: {spec: {input: 1}}\n")
        try origin.commit()
        followed = FollowedRepository(
            RepositoryDeclaration(name: "it", url: origin.path, target: .branch("main")),
            cache: home.path + "/caches", environment: [:])
    }

    private func open(_ commit: String) async throws -> StackSession {
        let folder = home.path + "/stacks/web"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return try await StackSession.open(
            StackLocation(source: try followed.source(at: commit, folder: "stacks/web"), directory: folder),
            capabilities: StackFixture.capabilities, environment: [:])
    }

    @Test func aStackIsAppliedFromACommit() async throws {
        let commit = try followed.newest().commit
        let session = try await open(commit)
        #expect(session.revision == commit)
        #expect(session.location.revision == commit)
        let plan = try await PlanOperation(session).run(PlanOptions()) { _ in }.plan
        #expect(plan.origin.revision == commit)
        let outcome = try await ApplyOperation(session, holder: StackFixture.holder).run(
            plan, parallelism: 2, control: .init()
        ) { _ in }
        #expect(outcome.succeeded)
        await session.close()
        #expect(try String(contentsOfFile: home.path + "/stacks/web/out/a.txt", encoding: .utf8) == "one main")
        // What is recorded is found again without any checkout, also by what reads the state alone.
        let state = try await StateOperation.open(
            StackLocation(
                source: try followed.source(at: commit, folder: "stacks/web"), directory: home.path + "/stacks/web"),
            capabilities: StackFixture.capabilities, environment: [:])
        #expect(try await state.snapshot().resources.count == 2)
        await state.close()
        try origin.write("stacks/web/text", "two")
        try origin.commit()
        let next = try await open(try followed.newest().commit)
        #expect(try await PlanOperation(next).run(PlanOptions()) { _ in }.plan.summary == ["update local_file.a"])
        await next.close()
    }

    @Test func theReadingTellsWhichCommitsConcernAStack() async throws {
        let first = try followed.newest().commit
        let session = try await open(first)
        _ = try await PlanOperation(session).run(PlanOptions()) { _ in }
        let reading = session.reading
        await session.close()
        #expect(
            reading.files.isSuperset(of: ["stack.yaml", "main.yaml", "text", "../../modules/net/main.yaml"])
                && !reading.files.contains("README"))
        #expect(reading.folders.isSuperset(of: [".", "parts", "../../modules/net"]))
        #expect(!reading.namesRevision)
        var hash = try followed.contentHash(of: reading, folder: "stacks/web", at: first)
        /// Whether a commit gives another hash than the one before.
        func changes(_ file: String, _ text: String) throws -> Bool {
            try origin.write(file, text)
            try origin.commit()
            let next = try followed.contentHash(
                of: reading, folder: "stacks/web", at: try followed.newest().commit)
            defer { hash = next }
            return next != hash
        }
        #expect(try !changes("stacks/web/README", "words"))
        #expect(try !changes("stacks/db/stack.yaml", "stack: db"))
        #expect(try changes("stacks/web/text", "two"))
        #expect(try changes("stacks/web/parts/p2", ""))
        #expect(try changes("modules/net/main.yaml", "resources:\n  data_value.n: {spec: {input: 2}}\n"))
        #expect(try changes("stacks/web/more.yaml", "outputs: {a: {value: '${stack .revision}'}}\n"))
        let naming = try await open(try followed.newest().commit)
        #expect(naming.reading.namesRevision)
        await naming.close()
    }

    @Test func aBrokenSpecIsToldWithItsPlace() async throws {
        try origin.write("stacks/web/main.yaml", "resources:\n  local_fiel.a: {spec: {filename: a, content: b}}\n")
        try origin.commit()
        let commit = try followed.newest().commit
        let problems = await #expect(throws: Diagnostics.self) { try await open(commit) }
        #expect(problems?.all.first?.source?.file.path == "main.yaml")
    }
}
