import FoundationEssentials
import StackFixtures

/// The files in `Cases` that hold how things are shown.
enum GoldenFile {
    /// Control sequences stand in the file as `␛`.
    static func expect(_ text: String, equals name: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().path()
        try ExpectedText(at: "\(folder)Cases/\(name).txt").check(text.replacing("\u{1B}", with: "␛"))
    }
}
