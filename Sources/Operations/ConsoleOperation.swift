internal import Expressions
internal import Loading
public import PlumbModel
internal import StateBackendAPI

/// `plumb console`: evaluates expressions against a stack as it is declared and recorded, or, where the directory holds
/// no stack, with functions and the directory's files alone. Asks no system, changes nothing.
public struct ConsoleOperation {
    /// Of the stack's specs.
    public let warnings: Diagnostics
    private let scope: InstanceScope
    private let session: StackSession?

    public static func open(
        _ location: StackLocation, capabilities: Capabilities, environment: [String: String],
        variables: [VariableArgument] = []
    ) async throws(Diagnostics) -> ConsoleOperation {
        let phase = Surroundings.Phase.applying(plannedAt: WallClock.now())
        let source = try DirectorySource(path: location.directory)
        guard try source.files(in: "").contains(where: { $0 == "stack.yaml" || $0 == "stack.yml" }) else {
            let facts = StackFacts(
                name: "", revision: nil, branch: nil, path: ".", directory: location.absoluteDirectory,
                home: environment["HOME"])
            let content = ModuleContent(
                folder: ".", variables: [], locals: [:], outputs: [], calls: [], resources: [])
            let scopes = ModuleScopes(
                facts: facts, variables: [:], modules: [ModuleInstance(path: [], content: content, caller: nil)],
                files: source, resources: RecordedValues(nil), phase: phase)
            return ConsoleOperation(warnings: Diagnostics(), scope: scopes.stack, session: nil)
        }
        let session = try await StackSession.open(
            location, capabilities: capabilities, environment: environment, variables: variables,
            requiresVariables: false)
        do throws(StateBackendError) {
            let values = RecordedValues(session.graph, try await session.backend.snapshot(of: session.name))
            let scopes = ModuleScopes(session.graph, files: session.files, resources: values, phase: phase)
            return ConsoleOperation(warnings: session.warnings, scope: scopes.stack, session: session)
        } catch {
            await session.close()
            throw Diagnostics(.error("Cannot read state", error.message))
        }
    }

    /// Whether the text is the beginning of an expression that goes on in the next line.
    public static func isUnfinished(_ text: String) -> Bool { ExpressionParser.isUnfinished(text) }

    /// The value of one expression.
    public func evaluate(_ text: String) throws(Diagnostics) -> Value {
        let expression = try ExpressionParser.parse(expression: SourceFile(path: "console", text: text))
        return try Evaluator(scope: scope).evaluate(expression)
    }

    /// Lets go of connections.
    public func close() async { await session?.close() }
}
