import PlumbModel
import ProviderAPI

/// `local_file`: a file on this machine with a given content and mode, written atomically.
struct LocalFile: Recovering, Importing {
    /// What relative filenames are relative to.
    let directory: String

    let name = "local_file"
    let schema = Schema(
        [
            AttributeSchema(
                "filename", .string, .required, forcesReplacement: true,
                "Where the file is: relative to the stack's directory, or absolute."),
            AttributeSchema("content", .string, .optional, "What the file holds, as text."),
            AttributeSchema(
                "sensitive_content", .string, .optional, sensitive: true,
                "What the file holds, as text that is never shown."),
            AttributeSchema("content_base64", .string, .optional, "What the file holds, as base64."),
            AttributeSchema(
                "file_mode", .string, .optionalComputed, normalisation: FileMode.normalisation,
                "Permissions in octal digits; 0644, or 0600 for sensitive content, where not given."),
            AttributeSchema(
                "directory_mode", .string, .optional, default: "0755", normalisation: FileMode.normalisation,
                "Permissions of parent directories that are made for the file."),
            AttributeSchema(
                "overwrite", .bool, .optional, default: false,
                "Whether a file that is already there, with another content, is replaced on creation."),
            AttributeSchema("id", .string, .computed, "The same as `filename`."),
        ] + ContentDigests.schema)

    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        let content = try FileContent(request.declared)
        if let filename = request.declared.attribute("filename").asString { _ = try place(filename) }
        _ = try FileMode.parse(request.declared, "file_mode")
        _ = try FileMode.parse(request.declared, "directory_mode")
        var declared = request.declared
        // Not left to the schema, which would keep a mode that somebody has changed.
        if declared.attribute("file_mode").isNull {
            declared = declared.setting(["file_mode": .string(content.defaultMode)])
        }
        var plan = schema.plan(PlanRequest(prior: request.prior, declared: declared))
        let filename = declared.attribute("filename")
        plan.planned = .object(
            (plan.planned.asMap ?? ValueMap()).merging(ValueMap(content.digests + [("id", filename)])))
        return plan
    }

    func read(_ prior: ResourceState) async throws(ProviderError) -> ResourceState? {
        let place = try place(prior.values)
        return try await BlockingCalls.run { () throws(ProviderError) in try read(prior, at: place) }
    }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        let place = try place(request.planned)
        return try await BlockingCalls.run { () throws(ProviderError) in
            try refuseForeignFile(request.planned, at: place)
            return try write(request.planned, to: place, intent: request.intent)
        }
    }

    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState {
        let place = try place(request.planned)
        return try await BlockingCalls.run { () throws(ProviderError) in
            try write(request.planned, to: place, intent: request.intent)
        }
    }

    func delete(_ request: DeleteRequest) async throws(ProviderError) {
        let place = try place(request.prior.values)
        try await BlockingCalls.run { () throws(ProviderError) in
            if case .directory = try place.occupant() { throw place.obstacle("A directory") }
            try place.remove()
        }
    }

    func recover(_ intent: Intent) async throws(ProviderError) -> Recovery {
        let values = intent.planned ?? intent.prior ?? .null
        let place = try place(values)
        return try await BlockingCalls.run { () throws(ProviderError) in
            place.removeTemporary(intent.id)
            if case .link(let target) = try place.occupant(), intent.action == .create {
                return .unclear("\(place.name) is a symbolic link to \(target).")
            }
            guard let live = try read(ResourceState(values), at: place) else { return .absent }
            guard intent.action == .create, let expected = try FileContent(values).bytes else {
                return .found(live)
            }
            if try LiveContent(place)?.matches(expected) == true { return .found(live) }
            // Files are written whole: what is there now was there before, and is to be replaced.
            if values.attribute("overwrite").asBool == true { return .absent }
            return .unclear("\(place.name) exists, with another content than was to be written.")
        }
    }

    /// `id` is the filename.
    func importResource(id: String) async throws(ProviderError) -> ResourceState? {
        let place = try place(id)
        return try await BlockingCalls.run { () throws(ProviderError) in
            guard case .file(let permissions) = try place.occupant(), let live = try LiveContent(place) else {
                return nil
            }
            guard live.isWhole else {
                throw ProviderError(
                    .invalid,
                    "\(id) has \(live.size) bytes; a local_file of at most \(LiveContent.shownSize) can be imported.")
            }
            let isText = live.text != nil
            let values = schema.attributes.map { ($0.name, $0.defaultValue ?? .null) } + live.digests.attributes
            return ResourceState(
                Value.object(ValueMap(values)).setting([
                    "filename": .string(id), "id": .string(id), "file_mode": .string(FileMode.text(permissions)),
                    (isText ? "content" : "content_base64"): live.value(isText ? .content : .base64),
                ]))
        }
    }
}

