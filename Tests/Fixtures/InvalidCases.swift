import Foundation
import PlumbModel
import Reporting

/// The folders of `Cases/invalid` beside a test: each is a stack that must be refused with exactly the diagnostics of its
/// `expected.txt`, as a person sees them.
public struct InvalidCases: Sendable {
    private let folder: String

    public init(besides test: String = #filePath) {
        folder = URL(fileURLWithPath: test).deletingLastPathComponent().appendingPathComponent("Cases/invalid").path
    }

    public var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
        }
    }

    /// The directory of a case.
    public func path(of name: String) -> String { folder + "/" + name }

    /// - Parameter refusing: takes the path of a stack and throws what is wrong with it.
    /// - Throws: unless it throws what is expected.
    public func check(_ name: String, _ refusing: (String) async throws -> Void) async throws {
        let directory = path(of: name)
        let found = try await problems { try await refusing(directory) }
        guard found.hasErrors else {
            throw ExpectedText.Mismatch(description: "\(directory) is accepted, where it must be refused.")
        }
        // The directory's own path differs from machine to machine, and so would the places where lines are broken.
        let neutral = found.all.map { diagnostic in
            var diagnostic = diagnostic
            diagnostic.detail = diagnostic.detail.replacing(directory, with: "STACK")
            return diagnostic
        }
        try ExpectedText(at: directory + "/expected.txt").check(DiagnosticReport(Diagnostics(neutral)).render(.plain))
    }
}
