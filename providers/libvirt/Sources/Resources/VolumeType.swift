import PlumbModel
import ProviderAPI

/// `libvirt_volume`: a disk image, empty, an overlay of another one, or with content from a file or URL.
struct VolumeType: StoredResource, Scanning {
    let gateway: GatewayClient
    let workingDirectory: String
    let name = "libvirt_volume"
    let collection = "volumes"

    var schema: Schema { Self.schema }

    private static let contentType = ValueType.object([
        .init("file", .string, isOptional: true), .init("sha256", .string, isOptional: true),
        .init("url", .string, isOptional: true),
    ])

    static let schema = Schema([
        AttributeSchema("id", .string, .computed, "The pool's UUID, a slash, the name: what disks refer to."),
        AttributeSchema("pool", .string, .required, forcesReplacement: true, "The pool's id."),
        AttributeSchema("name", .string, .required, forcesReplacement: true, "The file's name in the pool."),
        AttributeSchema(
            "capacity", .string, .optionalComputed, normalisation: Size.volumeNormalisation,
            "How large the disk is, such as 10GiB; grows in place. What the content or the backing volume has, unless given."
        ),
        AttributeSchema(
            "format", .string, .optional, default: "qcow2", forcesReplacement: true, "qcow2, or raw."),
        AttributeSchema(
            "backing", .string, .optional, forcesReplacement: true, "The id of a volume that this one is an overlay of."
        ),
        AttributeSchema(
            "content", contentType, .optional, forcesReplacement: true,
            normalisation: Normalisation("content") { NetworkNormalisation.trimmed($0) },
            "What it holds at first: `file`, a path beside the stack, or `url`; with `sha256` it is checked."),
        AttributeSchema(
            "content_sha256", .string, .computed,
            "SHA-256 of the content that was written; empty while it was not written wholly."),
        AttributeSchema("path", .string, .computed, "Where the file is on the host."),
    ])