extension LocalFile {
    private func place(_ filename: String) throws(ProviderError) -> FilePlace {
        try FilePlace(filename, in: directory)
    }

    private func place(_ values: Value) throws(ProviderError) -> FilePlace {
        guard let filename = values.attribute("filename").asString else {
            throw ProviderError(.invalid, "The filename of a local_file must be known when it is written.")
        }
        return try place(filename)
    }

    /// The recorded values with what differs in the file now; nil where there is no file.
    private func read(_ prior: ResourceState, at place: FilePlace) throws(ProviderError) -> ResourceState? {
        let recorded = try FileContent(prior.values)
        var live = ValueMap([("id", prior.values.attribute("filename"))])
        switch try place.occupant() {
        case .nothing: return nil
        case .directory: throw place.obstacle("A directory")
        case .special: throw place.obstacle("A pipe, socket or device")
        case .link(let target):
            // It is drift: an update puts a file in the link's place, and what it points to stays as it is.
            live[recorded.source.rawValue] = .string("(a symbolic link to \(target))")
            live["file_mode"] = prior.values.attribute("file_mode")
        case .file(let permissions):
            guard let content = try LiveContent(place) else { return nil }
            if let bytes = recorded.bytes, content.matches(bytes) {
                live = live.merging(ValueMap(recorded.digests))
            } else {
                live[recorded.source.rawValue] = content.value(recorded.source)
                let isSecret = recorded.source == .sensitiveContent
                live = live.merging(ValueMap(isSecret ? recorded.digests : content.digests.attributes))
            }
            let mode = Value.string(FileMode.text(permissions))
            let old = prior.values.attribute("file_mode")
            live["file_mode"] = FileMode.normalisation.areSame(mode, old) ? old : mode
        }
        return ResourceState(.object((prior.values.asMap ?? ValueMap()).merging(live)))
    }

    private func refuseForeignFile(_ planned: Value, at place: FilePlace) throws(ProviderError) {
        switch try place.occupant() {
        case .nothing: return
        case .directory: throw place.obstacle("A directory")
        case .special: throw place.obstacle("A pipe, socket or device")
        case .link(let target): throw place.obstacle("A symbolic link to \(target)")
        case .file:
            if planned.attribute("overwrite").asBool == true { return }
            guard let bytes = try FileContent(planned).bytes, try LiveContent(place)?.matches(bytes) == false else {
                return
            }
            throw ProviderError(
                .conflict,
                "\(place.name) exists already, with another content, and this stack does not manage it. "
                    + "Import it, move it away, or set overwrite to true.")
        }
    }

    private func write(_ planned: Value, to place: FilePlace, intent: String) throws(ProviderError) -> ResourceState {
        let content = try FileContent(planned)
        guard let bytes = content.bytes else {
            throw ProviderError(.invalid, "The content of \(place.name) must be known when it is written.")
        }
        switch try place.occupant() {
        case .directory: throw place.obstacle("A directory")
        case .special: throw place.obstacle("A pipe, socket or device")
        default: break
        }
        let mode = planned.attribute("file_mode").asString ?? content.defaultMode
        let values = planned.setting(["file_mode": .string(mode), "id": planned.attribute("filename")])
        try place.write(
            bytes, permissions: try FileMode.parse(values, "file_mode") ?? 0o600,
            directoryPermissions: try FileMode.parse(values, "directory_mode") ?? 0o755, mark: intent)
        return ResourceState(.object((values.asMap ?? ValueMap()).merging(ValueMap(content.digests))))
    }
}
