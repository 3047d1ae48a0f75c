import PlumbModel
import ProviderAPI
import ProviderTesting
import Synchronization

/// A way in which a provider can break the contract.
enum Defect: String, CaseIterable, Sendable {
    case noSummary, losesOnCreate, changesPlanned, forgetsAttribute, readsOther, neverSettles, refusesUpdate
    case updateDoesNothing, neverReplaces, blindToDrift, keepsOnDelete, failsOnGone, mixesUpMany, importsNothing
    case createsTwice, recoversNothing, recoversTooMuch, recoversOldUpdate, recoversDeleted, losesUpdated,
        losesUndeleted
    case unsureAfterCancel
    case throttlingNotRetryable, serverErrorUnexpected, timeoutCalledKnown, lostResponseCalledKnown

    /// The check that is meant to catch it.
    var caughtBy: ConformanceCheck {
        switch self {
        case .noSummary: .hasSoundSchema
        case .losesOnCreate, .changesPlanned, .forgetsAttribute: .createsAsPlanned
        case .readsOther: .readsBack
        case .neverSettles: .plansNothing
        case .refusesUpdate, .updateDoesNothing: .updatesInPlace
        case .neverReplaces: .replaces
        case .blindToDrift: .seesAndHealsDrift
        case .keepsOnDelete: .deletes
        case .failsOnGone: .deletesWhatIsGone
        case .mixesUpMany: .readsMany
        case .importsNothing: .imports
        case .createsTwice: .repeatsCreation
        case .recoversNothing: .recoversLostCreation
        case .recoversTooMuch: .recoversUnstartedCreation
        case .recoversOldUpdate: .recoversLostUpdate
        case .recoversDeleted: .recoversLostDeletion
        case .losesUpdated: .recoversUnstartedUpdate
        case .losesUndeleted: .recoversUnstartedDeletion
        case .unsureAfterCancel: .survivesCancellation
        case .throttlingNotRetryable: .survivesThrottling
        case .serverErrorUnexpected: .survivesServerError
        case .timeoutCalledKnown: .survivesTimeout
        case .lostResponseCalledKnown: .survivesLostResponse
        }
    }
}

/// A system in memory: named things, each with a size and the intent that made it.
final class Shelf: Sendable {
    struct Thing: Sendable {
        var name: String
        var size: Value
        var intent: String
    }

    private let things = Mutex<[String: Thing]>([:])

    subscript(id: String) -> Thing? {
        get { things.withLock { $0[id] } }
        set { things.withLock { $0[id] = newValue } }
    }

    func id(intent: String) -> String? { things.withLock { all in all.first { $0.value.intent == intent }?.key } }
    func id(name: String) -> String? { things.withLock { all in all.first { $0.value.name == name }?.key } }
}

/// A provider of shelves that has one defect, or none.
struct BrokenInstance: ProviderInstance {
    let shelf: Shelf
    var defect: Defect?
    var fault: Fault?

    var resourceTypes: [any ResourceType] { [ThingType(shelf: shelf, defect: defect, fault: fault)] }
}

struct ThingType: Listing, Recovering, Importing {
    let shelf: Shelf
    let defect: Defect?
    let fault: Fault?

