import FoundationEssentials
import PlumbModel
import ProviderAPI
import Testing

@testable import BuiltinProvider

/// What `local_file` does on a real disk.
@Suite struct LocalFileTests {
    private let playground: Playground

    init() throws { playground = try Playground() }

    private func file(_ extra: ValueMap = ["content": "one\n"]) -> Value {
        .object(ValueMap([("filename", "f.txt")]).merging(extra))
    }

    @Test func defaultsOfModeFollowTheContent() async throws {
        _ = try await playground.create("local_file", file())
        #expect(try playground.permissions("f.txt") == 0o644)
        let secret = try await playground.create(
            "local_file", ["filename": "s/secret", "sensitive_content": "pst", "directory_mode": "0700"])
        #expect(try playground.permissions("s/secret") == 0o600)
        #expect(try playground.permissions("s") == 0o700)
        #expect(secret.values.attribute("content_sha256").isNull)
    }

    @Test func theDigestIsKnownInThePlanAndRight() async throws {
        let planned = try await playground.plan("local_file", file(["content": "abc"])).planned
        #expect(planned.isWhollyKnown)
        _ = try await playground.create("local_file", file(["content": "abc"]))
        let printed = try await playground.run("sha256sum", ["f.txt"])
        #expect(printed.hasPrefix((planned.attribute("content_sha256").asString ?? "") + " "))
    }

    @Test func unknownContentLeavesDigestsOpen() async throws {
        let planned = try await playground.plan("local_file", file(["content": .unknown(.string)])).planned
        #expect(planned.attribute("content_sha256").isUnknown)
        #expect(planned.attribute("id") == "f.txt")
    }

    @Test func planShowsTheLiveText() async throws {
        let state = try await playground.create("local_file", file())
        try playground.write("two\n", to: "f.txt")
        let live = try #require(try await playground.type("local_file").read(state))
        #expect(live.values.attribute("content") == "two\n")
        let plan = try await playground.plan("local_file", file(), prior: live)
        #expect(plan.planned == state.values)
    }

    @Test func binaryAndLargeFilesAreShownByTheirHash() async throws {
        let state = try await playground.create("local_file", file())
        try Data([0xFF, 0xFE, 0]).write(to: URL(filePath: playground.path("f.txt")))
        var live = try #require(try await playground.type("local_file").read(state))
        #expect(live.values.attribute("content").asString?.hasPrefix("(binary file of 3 bytes, SHA-256 ") == true)
        try playground.write(String(repeating: "x", count: 300_000), to: "f.txt")
        live = try #require(try await playground.type("local_file").read(state))
        #expect(live.values.attribute("content").asString?.hasPrefix("(large file of 300000 bytes") == true)
    }

    @Test func largeContentIsNoDrift() async throws {
        let big = Value.string(String(repeating: "y", count: 700_000))
        let state = try await playground.create("local_file", file(["content": big]))
        #expect(try await playground.type("local_file").read(state) == state)
    }

    @Test func foreignFileIsNotOverwritten() async throws {
        try playground.write("mine", to: "f.txt")
        let error = try await providerError { try await playground.create("local_file", file()) }
        #expect(error.code == .conflict)
        #expect(error.message.contains("overwrite"))
        #expect(try playground.text("f.txt") == "mine")
        _ = try await playground.create("local_file", file(["content": "one\n", "overwrite": true]))
        #expect(try playground.text("f.txt") == "one\n")
    }

    @Test func linkIsNeverWrittenThrough() async throws {
        try playground.write("target", to: "target")
        try FileManager.default.createSymbolicLink(
            atPath: playground.path("f.txt"), withDestinationPath: playground.path("target"))
        let error = try await providerError { try await playground.create("local_file", file()) }
        #expect(error.code == .conflict)
        #expect(error.message.contains("symbolic link"))
        #expect(try playground.text("target") == "target")
    }

