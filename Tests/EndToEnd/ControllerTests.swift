import Foundation
import GitFixtures
import PlumbModel
import Testing

/// `plumb controller`: a real repository, the real binary.
@Suite struct ControllerTests {
    private static let heal = "sync: {drift: {mode: heal, every: 500ms}}"

    private static func site(_ sync: String = "", settings: String = "") throws -> ControllerSite {
        try ControllerSite(
            [
                "stacks/web/stack.yaml": "stack: web\n\(sync)\n",
                "stacks/web/main.yaml": ControllerSite.file("motd", "one"),
            ],
            settings: settings)
    }

    @Test func aPushIsAppliedAndDriftIsHealed() async throws {
        let site = try Self.site(Self.heal)
        let result = try await site.running {
            try await site.wait("motd", is: "one")
            try site.write("stacks/web/main.yaml", ControllerSite.file("motd", "two"))
            try site.repository.commit()
            try await site.wait("motd", is: "two")
            try site.tamper("motd", "by hand")
            try await site.wait("motd", is: "two")
        }
        #expect(try result.logged("drift is healed").count == 1)
        #expect(try result.logged("stack is converged").count == 2)
    }

    @Test func aBrokenCommitStopsItsStackAloneIsToldOnceAndTheLastGoodOneIsHeld() async throws {
        let site = try Self.site(Self.heal)
        try site.write("stacks/other/stack.yaml", "stack: other\n")
        try site.write("stacks/other/main.yaml", ControllerSite.file("other", "one"))
        try site.repository.commit()
        let result = try await site.running {
            try await site.wait("motd", is: "one")
            try site.write("stacks/web/main.yaml", "resources: [")
            try site.write("stacks/other/main.yaml", ControllerSite.file("other", "two"))
            try site.repository.commit()
            try await site.wait("other", is: "two")
            try site.tamper("motd", "by hand")
            try await site.wait("motd", is: "one")
            try site.write("stacks/web/main.yaml", ControllerSite.file("motd", "three"))
            try site.repository.commit()
            try await site.wait("motd", is: "three")
        }
        let halted = try result.logged("stack is halted")
        #expect(halted.count == 1)
        #expect(halted.first?[key: "reason"]?.asString?.contains("main.yaml:1") == true)
    }

    @Test func whoeverFightsTheHealerIsLeftAloneAndTold() async throws {
        let site = try Self.site(Self.heal)
        let result = try await site.running {
            try await site.wait("motd", is: "one")
            for _ in 0..<3 {
                try site.tamper("motd", "mine")
                try await site.wait("motd", is: "one")
                // The check that saw it writes its record before the next one looks.
                try await Task.sleep(for: .seconds(0.7))
            }
            try site.tamper("motd", "mine")
            try await Task.sleep(for: .seconds(2.5))
            #expect(site.content("motd") == "mine")
        }
        #expect(try result.logged("drift is healed").count == 3)
        let reasons = try result.logged("stack is converged").compactMap { $0[key: "reason"]?.asString }
        #expect(reasons.last?.contains("plumb drift ignore local_file.motd content") == true, "\(reasons)")
    }

