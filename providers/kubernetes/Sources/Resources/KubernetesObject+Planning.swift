import PlumbModel
import ProviderAPI

extension KubernetesObject {
    /// What the server would make of the manifest, by its own word: a dry run. What has not changed is not asked for.
    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        let declared = request.declared
        var draft = PlanDraft(declared, schema, prior: request.prior)
        guard let manifest = try Manifest(of: declared) else {
            try await checkTypes(declared[key: "manifest"] ?? .null)
            return ResourcePlan(planned: draft.unknown())
        }
        let choices = try ObjectChoices(declared)
        guard let prior = request.prior else {
            cluster.expectations.note(creationOf: manifest)
            return try await planCreation(manifest, choices, &draft)
        }
        let moved = try await identityChange(from: prior, to: manifest)
        if !moved.isEmpty { return ResourcePlan(planned: draft.unknown(), replacePaths: moved) }
        if prior.isApplied, manifest.value.isSame(as: prior.values[key: "manifest"] ?? .null) {
            note(prior, manifest)
            return ResourcePlan(planned: draft.unchanged())
        }
        return try await planUpdate(manifest, prior, choices, &draft)
    }

    /// The attributes that say which object it is, where they say another one now.
    private func identityChange(
        from prior: ResourceState, to manifest: Manifest
    ) async throws(ProviderError) -> [AttributePath] {
        let old = try Manifest.recorded(prior.values)
        var paths: [AttributePath] = []
        func path(_ keys: String...) -> AttributePath { AttributePath((["manifest"] + keys).map { .key($0) }) }
        if old.version.group != manifest.version.group { paths.append(path("apiVersion")) }
        if old.kind != manifest.kind { paths.append(path("kind")) }
        if old.name != manifest.name { paths.append(path("metadata", "name")) }
        if paths.isEmpty, let space = ObjectNotes(prior.privateData).namespace {
            let wanted: String
            if let namespace = manifest.namespace { wanted = namespace } else { wanted = try cluster.link().namespace }
            if wanted != space { paths.append(path("metadata", "namespace")) }
        }
        return paths
    }

    /// Remembers that the object is there: what is planned under its name later takes its place.
    private func note(_ prior: ResourceState, _ manifest: Manifest) {
        let notes = ObjectNotes(prior.privateData)
        cluster.expectations.note(
            presence: "\(manifest.groupKind)/\(notes.namespace ?? "")/\(manifest.name)", uid: notes.uid ?? "")
    }

    // MARK: - Creation

    private func planCreation(
        _ manifest: Manifest, _ choices: ObjectChoices, _ draft: inout PlanDraft
    ) async throws(ProviderError) -> ResourcePlan {
        if let definition = cluster.expectations.definition(of: manifest.groupKind) {
            try definition.check(manifest)
            return ResourcePlan(planned: draft.unknown())
        }
        // What waits for other resources cannot be tried.
        guard manifest.value.isWhollyKnown else {
            try await checkTypes(manifest.value)
            return ResourcePlan(planned: draft.unknown())
        }
        guard let place = try await place(of: manifest) else { throw await unknownKind(manifest) }
        if cluster.expectations.uid(of: place.identity) != nil {
            // It takes the place of one that goes first.
            let tried = try await tryCreation(manifest, place.resource, in: place.namespace)
            guard case .stored(let stored, _) = tried else { return ResourcePlan(planned: draft.unknown()) }
            return ResourcePlan(planned: draft.tried(stored, isNew: true))
        }
        switch try await apply(manifest, at: place, prior: nil, force: choices.force, isTrial: true) {
        case .stored(let stored, true):
            cluster.expectations.note(absence: place.path)
            return ResourcePlan(planned: draft.tried(stored, isNew: true))
        case .stored(let stored, false):
            guard choices.adopt else { throw exists(place, (try await get(place)) ?? .null) }
            return ResourcePlan(planned: draft.tried(stored, isNew: false))
        case .refused(let refusal) where refusal.isConflict:
            guard choices.adopt else { throw exists(place, (try await get(place)) ?? .null) }
            throw await conflict(refusal, at: place)
        case .refused(let refusal) where refusal.isMissingNamespace:
            return ResourcePlan(planned: try await planInNewNamespace(manifest, place, &draft))
        case .refused(let refusal) where refusal.isUntriable:
            let found = try await get(place)
            guard choices.adopt || found == nil else { throw exists(place, found ?? .null) }
            if found == nil { cluster.expectations.note(absence: place.path) }
            return ResourcePlan(planned: draft.unknown())
        case .refused(let refusal): throw await explained(refusal, manifest)
        }
    }

    /// What will be in a namespace that is not there yet is tried in one that is: what is wrong with it is wrong there too.
    private func planInNewNamespace(
        _ manifest: Manifest, _ place: ObjectPlace, _ draft: inout PlanDraft
    ) async throws(ProviderError) -> Value {
        let namespace = place.namespace ?? ""
        guard cluster.expectations.expects(namespace: namespace) else { throw missingNamespace(place) }
        cluster.expectations.note(absence: place.path)
        switch try await tryCreation(manifest, place.resource, in: "default") {
        case .stored(let stored, _): return draft.tried(stored, isNew: true, isElsewhere: true)
        case .refused(let refusal) where [400, 422, 500].contains(refusal.status):
            throw await explained(refusal, manifest)
        case .refused: return draft.unknown()
        }
    }

    func missingNamespace(_ place: ObjectPlace) -> ProviderError {
        ProviderError(
            .invalid,
            "\(place.text) is to be in the namespace \"\(place.namespace ?? "")\", which does not exist. Declare the Namespace "
                + "in this stack, where it is created first, or make it.")
    }

    func exists(_ place: ObjectPlace, _ stored: Value) -> ProviderError {
        let managers = Set(FieldManager.all(of: stored).map(\.name)).sorted().map { "\"\($0)\"" }
        let since = stored[key: "metadata"]?[key: "creationTimestamp"]?.asString.map { " since \($0)" } ?? ""
        let by = managers.isEmpty ? "" : ", written by \(managers.joined(separator: ", "))"
        let id = "\(place.resource.groupKind)/\(place.namespace.map { "\($0)/" } ?? "")\(place.name)"
        return ProviderError(
            .conflict,
            "\(place.text) exists already\(since)\(by), and is not recorded in this stack. To manage it here, import it "
                + "(`plumb import ADDRESS '\(id)'`), or let the apply take it over with `adopt: true` beside `manifest` (in a "
                + "verbatim manifest the annotation `\(ObjectChoices.prefix)adopt: \"true\"`).")
    }

    // MARK: - Update

    private func planUpdate(
        _ manifest: Manifest, _ prior: ResourceState, _ choices: ObjectChoices, _ draft: inout PlanDraft
    ) async throws(ProviderError) -> ResourcePlan {
        if let definition = cluster.expectations.definition(of: manifest.groupKind) {
            // The server has the definition as it was, and would try the object against that.
            try definition.check(manifest)
            note(prior, manifest)
            return ResourcePlan(planned: draft.unknown())
        }
        guard manifest.value.isWhollyKnown else {
            try await checkTypes(manifest.value)
            return ResourcePlan(planned: draft.unknown())
        }
        guard let place = try await place(of: manifest) else { throw await unknownKind(manifest) }
        note(prior, manifest)
        cluster.expectations.note(creationOf: manifest)
        switch try await apply(manifest, at: place, prior: prior.appliedManifest, force: choices.force, isTrial: true) {
        case .stored(let stored, let isNew): return ResourcePlan(planned: draft.tried(stored, isNew: isNew))
        case .refused(let refusal) where refusal.isUntriable: return ResourcePlan(planned: draft.unknown())
        case .refused(let refusal) where refusal.isConflict: throw await conflict(refusal, at: place)
        case .refused(let refusal) where refusal.status == 422 || refusal.status == 403:
            // What it takes for a new object, but not for this one, is a change of something immutable.
            guard refusal.status == 422,
                case .stored(let stored, _) = try await tryCreation(manifest, place.resource, in: place.namespace)
            else { throw await explained(refusal, manifest) }
            let fields = refusal.causes.map { ServerField($0.field).path(in: manifest.value) }
            return ResourcePlan(
                planned: draft.tried(stored, isNew: true),
                replacePaths: fields.isEmpty ? [AttributePath("manifest")] : fields,
                replaceReason: refusal.text)
        case .refused(let refusal): throw await explained(refusal, manifest)
        }
    }
}

