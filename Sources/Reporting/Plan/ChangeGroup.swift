import PlumbModel

/// The changes of one kind: a section of a plan. Sections stand in the order of what they can break.
enum ChangeGroup: Int, CaseIterable {
    case destroy, replace, change, create, read, wait, forget

    init(_ action: PlannedChange.Action) {
        switch action {
        case .delete: self = .destroy
        case .replace: self = .replace
        case .update: self = .change
        case .create: self = .create
        case .read: self = .read
        case .forget: self = .forget
        case .wait: self = .wait
        }
    }

    /// What follows "2 to".
    var verb: String {
        switch self {
        case .destroy: "destroy"
        case .replace: "replace"
        case .change: "change"
        case .create: "create"
        case .read: "read"
        case .forget: "forget"
        case .wait: "wait for"
        }
    }

    var paint: Paint {
        switch self {
        case .destroy: .red
        case .replace: .magenta
        case .change: .yellow
        case .create: .green
        case .read: .cyan
        case .forget: .plain
        case .wait: .cyan
        }
    }

    /// The sign in front of an address, three columns wide.
    static func sign(_ action: PlannedChange.Action) -> String {
        switch action {
        case .delete: "  -"
        case .replace(let createBeforeDestroy): createBeforeDestroy ? "+/-" : "-/+"
        case .update: "  ~"
        case .create: "  +"
        case .read: " <="
        case .forget: "  ."
        case .wait: "  …"
        }
    }
}