    @Test func directoryInItsPlaceIsAClearError() async throws {
        try FileManager.default.createDirectory(
            atPath: playground.path("f.txt"), withIntermediateDirectories: false)
        let created = try await providerError { try await playground.create("local_file", file()) }
        #expect(created.code == .conflict)
        #expect(created.message.contains("A directory is at f.txt"))
        let state = ResourceState(playground.complete(try playground.type("local_file"), file()))
        let deleted = try await providerError {
            try await playground.type("local_file").delete(DeleteRequest(prior: state, intent: "i"))
        }
        #expect(deleted.code == .conflict)
    }

    @Test func recoveryIsUnclearAboutAnotherContent() async throws {
        try playground.write("mine", to: "f.txt")
        let planned = try await playground.plan("local_file", file()).planned
        let type = try #require(try playground.type("local_file") as? any Recovering)
        let recovery = try await type.recover(
            Intent(
                id: "i", run: "r", address: ResourceAddress("local_file", "f"), provider: "builtin", action: .create,
                planned: planned, prior: nil))
        guard case .unclear(let text) = recovery else {
            Issue.record("\(recovery)")
            return
        }
        #expect(text.contains("f.txt"))
    }

    @Test func recoveryRemovesTheTemporaryFileOfAKilledRun() async throws {
        try playground.write("half", to: ".plumb-i")
        let planned = try await playground.plan("local_file", file()).planned
        let type = try #require(try playground.type("local_file") as? any Recovering)
        _ = try await type.recover(
            Intent(
                id: "i", run: "r", address: ResourceAddress("local_file", "f"), provider: "builtin", action: .create,
                planned: planned, prior: nil))
        #expect(try FileManager.default.contentsOfDirectory(atPath: playground.directory).isEmpty)
    }

    @Test func nothingIsLeftBesideTheFile() async throws {
        _ = try await playground.create("local_file", file())
        #expect(try FileManager.default.contentsOfDirectory(atPath: playground.directory) == ["f.txt"])
    }

    @Test(
        arguments: [
            (["filename": ""], "filename is empty"), (["filename": ".."], "names a directory"),
            (["filename": "a\0b"], "NUL"), (["file_mode": "9999"], "octal digits"),
            (["file_mode": "77777"], "octal digits"),
            (["directory_mode": "rwx"], "octal digits"), (["content": .null], "none is given"),
            (["sensitive_content": "x"], "content and sensitive_content are given"),
            (["content": .null, "content_base64": "%%%"], "no valid base64"),
            (["filename": .string(String(repeating: "n", count: 256))], "255"),
        ] as [(ValueMap, String)]) func wrongFileIsRefused(_ wrong: ValueMap, _ part: String) async throws
    {
        let declared = Value.object(ValueMap([("filename", "f"), ("content", "x")]).merging(wrong))
        let error = try await providerError { try await playground.plan("local_file", declared) }
        #expect(error.code == .invalid)
        #expect(error.message.contains(part))
    }

    @Test func fileInThePathIsAClearError() async throws {
        try playground.write("x", to: "f.txt")
        let error = try await providerError {
            try await playground.create("local_file", ["filename": "f.txt/below", "content": "y"])
        }
        #expect(error.code == .conflict)
        #expect(error.message.contains("A part of its path is a file"))
    }

    @Test func unwritablePlaceIsAClearError() async throws {
        // /proc refuses new files even to root.
        let error = try await providerError {
            try await playground.create("local_file", ["filename": "/proc/plumb-test", "content": "y"])
        }
        #expect(error.message.hasPrefix("Cannot write /proc/plumb-test: "))
    }

    @Test func dataSourceReadsWhatIsThere() async throws {
        try playground.write("abc", to: "d")
        let type = try #require(playground.instance.dataTypes.first)
        let values = try await type.read(["filename": "d"])
        #expect(values.attribute("content") == "abc")
        #expect(values.attribute("content_base64") == "YWJj")
        #expect(values.asMap?.keys == type.schema.attributes.map(\.name).sorted())
        let error = try await providerError { try await type.read(["filename": "none"]) }
        #expect(error.code == .notFound)
    }
}