/// The values of a plan while they come together.
struct PlanDraft {
    private let declared: Value
    private let prior: ResourceState?
    private var map: ValueMap

    init(_ declared: Value, _ schema: Schema, prior: ResourceState?) {
        self.declared = declared
        self.prior = prior
        map = ValueMap()
        for attribute in schema.attributes {
            let given = declared[key: attribute.name] ?? .null
            map[attribute.name] = given.isNull ? attribute.defaultValue ?? .null : given
        }
    }

    /// Nobody can tell yet what the server makes of it.
    mutating func unknown() -> Value {
        for name in ["replaced", "defaults", "status"] { map[name] = .unknown() }
        return .object(map)
    }

    /// Nothing is sent, so nothing becomes of it.
    mutating func unchanged() -> Value {
        for name in ["replaced", "defaults", "status"] { map[name] = prior?.values[key: name] ?? .null }
        return .object(map)
    }

    /// What a dry run has given.
    ///
    /// - Parameter isElsewhere: whether it was tried in another namespace, where other webhooks may have their say.
    mutating func tried(_ stored: Value, isNew: Bool, isElsewhere: Bool = false) -> Value {
        let manifest = declared[key: "manifest"] ?? .null
        map["replaced"] = isElsewhere ? .unknown() : ObjectProjection.replaced(in: stored, of: manifest)
        map["defaults"] = ServerAdditions(isTrial: isNew).find(in: stored, besides: manifest)
        map["status"] = .unknown()
        return .object(map)
    }
}
