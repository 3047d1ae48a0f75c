import Foundation
import GitFixtures
import PlumbModel
import Testing
import ThrowawayServers

/// The workflows of `examples/ci`, as far as their own lines go: each `run:` is run as it stands, in a real clone, against the
/// played forge.
@Suite(.enabled(if: PlayedForge.isExpected)) struct PullRequestWorkflowTests {
    private typealias Site = PullRequestSite

    /// What stands in a workflow's file.
    private struct Workflow: Decodable {
        let plan: [String]
        let apply: [String]
        let permissions: [String: [String: String]]
    }

    private static let files: [PlayedForge: String] = [
        .github: "github-actions.yml", .gitlab: "gitlab-ci.yml", .gitea: "gitea-actions.yml",
    ]

    @Test(arguments: PlayedForge.allCases)
    func whatAWorkflowRunsPlansAndApplies(_ forge: PlayedForge) async throws {
        let site = try await Site(Site.stack("web", "one"), at: forge)
        try await site.applyAll()
        try site.write(Site.stack("web", "two"))
        let head = try await site.propose()
        let workflow = try await Self.workflow(forge, site)
        let tools = try Self.tools(beside: site)
        defer { try? FileManager.default.removeItem(atPath: tools) }
        try await Self.run(workflow.plan, site, tools, try await Self.environment(site, head, merged: false))
        #expect(try await site.comments().first?.contains("1 stack: 1 to change") == true)
        #expect(try await site.statuses()["plumbline/plan/web"] == "success")
        #expect(site.read("stacks/web/out/it.txt") == "one")
        // The apply runs in a clone of its own, and brings the plans there itself; Gitea's runner does for its workflow.
        if forge != .gitea {
            try FileManager.default.moveItem(atPath: site.repository.path + "/plans", toPath: tools + "/plans")
        }
        try site.merge()
        try await Self.run(workflow.apply, site, tools, try await Self.environment(site, head, merged: true))
        #expect(site.read("stacks/web/out/it.txt") == "two")
        #expect(try await site.comments().last?.contains("Applied: 1 stack") == true)
        #expect(try await site.wrongs() == [])
    }

    @Test func eachJobHasTheLeastRightsThatItNeeds() async throws {
        let site = try await Site(Site.stack("web", "one"))
        let workflow = try await Self.workflow(.github, site)
        let least = ["contents": "read", "pull-requests": "write", "statuses": "write"]
        #expect(workflow.permissions["plan"] == least)
        #expect(workflow.permissions["apply"] == least.merging(["actions": "read"]) { $1 })
        for file in Self.files.values {
            let text = try String(
                contentsOf: Repository.root.appendingPathComponent("examples/ci/\(file)"), encoding: .utf8)
            // What others have written never stands in a line of the shell.
            for line in text.split(separator: "\n") where line.contains("run:") {
                #expect(!line.contains("${{"), "\(line)")
            }
        }
    }

    private static func workflow(_ forge: PlayedForge, _ site: PullRequestSite) async throws -> Workflow {
        let file = try #require(files[forge])
        let program = """
            import json, sys, yaml
            found = yaml.safe_load(open(sys.argv[1]))
            jobs = found.get("jobs", found)
            lines = lambda job: [s["run"] for s in job["steps"] if "run" in s] if "steps" in job else job["script"]
            print(json.dumps({"plan": lines(jobs["plan"]), "apply": lines(jobs["apply"]),
                "permissions": {name: job.get("permissions", {}) for name, job in jobs.items() if isinstance(job, dict)}}))
            """
        let path = Repository.root.appendingPathComponent("examples/ci/\(file)").path
        let result = await
            (try ChildProcess(
                "/usr/bin/env", ["python3", "-c", program, path], in: site.repository.path,
                environment: ProcessInfo.processInfo.environment, deadline: 60
            )).result()
        #expect(result.code == 0, "\(result.errors)")
        return try JSONDecoder().decode(Workflow.self, from: Data(result.output.utf8))
    }

    /// Stands in for what is no part of ours: the tools that bring artifacts bring those of this test.
    private static func tools(beside site: PullRequestSite) throws -> String {
        let folder = site.repository.path + ".tools"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let scripts = [
            "plumb": "exec '\(Plumb.path)' \"$@\"",
            "gh": "if [ \"$1\" = api ]; then echo 4711; else [ \"$3\" = 4711 ] && cp -r '\(folder)/plans' plans; fi",
            "curl": "echo \"$*\" | grep -q 'refs/merge-requests/7/head/download?job=plan' && touch plans.zip",
            "unzip": "cp -r '\(folder)/plans' plans",
        ]
        for (name, line) in scripts {
            // Written by a process of its own: a server that is started meanwhile would inherit the open file, and what is
            // open for writing cannot be run.
            try site.repository.shell(
                "cat > '\(folder)/\(name)' <<'END'\n#!/bin/sh\n\(line)\nEND\nchmod 755 '\(folder)/\(name)'")
        }
        return folder
    }

    private static func run(
        _ lines: [String], _ site: PullRequestSite, _ tools: String, _ environment: [String: String]
    ) async throws {
        // All lines of a job of GitLab are one script.
        let script = "set -eu\n" + lines.joined(separator: "\n")
        let result = try await ProcessGate.shared.pass {
            let process = try ChildProcess(
                "/bin/sh", ["-c", script], in: site.repository.path,
                environment: Plumb.environment.merging(environment) { $1 }.merging([
                    "PATH": tools + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"),
                    "HOME": tools,
                ]) { $1 },
                deadline: 120)
            return await process.result()
        }
        #expect(result.code == 0, "\(script)\n\(result.output)\n\(result.errors)")
    }

    /// What the forge's runner gives to a job.
    private static func environment(
        _ site: PullRequestSite, _ head: String, merged: Bool
    ) async throws -> [String: String] {
        let api = try await site.forge.api()
        let base = try site.repository.git("rev-parse", "main")
        if site.forge == .gitlab {
            let common = [
                "GITLAB_CI": "true", "CI_PROJECT_PATH": site.name, "CI_PROJECT_ID": "1", "CI_API_V4_URL": api,
                "CI_JOB_URL": "https://gitlab.example.net/jobs/1", "GITLAB_TOKEN": PlayedForge.token,
            ]
            let more =
                merged
                ? ["CI_COMMIT_MESSAGE": "Merge branch 'change' into 'main'\n\nSee merge request \(site.name)!7"]
                : [
                    "CI_MERGE_REQUEST_IID": "7", "CI_COMMIT_SHA": head, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
                    "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
                ]
            return common.merging(more) { $1 }
        }
        let event = site.repository.path + ".tools/event.json"
        try Data(
            """
            {"action": "\(merged ? "closed" : "synchronize")", "pull_request": {"number": 7, "merged": \(merged),
             "head": {"sha": "\(head)"}, "base": {"ref": "main", "sha": "\(base)"}}}
            """.utf8
        ).write(to: URL(filePath: event))
        var environment = [
            "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": site.name, "GITHUB_API_URL": api,
            "GITHUB_SERVER_URL": "https://git.example.net", "GITHUB_RUN_ID": "1", "GITHUB_RUN_NUMBER": "1",
            "GITHUB_EVENT_PATH": event, "GITHUB_WORKSPACE": site.repository.path, "HEAD_SHA": head,
        ]
        if site.forge == .gitea {
            environment["GITEA_ACTIONS"] = "true"
            environment["PLUMB_FORGE_TOKEN"] = PlayedForge.token
        } else {
            environment["GITHUB_TOKEN"] = PlayedForge.token
        }
        return environment
    }
}
