internal import Loading
public import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// `plumb init`: makes a stack in a directory, and touches nothing that is there.
public struct InitOperation: Sendable {
    private let directory: String
    private let name: String?

    public init(directory: String, name: String?) {
        self.directory = directory
        self.name = name
    }

    /// - Returns: the paths of the files that were made.
    public func run() async throws(Diagnostics) -> [String] {
        try await BlockingWork.run { () throws(Diagnostics) in try make() }
    }

    private func make() throws(Diagnostics) -> [String] {
        let files = FileManager.default
        if files.fileExists(atPath: directory + "/stack.yaml") {
            throw Diagnostics(
                .error("Already a stack", "\(directory) holds a stack.yaml. Nothing was touched. Next: `plumb plan`."))
        }
        do {
            try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
            var made = [try write("stack.yaml", stackFile)]
            let others = try files.contentsOfDirectory(atPath: directory)
            if !others.contains(where: { $0 != "stack.yaml" && ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) }) {
                made.append(try write("main.yaml", Self.firstSpec))
            }
            if !files.fileExists(atPath: directory + "/.gitignore") {
                made.append(try write(".gitignore", "# The state and its key: never in Git.\n.plumb/\n"))
            }
            return made
        } catch {
            throw Diagnostics(
                .error("Cannot make the stack", "Files could not be written in \(directory): \(error)."))
        }
    }

    private func write(_ file: String, _ text: String) throws -> String {
        let path = directory == "." ? file : directory + "/" + file
        try Data(text.utf8).write(to: URL(filePath: path), options: .withoutOverwriting)
        return path
    }

    private var stackFile: String {
        let absolute = URL(filePath: directory).standardizedFileURL.lastPathComponent
        let usable = absolute.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let given = name ?? String(String(usable).drop { !$0.isLetter })
        return """
            # What this stack is, where its state is, and whom it talks to.
            stack: \(given.isEmpty ? "main" : given)

            """
    }

    private static let firstSpec = """
        # A first resource. `plumb plan` shows what an apply would do; `plumb apply` does it.
        variables:
          greeting:
            type: string
            default: Hello from Plumbline

        resources:
          local_file.hello:
            spec:
              filename: out/hello.txt
              content: |
                ${var.greeting}

        outputs:
          hello: {value: "${local_file.hello.filename}"}

        """
}
