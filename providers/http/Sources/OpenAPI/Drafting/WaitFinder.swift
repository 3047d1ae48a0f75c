import PlumbModel

/// Guesses from states and answers whether a change goes on after its answer, and when it is over.
struct WaitFinder {
    private static let states = [
        "status", "state", "phase", "provisioning_state", "provisioningstate", "lifecycle_state", "lifecyclestate",
    ]
    private static let underway: Set<String> = [
        "creating", "pending", "provisioning", "building", "build", "new", "initializing", "initialising",
        "in_progress", "inprogress", "running_create", "queued", "updating", "starting", "processing", "deploying",
        "requested", "waiting", "scheduled", "in-progress", "accepted", "notstarted", "modifying", "installing",
        "configuring", "resizing", "rebuilding", "booting", "progressing",
    ]
    private static let failed: Set<String> = ["error", "failed", "failure", "errored", "create_failed", "faulted"]
    /// An operation is over with these; "running" says of one that it is not.
    private static let over: Set<String> = [
        "succeeded", "success", "successful", "completed", "complete", "done", "finished", "ok",
    ]
    private static let ended = failed.union(["cancelled", "canceled", "aborted", "rejected", "timeout", "timedout"])
    private static let done: Set<String> = [
        "active", "ready", "running", "available", "online", "succeeded", "success", "successful", "completed",
        "complete", "done", "finished", "ok", "created", "healthy", "up", "enabled", "deployed",
    ]
    private static let places = ["operation-location", "azure-asyncoperation", "location", "content-location"]

    let operations: [OpenAPIOperation]

    /// The entries of `wait` for a change that makes or alters a resource; nil where it is over with its answer.
    ///
    /// - Parameter isSettable: whether a spec gives a field; such a state is no state of the server's.
    func wait(
        _ operation: OpenAPIOperation, _ resource: SchemaShape, word: String, isSettable: (String) -> Bool
    ) -> [YAMLDraft.Entry]? {
        if operation.mayBeAsynchronous, let entries = poll(operation, resource, word) {
            let isSure = operation.isAsynchronous
            return entries + (isSure ? [] : [.init("when", .text("${response.status == 202}"))])
        }
        guard let (field, shape) = state(of: resource), !isSettable(field), case let words = texts(shape),
            words.contains(where: { WaitFinder.underway.contains($0.lowercased()) }),
            words.contains(where: { WaitFinder.done.contains($0.lowercased()) })
        else { return nil }
        return conditions("live.\(field)", words)
    }

    /// The entries of `wait` for a deletion that goes on after its answer: by the operation that it names, which knows
    /// what fails, and otherwise until the resource is gone.
    func deletionWait(_ operation: OpenAPIOperation, _ resource: SchemaShape, word: String) -> [YAMLDraft.Entry]? {
        if operation.mayBeAsynchronous, let entries = poll(operation, resource, word) {
            let telling = entries.filter { $0.key != "set" }
            return telling + (operation.isAsynchronous ? [] : [.init("when", .text("${response.status == 202}"))])
        }
        let words = state(of: resource).map { texts($0.1).map { $0.lowercased() } } ?? []
        let isSlow =
            operation.mayBeAsynchronous || words.contains { ["deleting", "terminating", "removing"].contains($0) }
        return isSlow ? [.init("timeout", .text("5m"))] : nil
    }

    private func conditions(_ place: String, _ words: [String]) -> [YAMLDraft.Entry] {
        let wanting = words.filter { WaitFinder.underway.contains($0.lowercased()) }
        let failures = words.filter { WaitFinder.failed.contains($0.lowercased()) }
        var entries = [YAMLDraft.Entry("until", .text("${!contains(\(list(wanting)), \(place))}"))]
        if !failures.isEmpty {
            entries.append(.init("failed", .text("${contains(\(list(failures)), \(place))}")))
            entries.append(.init("message", .text("${\(place)}")))
        }
        return entries
    }

