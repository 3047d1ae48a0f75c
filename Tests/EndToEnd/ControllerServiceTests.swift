import Foundation
import GitFixtures
import PlumbModel
import Testing

/// What people with several tokens ask of a running controller, by its API.
@Suite(.enabled(if: Program.isExpected("curl"))) struct ControllerServiceTests {
    private static func site(_ sync: String = "", settings: String = "") throws -> ControllerSite {
        let stack = { (name: String) in "stack: \(name)\nsync: {\(sync)}\n" }
        return try ControllerSite(
            [
                "stacks/shop/stack.yaml": stack("shop-web"),
                "stacks/shop/main.yaml": ControllerSite.file("web", "one"),
                "stacks/dns/stack.yaml": stack("dns"), "stacks/dns/main.yaml": ControllerSite.file("dns", "one"),
            ], interval: settings.isEmpty ? "200ms" : "1h", settings: ControllerAPI.settings + settings)
    }

    private static func converged(_ api: ControllerAPI, _ stack: String) async throws {
        try await api.site.wait("convergence of \(stack)") { try await api.phase(stack) == "converged" }
    }

    @Test func aSyncLooksAtOnceAndACheckFindsDrift() async throws {
        let site = try Self.site("drift: {mode: heal, every: 1h}", settings: "concurrency: 4\n")
        let api = ControllerAPI(site: site)
        try await site.running {
            try await site.wait("web", is: "one")
            try await Self.converged(api, "shop-web")
            try site.tamper("web", "by hand")
            try await Task.sleep(for: .seconds(1))
            #expect(site.content("web") == "by hand")
            #expect(try await api.as(.operator).order("check-drift", "shop-web").status == 202)
            try await site.wait("web", is: "one")
            // The repository is asked once an hour: a sync plans what is known, and sets drift back with it.
            try site.tamper("web", "again")
            #expect(try await api.as(.operator).order("sync", "shop-web", because: "now").status == 202)
            try await site.wait("web", is: "one")
            let runs = try await api.ask("stacks/shop-web/runs").value[key: "items"]?.asList ?? []
            #expect(runs.contains { $0[key: "trigger"]?.asString == "api" }, "\(runs)")
            let audit = try await api.ask("audit?stack=shop-web").text
            #expect(audit.contains("oscar") && audit.contains("\"sync\"") && audit.contains("check-drift"), "\(audit)")
        }
    }

    @Test func eachRoleMayDoWhatItSaysToItsStacks() async throws {
        let site = try Self.site()
        let api = ControllerAPI(site: site)
        let result = try await site.running {
            for name in ["web", "dns"] { try await site.wait(name, is: "one") }
            for stack in ["shop-web", "dns"] { try await Self.converged(api, stack) }
            for (who, stack, action, status) in [
                (ControllerAPI.Who.viewer, "dns", "sync", 403), (.operator, "dns", "sync", 202),
                (.operator, "dns", "rollback", 403), (.shopkeeper, "dns", "sync", 404),
                (.shopkeeper, "shop-web", "sync", 202), (.shopkeeper, "shop-web", "rollback", 409),
                (.stranger, "dns", "sync", 401), (.admin, "nothing", "sync", 404),
            ] {
                let answer = try await api.as(who).order(action, stack)
                #expect(answer.status == status, "\(who) \(action) \(stack): \(answer.text)")
            }
            for path in [
                "stacks/dns", "stacks/dns/runs", "stacks/dns/resources", "stacks/dns/drift", "events?stack=dns",
            ] {
                #expect(try await api.as(.viewer).ask(path).status == 200, "\(path)")
                #expect(try await api.as(.shopkeeper).ask(path).status == 404, "\(path)")
                #expect(try await api.as(.stranger).ask(path).status == 401, "\(path)")
            }
            let seen = try await api.as(.shopkeeper).ask("stacks").value[key: "items"]?.asList ?? []
            #expect(seen.compactMap { $0[key: "stack"]?.asString } == ["shop-web"])
            #expect(try await api.as(.operator).ask("audit").status == 403)
            let resources = try await api.ask("stacks/dns/resources").value[key: "items"]?.asList ?? []
            #expect(resources.first?[key: "address"]?.asString == "local_file.dns", "\(resources)")
            #expect(resources.first?[key: "status"]?.asString == "ready")
        }
        #expect(!result.errors.contains("Bearer"))
    }

    @Test func eventsComeAsTheyHappenToThoseTheyAreFor() async throws {
        let site = try Self.site("drift: {mode: heal, every: 300ms}")
        let api = ControllerAPI(site: site)
        try await site.running {
            for name in ["web", "dns"] { try await site.wait(name, is: "one") }
            for stack in ["shop-web", "dns"] { try await Self.converged(api, stack) }
            let (all, some) = (try api.stream(seconds: 6), try api.as(.shopkeeper).stream(seconds: 6))
            try await Task.sleep(for: .seconds(1.5))
            for name in ["web", "dns"] { try site.tamper(name, "by hand") }
            for name in ["web", "dns"] { try await site.wait(name, is: "one") }
            let (everything, shop) = (await all.result().output, await some.result().output)
            #expect(everything.contains("1 place was set back") && everything.contains("\"dns\""), "\(everything)")
            #expect(everything.contains("id: ") && everything.contains("data: "))
            #expect(shop.contains("shop-web") && !shop.contains("dns"), "\(shop)")
        }
    }

    @Test func aRollbackIsAskedForOnTheCommandLineAndOutlastsOtherCommits() async throws {
        let site = try Self.site("drift: {mode: heal, every: 300ms}")
        let api = ControllerAPI(site: site)
        try await site.running {
            try await site.wait("web", is: "one")
            try await Self.converged(api, "shop-web")
            try site.write("stacks/shop/main.yaml", ControllerSite.file("web", "bad"))
            try site.repository.commit()
            try await site.wait("web", is: "bad")
            try await Self.converged(api, "shop-web")
            // A commit that means nothing to the stack, applied all the same, is nothing to go back from.
            try site.write("README.md", "more")
            try site.repository.commit()
            let newest = try site.repository.git("rev-parse", "HEAD")
            try await site.wait("the newest revision") {
                try await api.status("shop-web")[key: "revision"]?.asString == newest
            }
            try await api.order("sync", "shop-web")
            try await site.wait("the sync") {
                try await api.status("shop-web")[key: "applied_revision"]?.asString == newest
            }
            let asked = try await ProcessGate.shared.pass {
                await
                    (try ChildProcess(
                        Plumb.path,
                        ["rollback", "shop-web", "--controller", "unix:api.sock", "--reason", "does not start"],
                        in: site.folder.path,
                        environment: Plumb.environment.merging(["PLUMB_CONTROLLER_TOKEN": "t"]) { $1 }, deadline: 30))
                    .result()
            }
            #expect(asked.code == 0, "\(asked.errors)")
            try await site.wait("web", is: "one")
            // What does not touch the stack does not bring the bad revision back.
            try site.write("README.md", "about")
            try site.write("stacks/dns/main.yaml", ControllerSite.file("dns", "two"))
            try site.repository.commit()
            try await site.wait("dns", is: "two")
            try await Task.sleep(for: .seconds(2))
            #expect(site.content("web") == "one")
            let pinned = try await api.status("shop-web")
            #expect(pinned[key: "pin"]?[key: "reason"]?.asString == "does not start", "\(pinned.json)")
            try site.write("stacks/shop/main.yaml", ControllerSite.file("web", "mended"))
            try site.repository.commit()
            try await site.wait("web", is: "mended")
            try await site.wait("the end of the pin") { try await api.status("shop-web")[key: "pin"]?.isNull == true }
            let refused = try await ProcessGate.shared.pass {
                await
                    (try ChildProcess(
                        Plumb.path, ["rollback", "web", "--controller", "unix:api.sock", "--reason", "x"],
                        in: site.folder.path,
                        environment: Plumb.environment.merging(["PLUMB_CONTROLLER_TOKEN": "o"]) { $1 }, deadline: 30))
                    .result()
            }
            #expect(refused.code == 1 && refused.words.contains("Controller refuses"), "\(refused.errors)")
        }
    }

    @Test func aHealThatAPolicyDeniesHaltsTheStack() async throws {
        let policy = "policies: {still: {deny: '${length(plan.resource_changes) > 0}', message: Leave it.}}"
        let site = try Self.site("drift: {mode: heal, every: 300ms}")
        let api = ControllerAPI(site: site)
        try await site.running {
            try await site.wait("web", is: "one")
            try await Self.converged(api, "shop-web")
            try site.write(
                "stacks/shop/stack.yaml", "stack: shop-web\nsync: {drift: {mode: heal, every: 300ms}}\n\(policy)\n")
            try site.repository.commit()
            let commit = try site.repository.git("rev-parse", "HEAD")
            try await site.wait("the policy") {
                try await api.status("shop-web")[key: "applied_revision"]?.asString == commit
            }
            try site.tamper("web", "by hand")
            try await site.wait("the halt") { try await api.phase("shop-web") == "halted" }
            let reason = try await api.status("shop-web")[key: "reason"]?.asString ?? ""
            #expect(reason.contains("is not set back") && reason.contains("It says: Leave it."), "\(reason)")
            #expect(site.content("web") == "by hand")
        }
    }
}
