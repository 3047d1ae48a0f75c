import PlumbModel

/// Makes pull requests in which every text that a user can choose is chosen by somebody who wants to break out.
struct Strangers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private static let pieces = [
        "STRANGER", "@octocat", "@org/team", "#123", "GH-7", "owner/repo#9", "```", "````", "~~~", "`", "``",
        "<details>",
        "</details>", "</summary>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!--", "-->", "--!>",
        "![x](https://evil.example/x.png)", "[y](javascript:alert(1))", "https://evil.example", "www.evil.example",
        "a@evil.example", "|", "\\|", "\\", "\n", "\r\n", "\n\n", "\n```\n", "\n# x\n", "\n---\n", "\n- [ ] x\n", "> q",
        "**b**", "__u__", "~~s~~", "&lt;", "&#64;", "&amp;", "\u{202E}", "\u{200B}", "\u{2066}", "\u{FEFF}",
        "\u{1B}[31m-",
        "\u{1B}[1m", "\u{0}", "\u{AD}", "$x$", ":tada:", "[^1]", "[^1]: x", "<a href='x'>", "</code>", "</pre>", "日本",
        "👨‍👩‍👧", "9c1185a5c5e9fc549c1185a5c5e9fc549c1185a5", "+", "-", "!", "@@ x @@", " ", "\t", "\"", "'", "${x}",
        String(repeating: "\u{301}", count: 2000),
    ]

    private mutating func number(below limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }

    /// Some pieces, and always the word that a judge looks for.
    mutating func text() -> String {
        let before = (0..<number(below: 6)).map { _ in Strangers.pieces[number(below: Strangers.pieces.count)] }
        let after = (0..<number(below: 6)).map { _ in Strangers.pieces[number(below: Strangers.pieces.count)] }
        return before.joined() + "STRANGER" + after.joined()
    }

    private mutating func value(_ depth: Int = 0) -> Value {
        switch number(below: depth > 2 ? 3 : 6) {
        case 0, 1, 2: return .string(text())
        case 3: return .tuple((0..<number(below: 4)).map { _ in value(depth + 1) })
        case 4: return .string(text() + "\n" + text() + "\n" + text())
        default: return object(depth + 1)
        }
    }

    private mutating func object(_ depth: Int = 0) -> Value {
        .object(ValueMap((0..<number(below: 4)).map { _ in (text(), value(depth)) }))
    }

    private mutating func address() -> ResourceAddress {
        ResourceAddress("page", "evil", key: .name(text()))
    }

    private mutating func change() -> PlannedChange {
        switch number(below: 5) {
        case 0: creation(address(), object())
        case 1: update(address(), from: object(), to: object())
        case 2: deletion(address(), object(), reason: .keyGone)
        case 3: replacement(address(), from: object(), to: object(), reason: .refusedUpdate(text()))
        default: replacement(address(), from: object(), to: object(), reason: .triggered([text(), text()]))
        }
    }

    private mutating func diagnostic(_ severity: Diagnostic.Severity) -> Diagnostic {
        let spec = text()
        let file = SourceFile(path: text(), text: spec)
        return Diagnostic(
            severity, "Something is wrong", text(), address: address(),
            at: SourceRange(file: file, start: 0, end: spec.utf8.count), notes: [Diagnostic.Note(text())])
    }

    private mutating func stack() -> PullRequestPlans.Stack {
        let name = text()
        guard number(below: 5) > 0 else {
            return PullRequestPlans.Stack(
                name: name, directory: text(), plan: nil, problems: Diagnostics([diagnostic(.error)]), causes: [text()])
        }
        var changes = (0..<number(below: 6)).map { _ in change() }
        for index in changes.indices where number(below: 3) == 0 { changes[index].isIrreversible = true }
        for index in changes.indices where number(below: 3) == 0 { changes[index].bookkeeping.isProtected = true }
        for index in changes.indices { changes[index].declaredAt = SourceLocation(path: text(), line: 3, column: 1) }
        var stack = PullRequestSituation.stack(name, changes)
        stack.directory = text()
        stack.digest = text()
        stack.causes = [text(), text()]
        stack.standing = [.present, .added, .removed][number(below: 3)]
        stack.link = "https://plans.example/" + text()
        stack.problems = Diagnostics([diagnostic(.warning)])
        stack.movement = .changed(PlanDelta(added: [address()], gone: [address()]))
        stack.plan?.outputs = [PlannedOutput(name: text(), action: .update, before: value(), after: value())]
        stack.plan?.policies = [
            PolicyResult(text(), .deny, .fail, problems: [text(), text()], waivers: [text()]),
            PolicyResult(text(), .warn, .waived([text()]), problems: [text()]),
        ]
        stack.plan?.checks = [CheckResult(.check(text()), .fail, problems: [text()])]
        stack.plan?.moves = [PlannedMove(from: address(), to: address(), declaredAt: nil)]
        stack.plan?.drift = [
            DriftedResource(
                address: address(), recorded: object(), live: object(), livePrivateData: nil, declaredAt: nil,
                isRelevant: true)
        ]
        stack.plan?.recoveries = [
            PlannedRecovery(intent: "1", address: address(), action: .update, finding: .hold(text()))
        ]
        stack.plan?.origin.targets = [text()]
        return stack
    }

    mutating func plans() -> PullRequestPlans {
        PullRequestPlans(
            key: text(), stacks: (0..<number(below: 5)).map { _ in stack() }, revision: text(),
            previousRevision: text(),
            noLongerAffected: [text(), text()], link: "https://plans.example/" + text())
    }

    mutating func findings() -> [DriftCheck.Finding] {
        (0..<(1 + number(below: 5))).map { _ in
            var record = DriftRecord(
                address: address(), path: AttributePath(text()), fingerprint: "f", expected: value(), live: value(),
                firstSeen: 0, lastSeen: 0)
            record.writer = DriftAuthor(text())
            record.status = number(below: 3) == 0 ? .contended : .open
            return DriftCheck.Finding(
                record: record, mode: [.warn, .heal][number(below: 2)], hold: nil,
                declaredAt: SourceLocation(path: text(), line: 3, column: 1),
                remedy: [.none(text()), .failed, .update][number(below: 3)])
        }
    }
}