    @Test func aPolicyThatDeniesHaltsTheStack() async throws {
        let site = try Self.site(
            "policies: {small: {deny: \"${length(plan.resource_changes) > 1}\", message: One at a time.}}")
        #expect(try await site.once().code == 0)
        try site.write("stacks/web/more.yaml", ControllerSite.file("more", "one"))
        try site.repository.commit()
        let result = try await site.once()
        #expect(result.code == 1)
        let reason = try result.logged("stack is halted").last?[key: "reason"]?.asString
        #expect(
            reason?.contains("The policy \"small\" denies this plan. It says: One at a time.") == true,
            "\(reason ?? "-")")
        #expect(site.content("more") == nil)
    }

    @Test func aStackMayMoveToAnotherFolderAndIsNotRenamedByAccident() async throws {
        let site = try Self.site("sync: {prune: true}")
        #expect(try await site.once().code == 0)
        try site.repository.git("mv", "stacks/web", "stacks/shop")
        try site.write("stacks/shop/main.yaml", ControllerSite.file("motd", "two"))
        try site.repository.commit()
        let moved = try await site.once()
        #expect(moved.code == 0, "\(moved.errors)")
        #expect(site.content("motd") == "two")
        try site.write("stacks/shop/stack.yaml", "stack: shop\n")
        try site.repository.commit()
        let renamed = try await site.once()
        #expect(renamed.code == 1)
        #expect(renamed.errors.contains("is recorded under the name web"), "\(renamed.errors)")
    }

    @Test func whatIsNotThereAnyMoreIsNeverDestroyed() async throws {
        let site = try Self.site("sync: {prune: true, drift: {mode: heal, every: 300ms}}")
        let result = try await site.running {
            try await site.wait("motd", is: "one")
            try site.repository.git("rm", "-qr", "stacks")
            try site.repository.commit("gone")
            try await Task.sleep(for: .seconds(1.5))
            // Commits of others are no news of it.
            try site.write("README", "something else")
            try site.repository.commit("another")
            try await Task.sleep(for: .seconds(1))
            #expect(site.content("motd") == "one")
            try site.write("stacks/web/stack.yaml", "stack: web\nsync: {prune: true}\n")
            try site.repository.commit("an empty stack")
            try await Task.sleep(for: .seconds(1.5))
            #expect(site.content("motd") == "one")
        }
        let reasons = try result.logged("stack is halted").compactMap { $0[key: "reason"]?.asString }
        #expect(reasons.count == 2)
        #expect(reasons.first?.contains("is not there since revision") == true, "\(reasons)")
        #expect(reasons.last?.contains("would destroy all 1 resources") == true, "\(reasons)")
    }

    @Test func onlyAStackThatSaysSoIsPruned() async throws {
        let two = ControllerSite.file("a", "x") + "  local_file.b: {spec: {filename: \"FOLDER/b\", content: y}}\n"
        let site = try ControllerSite([
            "stacks/kept/stack.yaml": "stack: kept\n", "stacks/kept/main.yaml": two,
        ])
        #expect(try await site.once().code == 0)
        try site.write("stacks/kept/main.yaml", ControllerSite.file("a", "x"))
        try site.repository.commit()
        let kept = try await site.once()
        #expect(kept.code == 0)
        #expect(site.content("b") == "y")
        #expect(kept.errors.contains("local_file.b is no longer declared and left alone"))
        try site.write("stacks/kept/stack.yaml", "stack: kept\nsync: {prune: true}\n")
        try site.repository.commit()
        #expect(try await site.once().code == 0)
        #expect(site.content("b") == nil && site.content("a") == "x")
    }

    @Test func aManualStackWaitsAndADetectingOneOnlyTells() async throws {
        let site = try Self.site("sync: {mode: manual}")
        let result = try await site.once()
        #expect(result.code == 2)
        #expect(site.content("motd") == nil)
        #expect(try result.logged("stack is waiting").first?[key: "reason"]?.asString?.contains("`approve`") == true)
        try site.write("stacks/web/stack.yaml", "stack: web\nsync: {mode: detect}\n")
        try site.repository.commit()
        #expect(try await site.once().code == 2)
        #expect(site.content("motd") == nil)
        try site.write("stacks/web/stack.yaml", "stack: web\n")
        try site.repository.commit()
        #expect(try await site.once().code == 0)
        #expect(site.content("motd") == "one")
    }

    @Test func aClosedWindowIsWaitedFor() async throws {
        // Never open today: a day that is at least two days off.
        let day = (Calendar(identifier: .gregorian).component(.weekday, from: Date()) + 2) % 7
        let window = "windows: [{allow: \"0 3 * * \(day)\", for: 1h, zone: Europe/Berlin}]"
        let site = try Self.site("", settings: "defaults: {\(window)}")
        let result = try await site.once()
        #expect(result.code == 2)
        #expect(site.content("motd") == nil)
        #expect(result.errors.contains("No window to create is open; the next opens at"), "\(result.errors)")
    }

    @Test func aStackComesAfterTheOnesItNames() async throws {
        let site = try ControllerSite([
            "stacks/a/stack.yaml": "stack: a\nsync: {after: [b]}\n",
            "stacks/a/main.yaml": ControllerSite.file("a", "second"),
            "stacks/b/stack.yaml": "stack: b\n", "stacks/b/main.yaml": Self.slow,
            "stacks/c/stack.yaml": "stack: c\nsync: {after: [d]}\n",
            "stacks/c/main.yaml": ControllerSite.file("c", "x"),
            "stacks/d/stack.yaml": "stack: d\nsync: {after: [c]}\n",
            "stacks/d/main.yaml": ControllerSite.file("d", "x"),
        ])
        let result = try await site.running {
            try await site.wait("a", is: "second")
            let (done, after) = (try site.time(of: "done"), try site.time(of: "a"))
            #expect(done < after)
        }
        #expect(site.content("c") == nil && site.content("d") == nil)
        let halted = try result.logged("stack is halted").compactMap { $0[key: "reason"]?.asString }
        #expect(halted.contains { $0.contains("It is to come after itself: c -> d -> c") }, "\(halted)")
    }

    private static let slow = """
        resources:
          local_file.b: {spec: {filename: "FOLDER/b", content: x}}
          time_sleep.b: {depends_on: [local_file.b], spec: {create_duration: 1s}}
          local_file.done: {depends_on: [time_sleep.b], spec: {filename: "FOLDER/done", content: x}}

        """

    @Test func twoStacksOfOneNameDoNotShareAState() async throws {
        let site = try ControllerSite([
            "stacks/a/stack.yaml": "stack: same\n", "stacks/a/main.yaml": ControllerSite.file("a", "x"),
            "stacks/b/stack.yaml": "stack: same\n", "stacks/b/main.yaml": ControllerSite.file("b", "x"),
        ])
        let result = try await site.once()
        #expect(result.code == 1)
        #expect(site.content("a") == "x" && site.content("b") == nil)
        #expect(result.errors.contains("The stack in infra:stacks/a has the same name"))
    }

    @Test func anUnrelatedCommitMeansNothingToAStack() async throws {
        let site = try Self.site()
        #expect(try await site.once().code == 0)
        try site.write("README.md", "about")
        try site.repository.commit()
        let again = try await site.once()
        #expect(again.code == 0)
        #expect(try again.logged("stack is converged").isEmpty)
    }

    @Test func aSecondControllerOnSQLiteSaysWhyItDoesNotStart() async throws {
        let site = try Self.site()
        try await site.running {
            try await site.wait("motd", is: "one")
            let second = await (try site.start("--once")).result()
            #expect(second.code == 1)
            #expect(second.words.contains("Controller cannot begin"), "\(second.errors)")
        }
    }

    @Test func aConfigurationIsReadAnewAndAWrongOneIsRefusedWhole() async throws {
        let site = try Self.site(Self.heal)
        let process = try site.start()
        try await site.wait("motd", is: "one")
        try site.configure("concurency: 3")
        process.send(SIGHUP)
        try await Task.sleep(for: .seconds(1))
        try site.write("stacks/web/main.yaml", ControllerSite.file("motd", "two"))
        try site.repository.commit()
        try await site.wait("motd", is: "two")
        try site.configure("defaults: {mode: detect}")
        process.send(SIGHUP)
        try await Task.sleep(for: .seconds(1))
        try site.write("stacks/web/main.yaml", ControllerSite.file("motd", "three"))
        try site.repository.commit()
        try await Task.sleep(for: .seconds(2))
        process.send(SIGTERM)
        let result = await process.result()
        #expect(result.code == 0)
        #expect(site.content("motd") == "two")
        #expect(result.errors.contains("Did you mean \\\"concurrency\\\"?"), "\(result.errors)")
        #expect(try result.logged("configuration is read anew").count >= 1)
    }

    @Test func aWrongConfigurationTellsAllAtOnce() async throws {
        let site = try Self.site()
        try site.configure("concurrency: many\ndefaults: {drift: {mode: hael}}\nshutdown: 5 minutes")
        let result = try await site.once()
        #expect(result.code == 1)
        for text in ["controller.yaml:3", "controller.yaml:4", "controller.yaml:5", "Did you mean \"heal\"?"] {
            #expect(result.words.contains(text), "\(text): \(result.errors)")
        }
    }

    @Test func aKilledControllerIsSucceededByTheNextOne() async throws {
        let site = try ControllerSite([
            "stacks/slow/stack.yaml": "stack: slow\n", "stacks/slow/main.yaml": Self.slow,
        ])
        let first = try site.start()
        try await site.wait("b", is: "x")
        first.send(SIGKILL)
        _ = await first.result()
        let next = try await site.once()
        #expect(next.code == 0, "\(next.errors)")
        #expect(site.content("done") == "x")
    }

    @Test func aTerminatedControllerFinishesItsApply() async throws {
        let site = try ControllerSite([
            "stacks/slow/stack.yaml": "stack: slow\n",
            "stacks/slow/main.yaml": """
            resources:
              local_file.begun: {spec: {filename: "FOLDER/begun", content: x}}
              time_sleep.a: {depends_on: [local_file.begun], spec: {create_duration: 2s}}
              local_file.done: {depends_on: [time_sleep.a], spec: {filename: "FOLDER/done", content: x}}
            """,
        ])
        try await site.running {
            try await site.wait("begun", is: "x")
        }
        #expect(site.content("done") == "x")
        let again = try await site.once()
        #expect(again.code == 0)
    }
}
