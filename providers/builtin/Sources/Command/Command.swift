import PlumbModel
import ProviderAPI

/// `command`: programs that are run on this machine by an apply, and by nothing else.
///
/// Planning and refreshing never run anything, so there is no `read` command: what a program leaves behind has no
/// live state that could be looked at without running one.
struct Command: StateOnlyType {
    /// What relative paths are relative to.
    let directory: String
    /// Whether `stack.yaml` says `builtin: {allow_commands: true}`.
    let isAllowed: Bool

    let name = "command"
    let schema = Schema([
        AttributeSchema(
            "create", .any, .required, "What a creation runs: a list of program and arguments, or a text for /bin/sh."),
        AttributeSchema(
            "update", .any, .optional,
            "What a change runs; without it, a change of create, environment, stdin, working_directory or triggers "
                + "replaces the resource."),
        AttributeSchema("delete", .any, .optional, "What a deletion runs."),
        AttributeSchema("environment", .map(.string), .optional, "Variables besides the ones plumb itself has."),
        AttributeSchema(
            "secret_environment", .map(.string), .optional, writeOnly: true,
            "More variables, which are kept nowhere: the delete command does not get them."),
        AttributeSchema("stdin", .string, .optional, sensitive: true, "What the program reads."),
        AttributeSchema(
            "working_directory", .string, .optional, "Where it runs: relative to the stack's directory, or absolute."),
        AttributeSchema("timeout", .string, .optional, default: "10m", "After how long it is stopped."),
        AttributeSchema("triggers", .any, .optional, "Any value; a change of it runs the update, or replaces."),
        AttributeSchema(
            "repeatable", .bool, .optional, default: false,
            "Whether the programs may run again after a crash that leaves open whether they ran."),
        AttributeSchema("id", .string, .computed, "A UUID that stays for the life of the resource."),
        AttributeSchema("stdout", .string, .computed, "What the last creation or update printed."),
        AttributeSchema("exit_code", .number, .computed, "How the last creation or update ended: 0."),
    ])

    /// A change of one of these means that something has to be run.
    private static let effective = [
        "create", "environment", "secret_environment", "stdin", "working_directory", "triggers",
    ]

    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        try checkAllowed()
        for action in ["create", "update", "delete"] { _ = try CommandLine(request.declared, action) }
        _ = try DurationText.parse(request.declared, "timeout")
        var plan = schema.plan(request)
        guard let prior = request.prior else { return plan }
        let changed = Command.changes(from: prior.values, to: plan.planned)
        if changed.isEmpty { return plan }
        guard request.declared.attribute("update").isNull else {
            plan.planned = plan.planned.setting(["stdout": .unknown(.string), "exit_code": .unknown(.number)])
            return plan
        }
        let renewed = schema.plan(PlanRequest(prior: nil, declared: request.declared))
        return ResourcePlan(planned: renewed.planned, replacePaths: changed.map { AttributePath($0) })
    }

    private static func changes(from prior: Value, to planned: Value) -> [String] {
        effective.filter { planned.attribute($0) != prior.attribute($0) }
    }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        let blank = request.planned.setting([
            "id": .string(UUIDText.random()), "stdout": .null, "exit_code": .null,
        ])
        return try await run("create", blank, partial: ResourceState(blank))
    }

    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState {
        let prior = request.prior.values
        let values = request.planned.setting(["id": prior.attribute("id")])
        guard !Command.changes(from: prior, to: values).isEmpty else {
            return ResourceState(
                values.setting(["stdout": prior.attribute("stdout"), "exit_code": prior.attribute("exit_code")]))
        }
        return try await run("update", values, partial: nil)
    }

    func delete(_ request: DeleteRequest) async throws(ProviderError) {
        if !request.prior.values.attribute("delete").isNull {
            _ = try await run("delete", request.prior.values, partial: nil)
        }
    }

    func recover(_ intent: Intent) async throws(ProviderError) -> Recovery {
        let values = intent.planned ?? intent.prior ?? .null
        let prior = intent.prior.map { ResourceState($0, privateData: intent.privateData) }
        let ran = !values.attribute(intent.action.rawValue).isNull
        if !ran || values.attribute("repeatable").asBool == true {
            return prior.map(Recovery.found) ?? .absent
        }
        return .unclear(
            "A run was stopped while the \(intent.action.rawValue) command was about to run or ran; whether it did "
                + "cannot be told. Where it does no harm to run it again, say repeatable: true.")
    }

    private func checkAllowed() throws(ProviderError) {
        guard isAllowed else {
            throw ProviderError(
                .invalid,
                "This stack may not run programs. To allow it, write \"providers: {builtin: {allow_commands: true}}\" "
                    + "in stack.yaml.")
        }
    }

    private func run(
        _ action: String, _ values: Value, partial: ResourceState?
    ) async throws(ProviderError) -> ResourceState {
        try checkAllowed()
        guard let line = try CommandLine(values, action) else {
            throw ProviderError(.invalid, "The \(action) command must be known when it is run.")
        }
        var place = directory
        if let own = values.attribute("working_directory").asString {
            place = own.hasPrefix("/") ? own : directory + "/" + own
        }
        var environment: [String: String] = [:]
        for attribute in ["environment", "secret_environment"] {
            for entry in values.attribute(attribute).asMap ?? ValueMap() {
                environment[entry.key] = entry.value.asString
            }
        }
        let execution = CommandExecution(
            action: action, line: line, directory: place, environment: environment,
            input: values.attribute("stdin").asString ?? "",
            timeout: try DurationText.parse(values, "timeout") ?? .seconds(600), partial: partial)
        let output = try await execution.run()
        return ResourceState(values.setting(["stdout": .string(output), "exit_code": 0]))
    }
}

/// A program and its arguments.
struct CommandLine: Sendable {
    let arguments: [String]

    /// Nil while it is null or not wholly known.
    init?(_ values: Value, _ attribute: String) throws(ProviderError) {
        let value = values.attribute(attribute)
        guard !value.isNull, value.isWhollyKnown else { return nil }
        if let text = value.asString, !text.isEmpty {
            arguments = ["/bin/sh", "-c", text]
            return
        }
        let words = (value.asList ?? []).compactMap(\.asString)
        guard let program = words.first, !program.isEmpty, words.count == value.asList?.count else {
            throw ProviderError(
                .invalid,
                "\(attribute) must be a text for the shell, or a list of texts with the program first; it is "
                    + "\(value.asString == nil ? value.type.phrase : "empty").")
        }
        guard !words.contains(where: { $0.utf8.contains(0) }) else {
            throw ProviderError(.invalid, "\(attribute) has a NUL character in it, which no argument can have.")
        }
        arguments = words
    }
}
