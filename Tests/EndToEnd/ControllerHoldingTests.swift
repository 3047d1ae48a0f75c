import Foundation
import GitFixtures
import PlumbModel
import Testing

/// What is applied is held as it is, as long as something keeps a newer revision from being applied.
@Suite(.enabled(if: Program.isExpected("curl"))) struct ControllerHoldingTests {
    private static func files(_ names: [String], _ content: String = "x") -> String {
        "resources:\n"
            + names.map { "  local_file.\($0): {spec: {filename: \"FOLDER/\($0)\", content: \"\(content)\"}}\n" }
            .joined()
    }

    /// The number behind a measurement.
    private static func measured(_ name: String, _ api: ControllerAPI) async throws -> Double? {
        let lines = try await api.ask("../../metrics").text.split(separator: "\n")
        return lines.first { $0.hasPrefix(name + " ") }.flatMap { Double($0.dropFirst(name.count + 1)) }
    }

    @Test func whatAGuardHaltsIsToldOnceAndWhatIsAppliedIsHealedMeanwhile() async throws {
        let site = try ControllerSite(
            [
                "stacks/web/stack.yaml":
                    "stack: web\nsync: {prune: true, guard: {max_destroys: 1}, drift: {mode: heal, every: 300ms}}\n",
                "stacks/web/main.yaml": Self.files(["a", "b", "c"]),
            ], settings: ControllerAPI.settings)
        let api = ControllerAPI(site: site)
        func pending() async throws -> String? {
            try await api.status("web")[key: "pending_plan"]?.asString
        }
        let result = try await site.running {
            try await site.wait("c", is: "x")
            try site.write("stacks/web/main.yaml", Self.files(["a"], "y"))
            try site.repository.commit()
            try await site.wait("the halt") { try await pending() != nil }
            let digest = try await pending()
            for round in 1...2 {
                // What the refused revision changes, and what it does not have any more.
                try site.tamper("a", "by hand \(round)")
                try site.tamper("b", "by hand \(round)")
                try await site.wait("a", is: "x")
                try await site.wait("b", is: "x")
            }
            try await site.wait("the plan from before") { try await pending() == digest }
            // Nothing of that is another question to those who are asked.
            let order = "{\"reason\": \"meant\", \"digest\": \"\(digest ?? "")\"}"
            #expect(try await api.ask("stacks/web/approve", order).status < 300)
            try await site.wait("b", is: nil)
            try await site.wait("a", is: "y")
        }
        let halted = try result.logged("stack is halted")
        #expect(halted.count == 1, "\(halted)")
    }

    @Test func whoWaitsForAnotherStackIsToldOfItsMistakesAndHeldAsItIs() async throws {
        let site = try ControllerSite(
            [
                "stacks/base/stack.yaml": "stack: base\n", "stacks/base/main.yaml": Self.files(["base"]),
                "stacks/app/stack.yaml": "stack: app\nsync: {after: [base], drift: {mode: heal, every: 300ms}}\n",
                "stacks/app/main.yaml": Self.files(["app"]),
            ], settings: ControllerAPI.settings)
        let api = ControllerAPI(site: site)
        func reason() async throws -> String { try await api.status("app")[key: "reason"]?.asString ?? "" }
        try await site.running {
            try await site.wait("app", is: "x")
            try site.write("stacks/base/stack.yaml", "stack: base\nsync: {mode: manual}\n")
            try site.write("stacks/base/main.yaml", Self.files(["base"], "y"))
            try site.write("stacks/app/main.yaml", Self.files(["app"], "y"))
            try site.repository.commit()
            try await site.wait("the wait") { try await reason().contains("It comes after the stack base") }
            try site.tamper("app", "by hand")
            try await site.wait("app", is: "x")
            try site.write("stacks/app/main.yaml", Self.files(["app"], "${nothing.at.all}"))
            try site.repository.commit()
            try await site.wait("the mistake") { try await api.phase("app") == "halted" }
            #expect(try await reason().contains("main.yaml:2"))
            try site.tamper("app", "by hand")
            try await site.wait("app", is: "x")
            try site.write("stacks/app/main.yaml", Self.files(["app"], "z"))
            try site.write("stacks/base/stack.yaml", "stack: base\n")
            try site.repository.commit()
            try await site.wait("base", is: "y")
            try await site.wait("app", is: "z")
        }
    }

    /// As on a new machine, or in a pod that was started anew.
    @Test func whatWasAppliedLongAgoIsFoundAgainWithAnEmptyCache() async throws {
        let site = try ControllerSite(
            [
                "stacks/web/stack.yaml": "stack: web\nsync: {drift: {mode: heal, every: 300ms}}\n",
                "stacks/web/main.yaml": Self.files(["a"], "1"),
            ], settings: ControllerAPI.settings)
        let api = ControllerAPI(site: site)
        try await site.running {
            try await site.wait("a", is: "1")
            try site.write("stacks/web/main.yaml", Self.files(["a"], "2"))
            try site.repository.commit()
            try await site.wait("a", is: "2")
            try await site.wait("convergence") { try await api.phase("web") == "converged" }
        }
        var newest = ""
        for round in 0..<12 {
            try site.write("README", "\(round)")
            newest = try site.repository.commit()
        }
        let cache = site.folder.appendingPathComponent(".plumb/controller/repositories")
        try FileManager.default.removeItem(at: cache)
        try await site.running {
            try await site.wait("a look") { try await api.status("web")[key: "revision"]?.asString == newest }
            try await site.wait("the stack") { try await api.phase("web") == "converged" }
            #expect(try await api.order("rollback", "web").status < 300)
            try await site.wait("a", is: "1")
            try site.tamper("a", "by hand")
            try await site.wait("a", is: "1")
        }
        try site.write("stacks/web/main.yaml", Self.files(["a"], "${nothing.at.all}"))
        try site.repository.commit()
        try FileManager.default.removeItem(at: cache)
        let result = try await site.running {
            try await site.wait("the mistake") { try await api.phase("web") == "halted" }
            try site.tamper("a", "by hand")
            try await site.wait("a", is: "1")
        }
        #expect(try result.logged("stack is halted").count == 1)
    }

    @Test func lookingAgainAndAgainCostsNoMemory() async throws {
        let site = try ControllerSite(
            ["stacks/web/stack.yaml": "stack: web\n", "stacks/web/main.yaml": Self.files(["a"])], interval: "100ms",
            settings: ControllerAPI.settings)
        let process = try site.start()
        defer { process.send(SIGKILL) }
        let api = ControllerAPI(site: site)
        try await site.wait("a", is: "x")
        func looks() async throws -> Double {
            try await api.ask("../../metrics").text.split(separator: "\n").filter {
                $0.hasPrefix("plumb_repository_polls_total")
            }.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
        }
        func memory() throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(process.pid)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") })
            return try #require(Int(line.filter(\.isNumber)))
        }
        let warm = try await looks() + 30
        try await site.wait("the first looks") { try await looks() >= warm }
        let before = try memory()
        let enough = try await looks() + 120
        try await site.wait("many looks", seconds: 60) { try await looks() >= enough }
        let growth = try memory() - before
        // What was once lost in each was 90 kB: 11 MB in these.
        #expect(growth < 5_000, "\(growth) kB")
        process.send(SIGTERM)
        #expect(await process.result().code == 0)
    }

    @Test func whatIsApprovedWaitsForItsWindowWithoutWork() async throws {
        let day = (Calendar(identifier: .gregorian).component(.weekday, from: Date()) + 2) % 7
        let window = "windows: [{allow: \"0 3 * * \(day)\", for: 1h, zone: Europe/Berlin}]"
        let site = try ControllerSite(
            [
                "stacks/web/stack.yaml": "stack: web\nsync: {mode: manual, \(window)}\n",
                "stacks/web/main.yaml": Self.files(["a"]),
            ], settings: ControllerAPI.settings)
        let api = ControllerAPI(site: site)
        let looks = "plumb_reconciliations_total{phase=\"waiting\"}"
        try await site.running {
            var digest: String?
            try await site.wait("the plan") {
                digest = try await api.status("web")[key: "pending_plan"]?.asString
                return digest != nil
            }
            try await api.ask("stacks/web/approve", "{\"reason\": \"meant\", \"digest\": \"\(digest ?? "")\"}")
            try await site.wait("the wait") {
                try await api.status("web")[key: "reason"]?.asString?.contains("the next opens at") == true
            }
            let before = try #require(try await Self.measured(looks, api))
            try await Task.sleep(for: .seconds(2))
            let after = try #require(try await Self.measured(looks, api))
            #expect(after - before <= 2 && after > 0)
            #expect(site.content("a") == nil)
        }
    }
}
