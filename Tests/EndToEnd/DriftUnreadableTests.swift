import Testing

/// A resource that cannot be read hides nothing of the others.
struct DriftUnreadableTests {
    private let drift = DriftCommandTests()
    /// `u` comes to be unreadable, `waits` is made from it, and it is made from `base`.
    private static let spec = """
        resources:
          local_file.other: {spec: {filename: out/other, content: ours}}
          random_pet.base: {spec: {keepers: {a: b}}}
          local_file.u: {spec: {filename: out/u, content: "of ${random_pet.base.id}"}}
          local_file.waits: {spec: {filename: out/waits, content: "of ${local_file.u.id}"}}
        """

    /// With a directory where the file `u` belongs, which no read gets over.
    private func blocked(_ stack: Stack) async throws {
        try await stack.shell("rm -f out/u && mkdir out/u")
    }

    @Test(arguments: StateHome.expected) func theRestIsToldHealedAndRecorded(_ home: StateHome) async throws {
        let stack = try await drift.applied(home, spec: Self.spec, more: "sync: {drift: {mode: heal}}\n")
        try stack.write("out/u", "theirs")
        #expect(try await drift.look(stack).code == 2)
        try await blocked(stack)
        try stack.write("out/other", "theirs")
        try stack.write("out/waits", "theirs")

        let (code, found) = try await drift.look(stack)
        #expect(code == 1 && found.recorded)
        #expect(found.drift.map(\.address) == ["local_file.other", "local_file.u", "local_file.waits"])
        // What was known of it stays as it was.
        #expect(found.drift.map(\.live) == ["theirs", "theirs", "theirs"])
        #expect(found.unreadable.map(\.address) == ["local_file.u"])
        #expect(found.unreadable.first?.reason.hasPrefix("A directory is at out/u") == true)
        let told = try await stack.plumb("drift", "--junit", "drift.xml")
        #expect(told.code == 1 && told.words.contains("; 1 could not be read."), "\(told.output)")
        #expect(told.errors.contains("Cannot read resource"), "\(told.errors)")
        let report = try #require(stack.read("drift.xml"))
        #expect(report.contains("failures=\"2\" errors=\"1\""), "\(report)")
        let markdown = try await stack.plumb("drift", "--markdown")
        #expect(markdown.output.hasPrefix("## Drift: 1 could not be read as a whole"), "\(markdown.output)")

        let healed = try await drift.look(stack, "--heal")
        #expect(healed.code == 1)
        #expect(stack.read("out/other") == "ours")
        #expect(stack.read("out/waits") == "theirs")
        #expect(healed.check.drift.map(\.status) == ["healed", "open", "open"])
        #expect(healed.check.notices.contains("local_file.u is left alone: it could not be read"))
        // Nobody may rely on a check that has not seen everything.
        let young = try await drift.look(stack, "--max-age", "1h")
        #expect(young.code == 1 && !young.check.from_records)

        try await stack.shell("rmdir out/u")
        try stack.write("out/u", "theirs")
        #expect(try await drift.look(stack, "--heal").code == 0)
        #expect(stack.read("out/waits") == "of out/u")
        try await stack.expectNoChanges()
    }

    /// Without any drift, and with nothing else that could be read.
    @Test func nothingIsInSyncThatWasNotSeen() async throws {
        let stack = try await drift.applied(spec: Self.spec)
        try await blocked(stack)
        let (code, found) = try await drift.look(stack)
        #expect(code == 1 && found.drift.isEmpty && found.unreadable.count == 1)
        try await stack.shell("rm out/other out/waits && mkdir out/other out/waits")
        let blind = try await drift.look(stack)
        #expect(blind.code == 1 && blind.check.unreadable.isEmpty)
    }
}
