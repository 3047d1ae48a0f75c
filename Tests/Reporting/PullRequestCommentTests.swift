import Foundation
import PlumbModel
import Reporting
import Testing
import ThrowawayServers

/// The comment on a pull request, as it reads and as a forge's own parser takes it.
@Suite struct PullRequestCommentTests {
    @Test(arguments: PullRequestSituation.all)
    func reads(_ situation: PullRequestSituation) throws {
        let text = PullRequestComment(situation.plans, budget: situation.budget).text()
        try GoldenFile.expect(text, equals: "pull-request/\(situation.name)")
    }

    @Test(arguments: PullRequestSituation.all)
    func keepsSecretsAndTheBudget(_ situation: PullRequestSituation) {
        for budget in [500, 1000, 2000, 4000, 8000, 16_000, 65_536, 1_000_000] {
            let text = PullRequestComment(situation.plans, budget: budget).text()
            #expect(text.utf8.count <= budget)
            #expect(!text.contains("HIDDEN"))
            #expect(!text.contains("424242"))
            #expect(text.hasPrefix(PullRequestComment.marker("main")))
        }
    }

    /// 300 stacks with 5,000 changes within what GitHub takes, fast, and with something to read for each stack.
    @Test func tellsOfManyStacks() {
        let stacks = (0..<300).map { number in
            PullRequestSituation.stack(
                "team-\(number % 12)/service-\(number)",
                PullRequestSituation.many(number % 3 == 0 ? 30 : 10) { address, index in
                    switch index % 10 {
                    case 9 where number % 20 == 0: deletion(address, PullRequestSituation.host(index, ttl: 300))
                    case 0...3: creation(address, PullRequestSituation.host(index, ttl: 300))
                    default:
                        update(
                            address, from: PullRequestSituation.host(index, ttl: 300),
                            to: PullRequestSituation.host(index, ttl: 60))
                    }
                })
        }
        let plans = PullRequestPlans(key: "main", stacks: stacks, link: "https://plans.example/runs/7")
        #expect(stacks.reduce(0) { $0 + ($1.plan?.changes.count ?? 0) } == 5000)
        let clock = ContinuousClock()
        var text = ""
        let time = clock.measure { text = PullRequestComment(plans).text() }
        print("A comment about 300 stacks and 5,000 changes: \(text.utf8.count) bytes in \(time)")
        #expect(text.utf8.count <= 65_536)
        #expect(text.utf8.count > 40_000)
        for stack in stacks { #expect(text.contains(stack.name)) }
        #expect(text.contains("Left out to keep within 65,536 characters"))
        // Unoptimised code on a busy machine takes several times what a release does.
        #expect(time < .seconds(30))
    }

    @Test func tellsApartTwoPlans() {
        let old = PullRequestSituation.stack("a", [PullRequestSituation.slower, PullRequestSituation.machine]).plan
        let new = PullRequestSituation.stack("a", [PullRequestSituation.slower, PullRequestSituation.record]).plan
        guard let old, var new else { return #expect(Bool(false)) }
        #expect(
            PlanDelta(from: old, to: new)
                == PlanDelta(added: [ResourceAddress("dns_record", "api")], gone: [ResourceAddress("vm", "old")]))
        #expect(PlanDelta(from: new, to: new).isEmpty)
        new.changes[0].after = ["ttl": 5]
        #expect(PlanDelta(from: old, to: new).different == [ResourceAddress("dns_record", "www")])
    }

    private static let python: String? = {
        let script = ThrowawayServer.services.appendingPathComponent("python-servers")
        guard let result = try? ThrowawayProcess.run(script, ["path"]), result.status == 0 else { return nil }
        return String(decoding: result.output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }()

    static let canJudge = python != nil || ProcessInfo.processInfo.environment["CI"] != nil

    static func judge(_ texts: [(name: String, text: String)]) throws {
        let python = try #require(PullRequestCommentTests.python)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("comments-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var files: [String] = []
        for (name, text) in texts {
            let file = folder.appendingPathComponent("\(name).md")
            try Data(text.utf8).write(to: file)
            files.append(file.path)
        }
        let program = ThrowawayServer.services.appendingPathComponent("markdown-judge.py").path
        let result = try ThrowawayProcess.run(URL(fileURLWithPath: python), [program] + files, within: .seconds(120))
        #expect(result.status == 0, "\(String(decoding: result.output.prefix(4000), as: UTF8.self))")
    }

    @Test(.enabled(if: canJudge, "Tests/Services/python-servers install makes the parser"))
    func isTakenForWhatItIs() throws {
        try Self.judge(
            PullRequestSituation.all.map { ($0.name, PullRequestComment($0.plans, budget: $0.budget).text()) })
    }

    @Test(.enabled(if: canJudge, "Tests/Services/python-servers install makes the parser"))
    func strangersTextsStayText() throws {
        var strangers = Strangers(seed: 20_251)
        var texts: [(String, String)] = []
        for round in 0..<60 {
            let plans = strangers.plans()
            for budget in [700, 3000, 12_000, 65_536] {
                let text = PullRequestComment(plans, budget: budget).text()
                #expect(text.utf8.count <= budget)
                texts.append(("\(round)-\(budget)", text))
            }
        }
        try Self.judge(texts)
    }
}
