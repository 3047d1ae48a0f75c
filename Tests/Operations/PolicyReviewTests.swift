import Operations
import PlumbModel
import Testing

/// What waives an offence, and what does not.
@Suite struct PolicyReviewTests {
    private static func policy(
        _ condition: String, _ effect: PolicyResult.Effect = .deny, waivers: [String] = ["ada"]
    ) -> PolicyDeclaration {
        let file = SourceFile(path: "stack.yaml", text: "\"\(condition)\"")
        let range = SourceRange(file: file, start: 0, end: file.bytes.count)
        return PolicyDeclaration(
            name: "p", nameRange: range, effect: effect, rule: .command(words: ["sh", "-c", condition], seconds: 20),
            message: nil, waivers: waivers)
    }

    private static func judge(_ policy: PolicyDeclaration, by approvers: Set<String>, runs: Bool = true) async
        -> [PolicyResult]
    {
        await PolicyReview([policy], directory: "/", environment: ["PATH": "/usr/bin:/bin"], runsCommands: runs)
            .judge("{}", approvers: approvers)
    }

    @Test func onlyThoseNamedWaive() async {
        let offending = Self.policy("echo Bad.; exit 1")
        #expect(await Self.judge(offending, by: ["grace"]).first?.refuses == true)
        let waived = await Self.judge(offending, by: ["ada", "grace"])
        #expect(waived.first?.status == .waived(["ada"]))
        #expect(waived.first?.refuses == false)
        #expect(waived.first?.problems == ["Bad."])
        #expect(await Self.judge(Self.policy("exit 1", waivers: []), by: ["ada"]).first?.refuses == true)
    }

    @Test func whatCannotBeJudgedIsNotWaived() async {
        #expect(await Self.judge(Self.policy("exit 9"), by: ["ada"]).first?.refuses == true)
        let distrusted = await Self.judge(Self.policy("exit 0"), by: ["ada"], runs: false)
        #expect(distrusted.first?.status == .error)
        #expect(distrusted.first?.refuses == true)
        #expect(await Self.judge(Self.policy("exit 9", .warn), by: []).first?.refuses == false)
        #expect(await Self.judge(Self.policy("exit 0"), by: []).first?.status == .pass)
    }
}