    let name = "shelf_thing"
    var schema: Schema {
        Schema([
            AttributeSchema(
                "name", .string, .required, forcesReplacement: defect != .neverReplaces,
                defect == .noSummary ? "" : "Its name."),
            AttributeSchema("size", .number, .optional, default: 1, "Its size."),
            AttributeSchema("id", .string, .computed, "Its number."),
        ])
    }

    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        var plan = schema.plan(request)
        if defect == .neverSettles, request.prior != nil {
            plan.planned = .object((plan.planned.asMap ?? ValueMap()).merging(["id": .unknown(.string)]))
        }
        return plan
    }

    private func state(_ id: String, size: Value? = nil) -> ResourceState? {
        shelf[id].map { ResourceState(["name": .string($0.name), "size": size ?? $0.size, "id": .string(id)]) }
    }

    private func id(_ state: ResourceState) -> String { state.values[key: "id"]?.asString ?? "" }

    func read(_ prior: ResourceState) async throws(ProviderError) -> ResourceState? {
        if defect == .blindToDrift, shelf[id(prior)] != nil { return prior }
        return state(id(prior), size: defect == .readsOther ? 77 : nil)
    }

    func read(all priors: [ResourceState]) async throws(ProviderError) -> [ResourceState?] {
        let all = priors.map { state(id($0)) }
        return defect == .mixesUpMany ? all.filter { $0 != nil } : all
    }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        if let fault { return try meet(fault, request) }
        if Task.isCancelled {
            throw ProviderError(defect == .unsureAfterCancel ? .unexpected : .cancelled, "Cancelled.")
        }
        var state = put(request)
        if defect == .losesOnCreate { shelf[id(state)] = nil }
        if defect == .changesPlanned { state.values = merge(state.values, ["size": 12]) }
        if defect == .forgetsAttribute { state.values = ["id": .string(id(state))] }
        return state
    }

    private func put(_ request: CreateRequest) -> ResourceState {
        var id = shelf.id(intent: request.intent)
        if id == nil || defect == .createsTwice { id = String(UInt64.random(in: 0...UInt64.max)) }
        let key = id ?? ""
        let size = request.planned[key: "size"] ?? .null
        shelf[key] = Shelf.Thing(
            name: request.planned[key: "name"]?.asString ?? "", size: size, intent: request.intent)
        return ResourceState(merge(request.planned, ["id": .string(key)]))
    }

    private func meet(_ fault: Fault, _ request: CreateRequest) throws(ProviderError) -> ResourceState {
        switch fault {
        case .throttling:
            throw ProviderError(.rateLimited, "Slow down.", isRetryable: defect != .throttlingNotRetryable)
        case .serverError:
            throw ProviderError(defect == .serverErrorUnexpected ? .unexpected : .unavailable, "500.")
        case .timeout:
            throw ProviderError(.timeout, "No answer.", isOutcomeUnknown: defect != .timeoutCalledKnown)
        case .lostResponse:
            _ = put(request)
            throw ProviderError(.unavailable, "Lost.", isOutcomeUnknown: defect != .lostResponseCalledKnown)
        }
    }

    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState {
        if defect == .refusesUpdate { throw ProviderError(.invalid, "No.") }
        if defect != .updateDoesNothing {
            shelf[id(request.prior)]?.size = request.planned[key: "size"] ?? .null
        }
        return ResourceState(merge(request.planned, ["id": .string(id(request.prior))]))
    }

    func delete(_ request: DeleteRequest) async throws(ProviderError) {
        if defect == .failsOnGone, shelf[id(request.prior)] == nil { throw ProviderError(.notFound, "Gone.") }
        if defect != .keepsOnDelete { shelf[id(request.prior)] = nil }
    }

    func recover(_ intent: Intent) async throws(ProviderError) -> Recovery {
        if defect == .recoversNothing, intent.action == .create { return .absent }
        if defect == .losesUpdated, intent.action == .update { return .absent }
        if defect == .losesUndeleted, intent.action == .delete { return .absent }
        if defect == .recoversOldUpdate, intent.action == .update {
            return .found(ResourceState(intent.prior ?? .null))
        }
        let key = intent.prior?[key: "id"]?.asString ?? shelf.id(intent: intent.id) ?? ""
        if let state = state(key) { return .found(state) }
        let pretends = defect == .recoversTooMuch && intent.action == .create
        if pretends || defect == .recoversDeleted { return .found(ResourceState(intent.planned ?? .null)) }
        return .absent
    }

    func importResource(id: String) async throws(ProviderError) -> ResourceState? {
        defect == .importsNothing ? nil : shelf.id(name: id).flatMap { state($0) }
    }

    private func merge(_ values: Value, _ changes: ValueMap) -> Value {
        .object((values.asMap ?? ValueMap()).merging(changes))
    }
}
