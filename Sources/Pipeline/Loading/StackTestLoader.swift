public import PlumbModel

/// Reads a test file: one document with `variables`, `mocks` and `runs`.
public struct StackTestLoader {
    private let source: any SpecificationSource

    public init(source: any SpecificationSource) {
        self.source = source
    }

    /// Whether a name is one of a test file; such files are no specs.
    public static func isTestFile(_ name: String) -> Bool {
        name.hasSuffix(".test.yaml") || name.hasSuffix(".test.yml")
    }

    /// - Parameters:
    ///   - path: relative to the source's root.
    ///   - name: how people call the file; it stands in diagnostics.
    public func load(_ path: String, as name: String) throws(Diagnostics) -> StackTest {
        guard let bytes = try source.contents(of: path) else {
            throw Diagnostics(
                .error("No such test file", "There is no file \"\(path)\" in \"\(source.name)\". Check the path."))
        }
        let file = SourceFile(path: name, bytes: bytes)
        let documents = try YAMLReader.read(file).filter { !($0.scalar?.value.isNull ?? false) }
        guard let document = documents.first else {
            throw Diagnostics(
                .error(
                    "Test file has no runs",
                    "\"\(name)\" is empty. Write at least one run: `runs: [{name: first, assert: [...]}]`.",
                    at: SourceRange(file: file, start: 0, end: 0)))
        }
        var problems = Diagnostics()
        if documents.count > 1 {
            problems.append(
                .error(
                    "Several documents in a test file",
                    "A test file holds one document. Join the documents into one, or put each into a file of its own.",
                    at: documents[1].range.firstLine))
        }
        var reader = StackTestReader(path: name)
        reader.read(document)
        problems.append(reader.problems)
        try problems.throwIfErrors()
        return reader.test
    }
}
