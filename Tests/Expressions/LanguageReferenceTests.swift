import Expressions
import Foundation
import Testing

/// The language reference names the functions there are, neither more nor fewer.
struct LanguageReferenceTests {
    @Test func functions() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "examples/LANGUAGE.md"), encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n## Functions\n").dropFirst().first)
            .components(separatedBy: "\n## ")[0]
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("| ") }
        let names = rows.flatMap { $0.matches(of: /`([a-z0-9_]+)`/).map { String($0.output.1) } }
        #expect(names.sorted() == Functions.names)
    }
}
