internal import PlumbModel

/// One entry of `resource_changes` or `resource_drift`.
struct ResourceChangeJSON {
    let address: ResourceAddress
    let deposedKey: String?
    let provider: String
    private let actions: [String]
    private let before: Value?
    /// Nil: it will not be there.
    let after: Value?
    private let replacePaths: [AttributePath]
    private let reason: String?
    /// Set where the plan moves it.
    private var previousAddress: ResourceAddress?
    /// Set where the plan imports it: what people know it by.
    private var importID: String?

    init(_ change: PlannedChange, reason: String?) {
        address = change.address
        deposedKey = change.deposedKey
        provider = change.provider
        actions = change.words
        before = change.before?.masked(like: change.after)
        after = change.after?.masked(like: change.before)
        // What is tainted is replaced whatever its attributes are.
        replacePaths = change.reason == .tainted ? [] : change.replacePaths
        self.reason = reason
    }

    /// What stays as it is.
    init(_ prior: PlanSetting.PriorResource) {
        address = prior.address
        deposedKey = nil
        provider = prior.provider
        actions = ["no-op"]
        before = prior.values
        after = prior.values
        replacePaths = []
        reason = nil
    }

    init(_ drifted: DriftedResource, provider: String) {
        address = drifted.address
        deposedKey = nil
        self.provider = provider
        actions = [drifted.live == nil ? "delete" : "update"]
        before = drifted.recorded.masked(like: drifted.live)
        after = drifted.live?.masked(like: drifted.recorded)
        replacePaths = []
        reason = nil
    }

    /// What is forgotten stays, whatever becomes of it.
    var isThereAfterwards: Bool { after != nil || actions == ["forget"] }

    /// With what else the plan does with it.
    func moved(from previous: ResourceAddress?, importedBy id: String? = nil) -> ResourceChangeJSON {
        guard deposedKey == nil else { return self }
        var copy = self
        copy.previousAddress = previous
        copy.importID = id
        return copy
    }

    func write(to stream: inout JSONStream, _ pieces: ValuePieces) {
        stream.object { stream in
            stream.member("address", address.description)
            if let previousAddress { stream.member("previous_address", previousAddress.description) }
            stream.writeNames(address, provider: provider, withModule: true)
            if let deposedKey { stream.member("deposed", deposedKey) }
            stream.object("change") { writeChange(to: &$0, pieces) }
            if let reason { stream.member("action_reason", reason) }
        }
    }

    private func writeChange(to stream: inout JSONStream, _ pieces: ValuePieces) {
        stream.member("actions", actions)
        stream.member("before", before.flatMap(pieces.known) ?? .null)
        stream.member("after", after.flatMap(pieces.known) ?? .null)
        stream.member("after_unknown", ValuePieces.unknowns(after ?? .null, otherwise: .object(ValueMap())))
        stream.member("before_sensitive", before.map(ValuePieces.sensitiveMask) ?? false)
        stream.member("after_sensitive", after.map(ValuePieces.sensitiveMask) ?? false)
        if !replacePaths.isEmpty { stream.array("replace_paths", of: replacePaths) { $0.value($1.document) } }
        if let importID { stream.object("importing") { $0.member("id", importID) } }
    }
}

extension PlannedChange {
    fileprivate var words: [String] {
        switch action {
        case .replace where retainsOld: ["create", "forget"]
        case .create: ["create"]
        case .update: ["update"]
        case .replace(createBeforeDestroy: true): ["create", "delete"]
        case .replace(createBeforeDestroy: false): ["delete", "create"]
        case .delete: ["delete"]
        case .read: ["read"]
        case .forget: ["forget"]
        case .wait: ["no-op"]
        }
    }
}

/// Says why, in the words of the format; nothing where the action says it all.
struct ActionReason {
    private let setting: PlanSetting

    init(_ setting: PlanSetting) { self.setting = setting }

    func word(_ change: PlannedChange) -> String? {
        switch change.reason {
        case .cannotUpdate, .refusedUpdate: "replace_because_cannot_update"
        case .tainted: "replace_because_tainted"
        case .requested: "replace_by_request"
        case .triggered: "replace_by_triggers"
        case .notDeclared: notDeclared(change.address)
        case .removed: "delete_because_no_resource_config"
        case .wrongRepetition: "delete_because_wrong_repetition"
        case .keyGone: keyGone(change.address)
        // The word is OpenTofu's, which has `enabled` too.
        case .disabled: "delete_because_enabled_false"
        case .readLater: "read_because_config_unknown"
        case .readAfterChanges: "read_because_dependency_pending"
        case .declared, .goneOutside, .changed, .drifted, .changedAndDrifted, .imported, .notReady, .destroying,
            .deposed:
            nil
        }
    }

    private func notDeclared(_ address: ResourceAddress) -> String {
        // Declared as it is, what has gone is the instance of the module.
        let isDeclared = setting.configuration.resource(at: address) != nil
        return isDeclared ? "delete_because_no_module" : "delete_because_no_resource_config"
    }

    private func keyGone(_ address: ResourceAddress) -> String {
        let declaration = setting.configuration.resource(at: address)
        return switch address.key {
        case .index where declaration?.count != nil: "delete_because_count_index"
        case .name where declaration?.forEach != nil: "delete_because_each_key"
        default: "delete_because_wrong_repetition"
        }
    }
}
