import PlumbModel
import Reporting
import Testing

/// The issue about a stack's drift, as it reads and as a forge's own parser takes it.
@Suite struct DriftIssueTests {
    private static func finding(
        _ address: ResourceAddress, _ path: AttributePath, _ expected: Value, _ live: Value,
        mode: DriftMode = .warn, remedy: DriftCheck.Remedy = .update, _ change: (inout DriftRecord) -> Void = { _ in }
    ) -> DriftCheck.Finding {
        var record = DriftRecord(
            address: address, path: path, fingerprint: "f", expected: expected, live: live,
            firstSeen: 1_795_306_279, lastSeen: 1_795_309_000)
        change(&record)
        return DriftCheck.Finding(
            record: record, mode: mode, hold: nil, declaredAt: SourceLocation(path: "main.yaml", line: 3, column: 3),
            remedy: remedy)
    }

    @Test func reads() throws {
        let issue = DriftIssue(
            stack: "prod/dns",
            findings: [
                Self.finding(ResourceAddress("dns_record", "www"), AttributePath("ttl"), 300, 60) {
                    $0.writer = DriftAuthor("alice", at: nil)
                },
                Self.finding(
                    ResourceAddress("dns_record", "www"), AttributePath("token"), Value.string("HIDDEN").sensitive(),
                    Value.string("HIDDEN too").sensitive(), mode: .heal, remedy: .none("a window is closed")),
                Self.finding(ResourceAddress("vm", "db", key: .name("it's")), AttributePath(), .null, .null),
                Self.finding(
                    ResourceAddress("vm", "web"), AttributePath("memory"), 2048, 4096, mode: .heal
                ) {
                    $0.status = .contended
                    $0.heals = 3
                },
            ], link: "https://plumb.example.org/#/prod%2Fdns")
        #expect(issue.title == "Drift in `prod/dns`")
        try GoldenFile.expect(issue.body, equals: "drift-issue")
        #expect(!issue.body.contains("HIDDEN"))
        #expect(
            DriftIssue.farewell(
                stack: "prod/dns", revision: "4f0c3a1f0c3a1f0c3a1f", isAccepted: false, time: 1_795_306_279)
                == "The drift in `prod/dns` is gone: it was in sync at revision `4f0c3a1f0c3a` at 2026-11-22 00:11 UTC."
        )
    }

    @Test func isBoundedAndSaysWhatIsLeftOut() {
        let findings = (0..<3000).map { number in
            Self.finding(
                ResourceAddress("dns_record", "r\(number)"), AttributePath("ttl"), 300,
                .string(String(repeating: "`", count: 500)))
        }
        let body = DriftIssue(stack: "big", findings: findings, link: nil).body
        #expect(body.unicodeScalars.count < 60_000)
        #expect(body.contains("3000 places of 3000 resources") && body.contains("more places; `plumb drift` lists all"))
        let one = (0..<3000).map { number in
            Self.finding(ResourceAddress("dns_record", "r"), AttributePath("k\(number)"), 1, 2)
        }
        let text = DriftIssue(stack: "big", findings: one, link: nil).body
        #expect(text.unicodeScalars.count < 60_000 && text.contains("and 2900 more places"))
    }

    @Test(.enabled(if: PullRequestCommentTests.canJudge, "Tests/Services/python-servers install makes the parser"))
    func strangersTextsStayText() throws {
        var strangers = Strangers(seed: 7)
        var texts: [(String, String)] = []
        for round in 0..<80 {
            let findings = strangers.findings()
            let issue = DriftIssue(stack: strangers.text(), findings: findings, link: "https://plans.example/#/x")
            let farewell = DriftIssue.farewell(
                stack: strangers.text(), revision: strangers.text(), isAccepted: round % 2 == 0, time: 0)
            let mark = "<!-- plumbline:pull-request:x -->\n"
            texts.append(("\(round)", mark + issue.title + "\n\n" + issue.body + "\n\n" + farewell))
        }
        try PullRequestCommentTests.judge(texts)
    }
}
