import Foundation
import GitFixtures
import PlumbModel
import Testing
import ThrowawayServers

/// The controller when things around it go wrong.
@Suite struct ControllerTroubleTests {
    @Test func goingBackFromWhatFailedHalfWayIsWork() async throws {
        let site = try ControllerSite([
            "stacks/web/stack.yaml": "stack: web\n", "stacks/web/main.yaml": ControllerSite.file("motd", "one"),
        ])
        #expect(try await site.once().code == 0)
        try site.write(
            "stacks/web/main.yaml",
            ControllerSite.file("motd", "two")
                + "  local_file.bad: {depends_on: [local_file.motd], spec: {filename: /proc/no/such, content: x}}\n")
        try site.repository.commit()
        let failed = try await site.once()
        #expect(failed.code != 0 && site.content("motd") == "two", "\(failed.errors)")
        try site.repository.git("revert", "--no-edit", "HEAD")
        let back = try await site.once()
        #expect(back.code == 0, "\(back.errors)")
        #expect(site.content("motd") == "one")
    }

    @Test func manyThatFailDoNotKeepOneFromItsWork() async throws {
        let site = try ControllerSite([:], settings: "concurrency: 2")
        for index in 0..<50 {
            try site.write("stacks/bad\(index)/stack.yaml", "stack: bad\(index)\n")
            try site.write(
                "stacks/bad\(index)/main.yaml",
                "resources: {local_file.x: {spec: {filename: /proc/no/such/\(index), content: x}}}\n")
        }
        try site.write("stacks/good/stack.yaml", "stack: good\nsync: {drift: {mode: heal, every: 500ms}}\n")
        try site.write("stacks/good/main.yaml", ControllerSite.file("good", "one"))
        try site.repository.commit()
        var applied = 0.0
        var healed: [Double] = []
        try await site.running {
            try await site.wait("good", is: "one")
            try await Task.sleep(for: .seconds(5))
            try site.write("stacks/good/main.yaml", ControllerSite.file("good", "two"))
            try site.repository.commit()
            applied = try await site.wait("good", is: "two")
            for round in 0..<3 {
                try site.tamper("good", "by hand \(round)")
                healed.append(try await site.wait("good", is: "two"))
            }
        }
        print("beside fifty that fail, a push was applied after \(applied) s, drift healed after \(healed) s")
        #expect(applied < 10 && healed.allSatisfy { $0 < 10 })
    }

    @Test func aRepositoryThatVanishesEndsNoStackAndIsFollowedAgain() async throws {
        let site = try ControllerSite([
            "stacks/web/stack.yaml": "stack: web\nsync: {prune: true, drift: {mode: heal, every: 500ms}}\n",
            "stacks/web/main.yaml": ControllerSite.file("motd", "one"),
        ])
        let away = site.repository.path + "-away"
        let result = try await site.running {
            try await site.wait("motd", is: "one")
            try FileManager.default.moveItem(atPath: site.repository.path, toPath: away)
            try await Task.sleep(for: .seconds(2))
            try site.tamper("motd", "by hand")
            try await site.wait("motd", is: "one")
            try FileManager.default.moveItem(atPath: away, toPath: site.repository.path)
            try site.write("stacks/web/main.yaml", ControllerSite.file("motd", "two"))
            try site.repository.commit()
            try await site.wait("motd", is: "two")
        }
        // Told once, however often it was looked for.
        #expect(try result.logged("repository cannot be followed").count == 1)
        #expect(try result.logged("repository is reached again").count == 1)
    }

    @Test func aClockThatIsSetBackOrForthStopsNothing() async throws {
        let holder = try Stack()
        let clock = try await ShiftedClock(in: holder)
        try clock.set(ahead: 7200)
        let site = try ControllerSite(
            [
                "stacks/web/stack.yaml": "stack: web\nsync: {drift: {mode: heal, every: 500ms}}\n",
                "stacks/web/main.yaml": ControllerSite.file("motd", "one"),
            ], environment: clock.environment)
        let result = try await site.running {
            try await site.wait("motd", is: "one")
            for (ahead, text) in [(0, "two"), (36_000, "three")] {
                try clock.set(ahead: ahead)
                // Never the same: whoever writes one value again and again is let be.
                try site.tamper("motd", "before \(text)")
                try site.write("stacks/web/main.yaml", ControllerSite.file("motd", text))
                try site.repository.commit()
                try await site.wait("motd", is: text)
                try site.tamper("motd", "after \(text)")
                try await site.wait("motd", is: text)
            }
        }
        #expect(try result.logged("clock was set back").count == 1, "\(result.errors)")
        withExtendedLifetime(holder) {}
    }

    @Test func aRepositoryThatIsNotThereFailsARunOnce() async throws {
        let site = try ControllerSite([:])
        try site.configure(url: "/nowhere/at/all", "")
        let result = try await site.once()
        #expect(result.code == 1)
        #expect(try result.logged("repository cannot be followed").count == 1, "\(result.errors)")
    }

    /// The disk of the controller's folder is full for a while.
    @Test(.enabled(if: canMount)) func aFullDiskIsSurvived() async throws {
        let site = try ControllerSite([
            "stacks/web/stack.yaml": "stack: web\nsync: {drift: {mode: heal, every: 500ms}}\n",
            "stacks/web/main.yaml": ControllerSite.file("motd", "one"),
        ])
        let disk = site.folder.path + "/disk"
        try site.configure("directory: disk")
        try Self.run("mkdir \(disk) && mount -t tmpfs -o size=24m plumb \(disk)")
        defer { try? Self.run("umount -l \(disk)") }
        let result = try await site.running {
            try await site.wait("motd", is: "one")
            try await Task.sleep(for: .seconds(1))
            try Self.run(
                "dd if=/dev/zero of=\(disk)/ballast bs=64k 2>/dev/null; dd if=/dev/zero of=\(disk)/rest bs=1 2>/dev/null; true"
            )
            try site.write("stacks/web/main.yaml", ControllerSite.file("motd", "two"))
            try site.repository.commit()
            try await Task.sleep(for: .seconds(4))
            try Self.run("rm -f \(disk)/ballast \(disk)/rest")
            // The pauses have grown meanwhile.
            try await site.wait("the second commit", seconds: 60) { site.content("motd") == "two" }
            try site.tamper("motd", "by hand")
            try await site.wait("motd", is: "two")
        }
        #expect(result.errors.contains("No space left") || result.errors.contains("full"), "\(result.errors)")
        let after = try await site.once()
        #expect(after.code == 0, "\(after.errors)")
    }

    private static let canMount: Bool = {
        guard getuid() == 0 else { return false }
        let folder = FileManager.default.temporaryDirectory.path + "/plumb-mount-\(UUID().uuidString)"
        return
            (try? run(
                "mkdir \(folder) && mount -t tmpfs -o size=1m plumb \(folder) && umount \(folder); r=$?; rmdir \(folder); exit $r"
            ))
            != nil
    }()

    private struct Refused: Error {}

    private static func run(_ line: String) throws {
        let shell = URL(fileURLWithPath: "/bin/sh")
        guard try ThrowawayProcess.run(shell, ["-c", "(\(line)) > /dev/null 2>&1"]).status == 0 else { throw Refused() }
    }
}
