import PlumbModel

/// What a policy says, in the document of a plan: a member that only Plumbline's documents have.
struct PolicyJSON {
    private let result: PolicyResult

    init(_ result: PolicyResult) { self.result = result }

    func write(to stream: inout JSONStream) {
        stream.object { stream in
            stream.member("name", result.name)
            stream.member("effect", result.effect.rawValue)
            stream.member("status", status)
            stream.member("refuses", result.refuses)
            if case .waived(let names) = result.status { stream.member("waived_by", .tuple(names.map(Value.string))) }
            if !result.problems.isEmpty { stream.member("problems", .tuple(result.problems.map(Value.string))) }
        }
    }

    /// The same for documents that are made of values.
    static func value(_ result: PolicyResult) -> Value {
        [
            "name": .string(result.name), "effect": .string(result.effect.rawValue),
            "status": .string(PolicyJSON(result).status), "refuses": .bool(result.refuses),
            "problems": .tuple(result.problems.map(Value.string)),
        ]
    }

    private var status: String {
        switch result.status {
        case .pass: "pass"
        case .fail: "fail"
        case .error: "error"
        case .unknown: "unknown"
        case .waived: "waived"
        }
    }
}
