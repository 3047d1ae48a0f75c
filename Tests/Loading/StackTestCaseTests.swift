import FoundationEssentials
import Loading
import PlumbModel
import Reporting
import Testing

/// Every file of `Cases/stack-tests` must be refused with exactly the diagnostics of the text beside it.
struct StackTestCaseTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases/stack-tests").path()

    static var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".test.yaml") }.sorted()
        }
    }

    @Test func manyCases() throws {
        #expect(try Self.names.count >= 15)
    }

    @Test(arguments: try StackTestCaseTests.names)
    func refused(_ name: String) throws {
        let rendered: String
        do throws(Diagnostics) {
            _ = try StackTestLoader(source: try DirectorySource(path: Self.folder)).load(name, as: name)
            rendered = "accepted\n"
        } catch {
            rendered = DiagnosticReport(error).render(.plain)
        }
        #expect(rendered != "accepted\n")
        let expected = Self.folder + "/" + name.dropLast(".test.yaml".count) + ".txt"
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try Data(rendered.utf8).write(to: URL(filePath: expected))
            Issue.record("recorded \(name); run again without RECORD")
            return
        }
        #expect(rendered == String(decoding: try Data(contentsOf: URL(filePath: expected)), as: UTF8.self))
    }

    @Test func everythingIsRead() throws {
        let text = """
            variables: {region: eu}
            mocks:
              http.dns: {resources: {powerdns_zone: {defaults: {id: abc}}}, data: {powerdns_zone: {defaults: {serial: 7}}}}
              builtin:
            runs:
              - name: creates two
                command: plan
                variables: {n: 2}
                targets: [data_value.x]
                exclude: ["file:b.yaml"]
                replace: [data_value.y]
                refresh: false
                assert: [{condition: "${var.n == 2}", error: "Two."}]
                expect_failures: [var.n, 'data_value.x["a"]', data.local_file.z, output.y, check.z]
              - name: looks
                refresh_only: true
            """
        let source = MemorySource(name: "memory", contents: ["a.test.yaml": Array(text.utf8)])
        let test = try StackTestLoader(source: source).load("a.test.yaml", as: "tests/a.test.yaml")
        #expect(test.path == "tests/a.test.yaml" && test.variables.map(\.name) == ["region"])
        #expect(test.mocks.map(\.provider) == ["http.dns", "builtin"])
        #expect(test.mocks[0].resources.map(\.name) == ["powerdns_zone"] && test.mocks[0].data[0].defaults.count == 1)
        let run = try #require(test.runs.first)
        #expect(run.command == .plan && run.targets == ["data_value.x"] && run.excludes == ["file:b.yaml"])
        #expect(run.replaces == ["data_value.y"] && !run.refreshes && run.assertions.count == 1)
        #expect(
            run.expectedFailures.map(\.object.description)
                == ["var.n", "data_value.x[\"a\"]", "data.local_file.z", "output.y", "check.z"])
        #expect(run.range.description == "tests/a.test.yaml:6:11")
        #expect(test.runs[1].command == .apply && test.runs[1].isRefreshOnly)
    }

    @Test func testFilesAreNoSpecs() throws {
        let source = MemorySource(
            name: "memory",
            contents: [
                "stack.yaml": Array("stack: a\n".utf8), "a.test.yaml": Array("runs: [{name: b}]\n".utf8),
                "b.test.yml": Array("runs: [{name: b}]\n".utf8),
            ])
        #expect(try SpecLoader(source: source).load().files.map(\.path) == ["stack.yaml"])
    }
}
