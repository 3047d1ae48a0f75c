public import Applying
internal import Loading
internal import Planning
public import PlumbModel
internal import ProviderAPI

#if canImport(Glibc)
    internal import Glibc
#endif

/// `plumb test`: finds test files, and carries out their runs one after the other.
public struct StackTestOperation: Sendable {
    let location: StackLocation
    let capabilities: Capabilities
    let environment: [String: String]
    /// From the command line: they win over what test files say.
    let variables: [VariableArgument]
    let holder: LeaseHolder
    let policies: PolicyJudge
    let parallelism: Int?
    let report: @Sendable (StackTestEvent) -> Void
    private let filters: [AddressPattern]

    /// - Parameters:
    ///   - policies: judges the plans of the runs.
    ///   - filters: globs over the names of runs and over paths of files; none selects everything.
    ///   - parallelism: how many calls of providers go on at once; nil: of each, as many as its system takes well.
    public init(
        _ location: StackLocation, capabilities: Capabilities, environment: [String: String],
        variables: [VariableArgument], holder: LeaseHolder, policies: PolicyJudge, filters: [String],
        parallelism: Int?, report: @escaping @Sendable (StackTestEvent) -> Void
    ) {
        self.location = location
        self.capabilities = capabilities
        self.environment = environment
        self.variables = variables
        self.holder = holder
        self.policies = policies
        self.filters = filters.map(AddressPattern.init)
        self.parallelism = parallelism
        self.report = report
    }

    /// - Parameters:
    ///   - paths: of test files; none means all beside the stack and in its folder `tests`.
    ///   - control: stops the runs; what they have made is destroyed all the same.
    /// - Throws: what is wrong with the stack's files or with a test file; nothing has run then.
    public func run(_ paths: [String], control: RunControl) async throws(Diagnostics) -> [StackTestResult] {
        let (specification, tests) = try await BlockingWork.run { () throws(Diagnostics) in try load(paths) }
        var results: [StackTestResult] = []
        for test in tests where test.runs.contains(where: { selects($0, of: test) }) {
            let directory = try TrialDirectory.make(environment)
            var runner = StackTestRunner(self, specification, test, directory)
            results.append(await runner.run(control))
        }
        return results
    }

    func selects(_ run: StackTest.Run, of test: StackTest) -> Bool {
        filters.isEmpty || filters.contains { $0.matches(text: run.name) || $0.matches(text: test.path) }
    }

    // MARK: - Files

    private func load(_ paths: [String]) throws(Diagnostics) -> (Specification, [StackTest]) {
        let source = RecordingSource(try location.open().source)
        let modules = PinnedModules(source: source, caches: ModuleCaches(location, environment))
        let specification = try SpecLoader(
            source: source, repositories: modules, decrypter: SpecDecrypter(environment)
        ).load()
        let check = StackTestCheck(
            specification: specification, providers: capabilities.providers.map(\.name))
        var problems = Diagnostics()
        var tests: [StackTest] = []
        for file in try paths.isEmpty ? found() : paths.map(named) {
            problems.collect { () throws(Diagnostics) in
                let test = try StackTestLoader(source: try DirectorySource(path: file.folder))
                    .load(file.name, as: file.path)
                try check.check(test)
                tests.append(test)
            }
        }
        try problems.throwIfErrors()
        guard tests.contains(where: { test in test.runs.contains { selects($0, of: test) } }) else {
            throw Diagnostics(
                .error(
                    "No test matches",
                    "None of \(filters.map { "\"\($0)\"" }.joined(separator: ", ")) matches the name of a run or the path of "
                        + "a test file. There are: \(tests.flatMap(\.runs).map(\.name).joined(separator: ", "))."))
        }
        return (specification, tests)
    }

    private struct TestFile {
        let folder: String
        let name: String
        /// For people.
        let path: String
    }

    private func found() throws(Diagnostics) -> [TestFile] {
        let directory = location.directory
        var files: [TestFile] = []
        for (folder, prefix) in [(directory, ""), (directory + "/tests", "tests/")]
        where prefix.isEmpty || access(folder, F_OK) == 0 {
            let names = try DirectorySource(path: folder).files(in: "").filter(StackTestLoader.isTestFile)
            files += names.map { TestFile(folder: folder, name: $0, path: prefix + $0) }
        }
        guard files.isEmpty else { return files }
        throw Diagnostics(
            .error(
                "No test files",
                "\(directory == "." ? "The stack's directory" : directory) holds no test files: they are called "
                    + "*.test.yaml, and stand beside the stack or in its folder tests."))
    }

    /// A path is relative to where the command was given, or else to the stack.
    private func named(_ path: String) -> TestFile {
        let isHere = path.hasPrefix("/") || access(path, F_OK) == 0
        let full = isHere ? path : location.directory + "/" + path
        let slash = full.lastIndex(of: "/")
        let folder = slash.map { String(full[..<$0]) } ?? "."
        let name = slash.map { String(full[full.index(after: $0)...]) } ?? full
        return TestFile(folder: folder.isEmpty ? "/" : folder, name: name, path: path)
    }
}
