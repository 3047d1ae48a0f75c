import Foundation
import GitFixtures
import PlumbModel
import Testing

/// Stacks that come after others, and wait until those are ready.
@Suite struct ControllerDependencyTests {
    private static func base(_ nodes: Int) -> String {
        """
        resources:
          local_file.base: {spec: {filename: "FOLDER/base", content: "\(nodes)"}}
        outputs:
          nodes: {value: \(nodes)}
          token: {value: "s3cret-of-base", sensitive: true}

        """
    }

    private static func site(_ ready: String, settings: String = "") throws -> ControllerSite {
        try ControllerSite(
            [
                "stacks/base/stack.yaml": "stack: base\n", "stacks/base/main.yaml": base(1),
                "stacks/app/stack.yaml": "stack: app\nsync: {after: [{stack: base, ready: '\(ready)'}]}\n",
                "stacks/app/main.yaml": ControllerSite.file("app", "x"),
            ], settings: settings)
    }

    @Test func aStackWaitsUntilTheOneBeforeItIsReady() async throws {
        let site = try Self.site("${outputs.nodes >= 3 && outputs.token != \"\" && status.drift_count == 0}")
        var seconds = 0.0
        let result = try await site.running {
            try await site.wait("base", is: "1")
            // So long that what only tries again would have long pauses by now.
            try await Task.sleep(for: .seconds(6))
            #expect(site.content("app") == nil)
            try site.write("stacks/base/main.yaml", Self.base(3))
            try site.repository.commit()
            try await site.wait("base", is: "3")
            seconds = try await site.wait("app", is: "x")
        }
        print("what waited was applied \(seconds) s after what it waited for")
        #expect(seconds < 5)
        let reasons = try result.logged("stack is waiting").compactMap { $0[key: "reason"]?.asString }
        let told = reasons.first { $0.contains("which is not ready yet") } ?? ""
        #expect(told.contains("&& status.drift_count == 0}` is not true: outputs.nodes is 1"), "\(reasons)")
        #expect(told.contains("outputs.token is secret") && !result.errors.contains("s3cret-of-base"), "\(told)")
    }

    @Test func anOutputThatIsNotThereYetIsWaitedFor() async throws {
        let site = try Self.site("${outputs.nodez >= 3}")
        let result = try await site.once()
        #expect(result.code == 2, "\(result.errors)")
        #expect(result.errors.contains("no output \\\"nodez\\\". Did you mean \\\"nodes\\\"?"), "\(result.errors)")
        #expect(site.content("app") == nil)
    }

    @Test func whatCannotBeJudgedHaltsTheStack() async throws {
        let site = try Self.site("${outputs.nodes}")
        let result = try await site.once()
        #expect(result.code == 1)
        let reason = try result.logged("stack is halted").last?[key: "reason"]?.asString ?? "-"
        #expect(reason.contains("`ready` is true or false, but this is a number"), "\(reason)")
        #expect(reason.contains("stack.yaml:2"), "\(reason)")
        #expect(site.content("app") == nil && site.content("base") == "1")
    }

    @Test(arguments: [
        ("[{stack: base, ready: true}]", "is an expression over `outputs` and `status`"),
        ("[{stack: base, ready: '${var.x}'}]", "can refer to its `outputs` and `status` alone"),
        ("[{stack: base, ready: '${status.phse == \"x\"}'}]", "Did you mean \"phase\"?"),
        ("[{stack: base, ready: '${1 +}'}]", "stack.yaml:2:"), ("[{stack: base, ready: '${3}'}]", "true or false"),
        ("[{stack: base, raedy: '${true}'}]", "Did you mean \"ready\"?"),
        ("[{ready: '${true}'}]", "is the name of a stack"), ("[[base]]", "holds names of stacks"),
        ("[base, {stack: base}]", "twice"), ("[{stack: base, ready: '${file(\"x\")}'}]", "stack.yaml:2:"),
    ])
    func whatIsWrongIsSaidWhenTheSpecIsRead(_ after: String, _ words: String) async throws {
        let stack = try Stack(["stack.yaml": "stack: test\nsync: {after: \(after)}\n"])
        let result = try await stack.plumb("validate")
        #expect(result.code == 1, "\(result.output)")
        #expect(result.words.contains(words), "\(result.errors)")
    }

    @Test func whatIsRightIsTaken() async throws {
        let stack = try Stack([
            "stack.yaml": "stack: test\nsync: {after: [dns, {stack: base}, {stack: net, ready: '${outputs.a[0].b}'}]}\n"
        ])
        #expect(try await stack.plumb("validate").code == 0)
    }
}
