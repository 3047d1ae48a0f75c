import Foundation

/// Where the states of a run of the matrix are kept.
enum FaultPlace: String, CaseIterable, Sendable {
    case sqlite

    /// The place that `PLUMB_FAULT_STATE` names; without it the default one.
    static var wanted: FaultPlace? {
        guard let name = ProcessInfo.processInfo.environment["PLUMB_FAULT_STATE"] else { return .sqlite }
        return FaultPlace(rawValue: name)
    }

    /// For the table.
    var name: String {
        switch self {
        case .sqlite: "SQLite"
        }
    }

    /// What `stack.yaml` says of it, a line with its end; empty for the default place.
    var stackLine: String {
        switch self {
        case .sqlite: ""
        }
    }

    /// Whether the state is a file in the stack's `.plumb`.
    var isFile: Bool { self == .sqlite }
}
