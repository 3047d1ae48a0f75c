import PlumbModel
import Testing

@testable import PullRequests

/// What comments order.
struct PullRequestCommandTests {
    @Test(arguments: [
        ("plumb plan", PullRequestCommand(.plan)),
        ("  Plumb   APPLY  \t", PullRequestCommand(.apply)),
        ("plumb\u{A0}unlock", PullRequestCommand(.unlock)),
        ("plumb help", PullRequestCommand(.help)),
        ("Looks good to me!\r\n\r\nplumb apply\r\n", PullRequestCommand(.apply)),
        ("plumb apply -s dns", PullRequestCommand(.apply, stacks: ["dns"])),
        ("plumb apply --stack=teams/*/dns -s 'web'", PullRequestCommand(.apply, stacks: ["teams/*/dns", "web"])),
        ("plumb plan --ALL", PullRequestCommand(.plan, isAll: true)),
        ("plumb plan \u{2014}all", PullRequestCommand(.plan, isAll: true)),
        ("plumb is great\nplumb plan", PullRequestCommand(.plan)),
        ("plumb plan\nplumb apply", PullRequestCommand(.plan)),
        ("> plumb apply\n\nplumb plan", PullRequestCommand(.plan)),
        ("> quoted\r\n\r\nplumb plan", PullRequestCommand(.plan)),
        ("```\nplumb apply\n```\nplumb plan", PullRequestCommand(.plan)),
        ("`x` and ``` y ``` \nplumb plan", PullRequestCommand(.plan)),
        ("<!-- plumb apply\nplumb apply\n-->\nplumb plan", PullRequestCommand(.plan)),
    ]) func areRead(_ body: String, _ command: PullRequestCommand) {
        #expect(PullRequestCommand.read(body) == .command(command))
    }

    @Test(arguments: [
        "", "LGTM", "I would plumb apply this", "plumbline apply", "`plumb apply`", "plumb is great",
        "> plumb apply", "  > plumb apply", "> a\nplumb apply", "> a\r\nplumb apply",
        "- ```\n  plumb apply\n  ```", "1. ```sh\n   plumb apply\n   ```", "<blockquote>\nplumb apply\n</blockquote>",
        "```\nplumb apply\n```", "~~~ yaml\nplumb apply\n~~~", "````\n```\nplumb apply\n````", "```\nplumb apply",
        "    plumb apply", "\tplumb apply", "<!--\nplumb apply\n-->", "<!-- plumb apply -->",
        "<pre>\nplumb apply\n</pre>",
        "<PRE>\nplumb apply", "- plumb apply", "<!-- a --><!--\nplumb apply",
    ]) func otherTextsOrderNothing(_ body: String) { #expect(PullRequestCommand.read(body) == .none) }

    @Test(arguments: [
        ("plumb", "alone"), ("plumb aply", "Did you mean `apply`?"), ("plumb destroy", "no command `destroy`"),
        ("plumb plan --al", "Did you mean `--all`?"), ("plumb plan --force", "no option `--force`"),
        ("plumb apply dns", "no further word `dns`"), ("plumb apply -s", "wants the name"),
        ("plumb apply -s --all", "wants the name"), ("plumb apply --stack=", "wants the name"),
        ("plumb apply --all -s dns", "leave `--stack` out"), ("plumb help --all", "takes nothing else"),
        ("plumb apply -s [", "cannot be read"), ("plumb --all", "no command `--all`"),
    ]) func mistakesAreToldWithWhatToDo(_ body: String, _ words: String) {
        guard case .mistaken(let text) = PullRequestCommand.read(body) else {
            Issue.record("\(PullRequestCommand.read(body))")
            return
        }
        #expect(text.contains(words), "\(text)")
    }

    /// What a stranger writes comes back in no form that a forge would act on.
    @Test(arguments: [
        "plumb @acme/everybody", "plumb `x`@ada", "plumb <img>", "plumb plan #7", "plumb plan https://evil.example",
        "plumb \u{202E}nalp", "plumb apply -s `[", "plumb [x](y)",
    ]) func nothingHarmfulIsEchoed(_ body: String) {
        guard case .mistaken(let text) = PullRequestCommand.read(body) else {
            Issue.record("\(PullRequestCommand.read(body))")
            return
        }
        #expect(!text.contains { "@#<>\u{202E}:()".contains($0) && $0 != ":" } && !text.contains("://"), "\(text)")
    }

    /// Time must not grow with the square of what somebody writes.
    @Test func hugeCommentsAreReadInNoTime() {
        let clock = ContinuousClock()
        let bodies = [
            String(repeating: "plumb ", count: 200_000), String(repeating: "<!--", count: 250_000),
            String(repeating: "> \n", count: 300_000), String(repeating: "\n", count: 1_000_000),
            String(repeating: "<!-- --> ", count: 100_000), "plumb apply " + String(repeating: "-s a ", count: 100),
            String(repeating: "<!-- -->\n", count: 100_000), "plumb " + String(repeating: "\u{301}", count: 400_000),
        ]
        for body in bodies {
            let time = clock.measure { _ = PullRequestCommand.read(body) }
            #expect(time < .seconds(2), "\(body.prefix(8)): \(time)")
        }
    }

    @Test func whatStandsFarBelowIsNotLookedAt() {
        let text = String(repeating: "word \n", count: 8_000)
        #expect(PullRequestCommand.read(text + "plumb apply") == .command(PullRequestCommand(.apply)))
        #expect(PullRequestCommand.read(text + text + "plumb apply") == .none)
    }

    @Test func helpSaysWhatThereIs() {
        #expect(CommandHelp(.onComment).text.contains("plumb unlock"))
        #expect(!CommandHelp(.onMerge).text.contains("plumb apply"))
        #expect(CommandHelp(.onMerge).text.contains("merged"))
        for action in [PullRequestCommand.Action.plan, .help] {
            #expect(CommandHelp(.off).text(after: "No.").contains("`plumb \(action.rawValue)`"))
        }
    }
}