    private func list(_ words: [String]) -> String {
        "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    }

    private func texts(_ shape: SchemaShape) -> [String] {
        shape.choices.compactMap(\.asString).filter { text in !text.contains { "\"$%\\".contains($0) || $0.isNewline } }
    }

    private func state(of shape: SchemaShape) -> (String, SchemaShape)? {
        for name in WaitFinder.states {
            if let found = shape.properties.first(where: { $0.name.lowercased() == name }) {
                return (found.name, found.shape)
            }
        }
        return nil
    }

    // MARK: - Operations that are asked for

    private func poll(_ operation: OpenAPIOperation, _ resource: SchemaShape, _ word: String) -> [YAMLDraft.Entry]? {
        guard let accepted = operation.answers.first(where: { $0.status == 202 }) else { return nil }
        let body = accepted.shape ?? .any
        let request: String
        let polled: SchemaShape
        if let header = WaitFinder.places.first(where: accepted.headers.contains) {
            request = "${response.headers[\"\(header)\"]}"
            polled = status(ofNamed: body.name) ?? body
        } else if let (read, parameter, field) = reader(of: body) {
            request = read.path.text.replacing("{\(parameter)}", with: "${\(BodyPath.expression([field]))}")
            polled = Envelope.item(read.answered ?? .any, word: "").shape
        } else {
            return nil
        }
        let inner = BodyPath.expression(Envelope.item(polled, word: "").path)
        let place: String
        let words: [String]
        if let (field, shape) = state(of: polled) {
            place = BodyPath.expression([field], root: inner)
            words = texts(shape)
        } else {
            place = "try(response.body.status, \"\")"
            words = []
        }
        var entries = [YAMLDraft.Entry("poll", .map([.init("get", .text(request))]))]
        if words.contains(where: { WaitFinder.over.contains($0.lowercased()) }) {
            let failures = words.filter { WaitFinder.ended.contains($0.lowercased()) }
            let ends = words.filter { WaitFinder.over.contains($0.lowercased()) }
            entries.append(.init("until", .text("${contains(\(list(ends)), \(place))}")))
            if !failures.isEmpty {
                entries.append(.init("failed", .text("${contains(\(list(failures)), \(place))}")))
                let why =
                    reason(in: polled, root: inner).map { "try(coalesce(tostring(\($0)), \(place)), \(place))" }
                    ?? place
                entries.append(.init("message", .text("${\(why)}")))
            }
        } else if words.contains(where: { WaitFinder.underway.contains($0.lowercased()) }) {
            entries += conditions(place, words)
        } else {
            entries.append(
                .init(
                    "until",
                    .text(
                        "${contains([\"succeeded\", \"success\", \"completed\", \"done\", \"finished\"], lower(\(place)))}"
                    )))
            entries.append(.init("failed", .text("${contains([\"failed\", \"error\"], lower(\(place)))}")))
        }
        let singular = Naming.singular(Naming.snake(word))
        if let field = polled.properties.first(where: {
            ["resource_id", "resourceid", "result_id", singular + "_id"].contains(Naming.snake($0.name))
        }) {
            entries.append(
                .init("set", .map([.init("id", .text("${\(BodyPath.expression([field.name], root: inner))}"))])))
        }
        return entries
    }

    /// Where an operation says why it failed.
    private func reason(in shape: SchemaShape, root: String) -> String? {
        for name in ["error", "error_message", "errorMessage", "message", "detail", "reason", "statusMessage"] {
            guard let field = shape[name] else { continue }
            if field.mayBeText { return BodyPath.expression([name], root: root) }
            if field["message"]?.mayBeText == true { return BodyPath.expression([name, "message"], root: root) }
        }
        return nil
    }

    private func status(ofNamed name: String?) -> SchemaShape? {
        guard name == nil else { return nil }
        return operations.first { isOperationRead($0) }?.answered
    }

    private func isOperationRead(_ operation: OpenAPIOperation) -> Bool {
        let words = ["operations", "operation", "tasks", "task", "jobs", "job", "requests", "activities"]
        return operation.method == "get" && operation.path.lastParameter != nil
            && operation.path.literals.last.map { words.contains($0.lowercased()) } == true
    }

    /// The GET that follows what a body names: by its schema, or by the id of an operation.
    private func reader(of body: SchemaShape) -> (OpenAPIOperation, String, String)? {
        for read in operations where isOperationRead(read) {
            guard let parameter = read.path.lastParameter, read.path.parameters.count == 1 else { continue }
            let folded = Naming.folded(parameter)
            let word = Naming.singular(Naming.snake(read.path.literals.last ?? "")).filter { $0 != "_" }
            let isSame = body.name != nil && body.name == read.answered?.name
            let field = body.properties.first { property in
                let name = Naming.folded(property.name)
                return name == folded && name != "id" || name == word + "id" || isSame && name == "id"
            }
            if let field { return (read, parameter, field.name) }
        }
        return nil
    }
}
