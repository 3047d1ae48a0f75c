internal import Expressions
internal import Formatting
internal import Loading
public import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// `plumb fmt`: brings YAML files into the one layout, without changing what they say.
public struct FormatOperation: Sendable {
    /// What became of the files: those that could be formatted, and what is wrong with the others.
    public struct Result: Sendable {
        public var files: [FormattedFile] = []
        public var problems = Diagnostics()

        public var changed: [FormattedFile] { files.filter(\.isChanged) }
    }

    private let paths: [String]
    private let isRecursive: Bool
    private let writes: Bool

    /// - Parameters:
    ///   - paths: of files and directories.
    ///   - isRecursive: also formats the files of the directories inside, but not of hidden ones.
    ///   - writes: replaces the files whose layout is another; each is replaced whole or not at all.
    public init(paths: [String], isRecursive: Bool = false, writes: Bool = true) {
        self.paths = paths
        self.isRecursive = isRecursive
        self.writes = writes
    }

    /// A file that cannot be read or formatted stays as it is and does not hinder the others.
    public func run() async -> Result {
        await BlockingWork.run { formatAll() }
    }

    /// Formats a text that is no file, such as one from a pipe.
    public static func format(_ text: [UInt8], named name: String) async throws(Diagnostics) -> FormattedFile {
        try await BlockingWork.run { () throws(Diagnostics) in try formatted(SourceFile(path: name, bytes: text)) }
    }

    private func formatAll() -> Result {
        var result = Result()
        for path in paths {
            let found = result.problems.collect { () throws(Diagnostics) in try files(at: path) } ?? []
            for file in found {
                result.problems.collect { () throws(Diagnostics) in
                    let formatted = try FormatOperation.formatted(try read(file))
                    if writes, formatted.isChanged { try FileReplacement.replace(file, with: formatted.after) }
                    result.files.append(formatted)
                }
            }
        }
        return result
    }

    // MARK: - Files

    private func files(at path: String) throws(Diagnostics) -> [String] {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw Diagnostics(
                .error(
                    "No such file",
                    "There is no file or directory \"\(path)\".\(neighbour(of: path)) Check the path."))
        }
        guard isDirectory else { return [path] }
        let prefix = path == "." || path.isEmpty ? "" : path.hasSuffix("/") ? path : path + "/"
        let names = try DirectorySource(path: path).files(in: "")
        var found = names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.map { prefix + $0 }
        if isRecursive {
            for folder in try folders(in: path) { found += try files(at: prefix + folder) }
        }
        return found
    }

    /// A file beside a missing one with a name much like it.
    private func neighbour(of path: String) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let prefix = parts.dropLast().map { $0 + "/" }.joined()
        // A folder that cannot be listed has no neighbours to name.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: prefix.isEmpty ? "." : prefix)) ?? []
        return Suggestion.didYouMean(path, among: names.map { prefix + $0 })
    }

    /// A symbolic link may lead anywhere, even back: it is not followed.
    private func folders(in path: String) throws(Diagnostics) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted().filter { name in
                guard !name.hasPrefix(".") else { return false }
                let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
                return attributes[.type] as? FileAttributeType == .typeDirectory
            }
        } catch {
            throw Diagnostics(
                .error(
                    "Directory cannot be read", "The folders in \"\(path)\" cannot be listed: \(SystemReason(error))."))
        }
    }

    private func read(_ path: String) throws(Diagnostics) -> SourceFile {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let folder = parts.dropLast().joined(separator: "/")
        let source = try DirectorySource(path: folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder)
        guard let bytes = try source.contents(of: parts.last ?? path) else {
            throw Diagnostics(.error("File cannot be read", "There is no file \"\(path)\". Check the path."))
        }
        return SourceFile(path: path, bytes: bytes)
    }

    // MARK: - One text

    private static func formatted(_ file: SourceFile) throws(Diagnostics) -> FormattedFile {
        let documents = try YAMLReader.read(file)
        let kinds = documents.map { DocumentKind.of($0, in: file.path) }
        // SOPS writes its files in its own layout, and would write it again.
        if kinds.contains(.encrypted) {
            return FormattedFile(path: file.path, before: file.bytes, after: file.bytes)
        }
        let hasExpressions = kinds.map { $0 == .spec }
        let after = try SpecFormatter.format(file, hasExpressions: hasExpressions)
        var ignored = Diagnostics()
        let again = ignored.collect { () throws(Diagnostics) in
            try YAMLReader.read(SourceFile(path: file.path, bytes: after))
        }
        guard let again, again.count == documents.count,
            zip(documents, again).enumerated().allSatisfy({ index, pair in
                isSame(pair.0, pair.1, hasExpressions: hasExpressions[index])
            })
        else {
            throw Diagnostics(
                .error(
                    "Formatting would change the meaning",
                    "\"\(file.path)\" would say something else after formatting, so it was left as it is. This is a defect "
                        + "of Plumbline: please report it with the file."))
        }
        return FormattedFile(path: file.path, before: file.bytes, after: after)
    }

    private static func isSame(_ left: SpecificationNode, _ right: SpecificationNode, hasExpressions: Bool) -> Bool {
        switch (left.content, right.content) {
        case (.scalar(let left), .scalar(let right)):
            if left.value == right.value { return left.style == right.style }
            guard hasExpressions, left.style == right.style, left.isString, right.isString else { return false }
            return ExpressionSpacing.areSame(left.text, right.text)
        case (.sequence(let left), .sequence(let right)):
            return left.count == right.count
                && zip(left, right).allSatisfy { isSame($0, $1, hasExpressions: hasExpressions) }
        case (.mapping(let left), .mapping(let right)):
            return left.count == right.count
                && zip(left, right).allSatisfy {
                    $0.key == $1.key && isSame($0.value, $1.value, hasExpressions: hasExpressions)
                }
        default: return false
        }
    }
}