    // MARK: Planning

    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        var plan = schema.plan(request)
        let declared = request.declared
        if let prior = request.prior?.values { try review(prior, &plan, request) }
        // The name says the id: those who use it can be planned wholly.
        if let pool = plan.planned.text("pool"), let name = plan.planned.text("name") {
            plan.planned = plan.planned.setting("id", .string("\(pool)/\(name)"))
        }
        if let capacity = declared.text("capacity"), Size.bytes(capacity) == nil {
            throw ProviderError(
                .invalid,
                "`capacity` is \"\(capacity)\", which is no size. Write it as 10GiB, 512MiB or a number of bytes.")
        }
        if let content = declared.given("content"), content.isWhollyKnown {
            try VolumeContent.check(content)
            if declared.given("backing") != nil {
                throw ProviderError(
                    .invalid, "`backing` and `content` both say what the volume holds. Give one of them.")
            }
        }
        return plan
    }

    private func review(_ prior: Value, _ plan: inout ResourcePlan, _ request: PlanRequest) throws(ProviderError) {
        let wanted = plan.planned.text("capacity").flatMap(Size.bytes)
        let isShrunk = (wanted ?? 0) < (prior.text("capacity").flatMap(Size.bytes) ?? 0) && wanted != nil
        let isHalf = prior.text("content_sha256") == "" && request.declared.given("content") != nil
        guard isShrunk || isHalf || !plan.replacePaths.isEmpty else { return }
        if isShrunk || isHalf {
            // Everything that a creation leaves open is open.
            var anew = schema.plan(PlanRequest(prior: nil, declared: request.declared))
            anew.replacePaths = plan.replacePaths
            if isShrunk { anew.replacePaths.append(AttributePath("capacity")) }
            if isHalf { anew.replacePaths.append(AttributePath("content_sha256")) }
            plan = anew
        }
        plan.replaceReason =
            isHalf
            ? "Its content was not written to the end."
            : isShrunk ? "A volume grows in place, and never shrinks: what it holds is lost." : nil
    }

    // MARK: Changing

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        let planned = request.planned
        guard let id = try plannedID(planned) else {
            throw ProviderError(.invalid, "`pool` and `name` say where the volume is; one of them is not given.")
        }
        var content: VolumeContent?
        if let given = planned.given("content") {
            content = try await VolumeContent.open(given, workingDirectory: workingDirectory, gateway)
        }
        return try await make(id, content, planned)
    }

    private func make(
        _ id: VolumeID, _ content: VolumeContent?, _ planned: Value
    ) async throws(ProviderError) -> ResourceState {
        try await expectNothing(at: id, "volume")
        let wanted = planned.text("capacity").flatMap(Size.bytes)
        try content?.check(format: planned.text("format") ?? "qcow2", capacity: wanted)
        do throws(ProviderError) {
            return try await put(id, content, planned, capacity: wanted)
        } catch {
            throw await doubting(error, id)
        }
    }

    private func put(
        _ id: VolumeID, _ content: VolumeContent?, _ planned: Value, capacity wanted: Int?
    ) async throws(ProviderError) -> ResourceState {
        let answer = try await gateway.ask(
            .init(
                method: "PUT", path: id.path(collection),
                body: try body(planned, capacity: wanted ?? content?.capacity),
                ifAbsent: true))
        if let refusal = answer.refusal {
            // Nothing was there a moment ago: it is our own first attempt, whose answer was lost. libcurl repeats some by itself.
            guard refusal.isUnexpectedVersion else { throw refusal.error(changes: true) }
        }
        guard let content else {
            let live = try await gateway.get(.init(path: id.path(collection))).body
            let made = state(of: live, like: ResourceState(planned))
            guard isMade(made, as: planned) else {
                throw ProviderError(
                    .conflict,
                    "The volume \(id.name) came to be in this moment, and is not as it was to be. Who else makes it?")
            }
            return made
        }
        return try await filled(id, content, planned)
    }

    /// Writes the content into the empty volume; where that fails nothing is left of it.
    private func filled(
        _ id: VolumeID, _ content: VolumeContent, _ planned: Value
    ) async throws(ProviderError) -> ResourceState {
        do throws(ProviderError) {
            let digest = try await content.write(to: id, gateway)
            if let wanted = planned.text("capacity").flatMap(Size.bytes), wanted > content.capacity {
                try await gateway.get(
                    .init(method: "PUT", path: id.path(collection), body: try body(planned, capacity: wanted)))
            }
            let live = try await gateway.get(.init(path: id.path(collection))).body
            return state(
                of: live,
                like: ResourceState(
                    planned.setting("content_sha256", .string(digest)), privateData: nil))
        } catch {
            let path = id.path(collection)
            // Also when it was cancelled: half of an image is worse than none.
            let removed = await Task { () -> Bool in
                do throws(ProviderError) {
                    let refusal = try await gateway.ask(.init(method: "DELETE", path: path)).refusal
                    return refusal == nil || refusal?.isGone == true
                } catch {
                    return false
                }
            }.value
            // Where half of it may be left, the next run finds it.
            throw removed ? ProviderError(error.code, error.message, isRetryable: error.isRetryable) : error.doubtful
        }
    }

    private func body(_ planned: Value, capacity: Int?) throws(ProviderError) -> Value {
        var backing = Value.null
        if planned.given("backing") != nil { backing = try VolumeID(planned[key: "backing"], in: "backing").reference }
        return .compact([
            ("capacity", capacity.map { .number($0) }), ("format", planned[key: "format"]), ("backing", backing),
        ])
    }

    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState {
        let id = try id(of: request.prior.values)
        let capacity = request.planned.text("capacity").flatMap(Size.bytes)
        let call = GatewayClient.Call(
            method: "PUT", path: id.path(collection), body: try body(request.planned, capacity: capacity),
            ifMatch: Notes(request.prior.privateData).etag)
        let answer = try await gateway.ask(call)
        let live: Value
        if let refusal = answer.refusal {
            guard refusal.isUnexpectedVersion,
                let found = try await gateway.find(id.path(collection)),
                isMade(state(of: found, like: ResourceState(request.planned)), as: request.planned)
            else { throw refusal.error(changes: true) }
            live = found
        } else {
            live = answer.body
        }
        return state(of: live, like: ResourceState(request.planned))
    }

    // MARK: Reading

    func state(of live: Value, like recorded: ResourceState) -> ResourceState {
        let pool = live[key: "pool"] ?? .null
        let name = live[key: "name"] ?? .null
        var values: [String: Value] = [
            "id": .string("\(pool.asString ?? "")/\(name.asString ?? "")"), "pool": pool, "name": name,
            "format": live[key: "format"] ?? .null, "path": live[key: "path"] ?? .null,
            "backing": VolumeID.text(live[key: "backing"]),
            "capacity": live.given("capacity")?.asInt.map { .string(Size.text($0)) } ?? .null,
        ]
        // Interrupted before it was known: what is in it nobody has checked.
        if recorded.values[key: "content_sha256"]?.isUnknown == true {
            values["content_sha256"] = recorded.values.given("content") == nil ? .null : ""
        }
        return ResourceState(
            schema.values(values, like: recorded.values), privateData: Notes(etag: live.text("etag")).text)
    }

    func isMade(_ state: ResourceState, as planned: Value) -> Bool {
        schema.attributes.allSatisfy { attribute in
            guard attribute.isSettable, attribute.name != "content", let wanted = planned.given(attribute.name) else {
                return true
            }
            // While its content was being written, a volume is as large as that says.
            if attribute.name == "capacity", planned.given("content") != nil { return true }
            let got = state.values[key: attribute.name] ?? .null
            return wanted == got || attribute.normalisation?.areSame(wanted, got) == true
        }
    }

    /// One list of all that the host has.
    func read(all priors: [ResourceState]) async throws(ProviderError) -> [ResourceState?] {
        if priors.count == 1 { return [try await read(priors[0])] }
        var found: [VolumeID: Value] = [:]
        for live in try await gateway.list("/v1/volumes") {
            guard let pool = live.text("pool"), let name = live.text("name") else { continue }
            found[VolumeID(pool: pool, name: name)] = live
        }
        var hidden: [String: Bool] = [:]
        var states: [ResourceState?] = []
        for prior in priors {
            let id = try id(of: prior.values)
            if let live = found[id] {
                states.append(state(of: live, like: prior))
                continue
            }
            if hidden[id.pool] == nil { hidden[id.pool] = try await isHidden(id) }
            states.append(hidden[id.pool] == true ? prior : nil)
        }
        return states
    }

    func scan() async throws(ProviderError) -> [ScannedResource] {
        try await gateway.list("/v1/volumes").compactMap { live in
            guard let pool = live.text("pool"), let name = live.text("name") else { return nil }
            let id = VolumeID(pool: pool, name: name).text
            return ScannedResource(id: id, identity: id)
        }
    }
}
