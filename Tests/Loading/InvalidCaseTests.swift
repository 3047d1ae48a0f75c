import FoundationEssentials
import Loading
import PlumbModel
import Reporting
import Testing

/// Every folder of `Cases/invalid` is a stack that must be refused with exactly the diagnostics of `expected.txt`.
struct InvalidCaseTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases/invalid").path()

    static var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
        }
    }

    @Test func manyCases() throws {
        #expect(try Self.names.count >= 60)
    }

    @Test(arguments: try InvalidCaseTests.names)
    func refused(_ name: String) throws {
        let directory = Self.folder + "/" + name
        let rendered: String
        do throws(Diagnostics) {
            let source = try DirectorySource(path: directory)
            _ = try SpecLoader(source: source).load()
            rendered = "accepted\n"
        } catch {
            // The directory's own path differs from machine to machine, and so would the places where lines are broken.
            let neutral = error.all.map { diagnostic in
                var diagnostic = diagnostic
                diagnostic.detail = diagnostic.detail.replacing(directory, with: "STACK")
                return diagnostic
            }
            rendered = DiagnosticReport(Diagnostics(neutral)).render(.plain)
        }
        #expect(rendered != "accepted\n")
        let expected = directory + "/expected.txt"
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try Data(rendered.utf8).write(to: URL(filePath: expected))
            Issue.record("recorded \(name); run again without RECORD")
            return
        }
        #expect(rendered == String(decoding: try Data(contentsOf: URL(filePath: expected)), as: UTF8.self))
    }
}
