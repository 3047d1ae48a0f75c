internal import PlumbModel

/// The part `checks` of a plan document: what came of conditions, an entry for each thing that has some, with its
/// instances.
struct ChecksJSON {
    private struct Group {
        let object: CheckResult.Object
        var status: CheckResult.Status
        var instances: [CheckResult]
    }

    private let groups: [Group]

    init(_ results: [CheckResult]) {
        var groups: [Group] = []
        var indexes: [String: Int] = [:]
        for result in results {
            let name = result.object.configured.displayName
            if let index = indexes[name] {
                groups[index].status = groups[index].status.joined(with: result.status)
                groups[index].instances.append(result)
            } else {
                indexes[name] = groups.count
                groups.append(Group(object: result.object.configured, status: result.status, instances: [result]))
            }
        }
        self.groups = groups
    }

    func write(to stream: inout JSONStream) {
        stream.array { stream in
            for group in groups {
                stream.separate()
                write(group, to: &stream)
            }
        }
    }

    private func write(_ group: Group, to stream: inout JSONStream) {
        stream.object { stream in
            stream.object("address") { write(group.object, to: &$0) }
            stream.member("status", group.status.rawValue)
            stream.array("instances", of: group.instances) { stream, result in
                stream.object { stream in
                    stream.object("address") { stream in
                        if case .resource(let address) = result.object {
                            if let key = address.key { stream.member("instance_key", key.value) }
                        }
                        stream.member("to_display", result.object.displayName)
                    }
                    stream.member("status", result.status.rawValue)
                    guard !result.problems.isEmpty else { return }
                    stream.array("problems", of: result.problems) { stream, problem in
                        stream.object { $0.member("message", problem) }
                    }
                }
            }
        }
    }

    private func write(_ object: CheckResult.Object, to stream: inout JSONStream) {
        stream.member("kind", object.kind)
        switch object {
        case .resource(let address):
            stream.member("mode", address.mode.word)
            stream.member("type", address.type)
            stream.member("name", address.name)
        case .output(let name), .variable(let name), .check(let name): stream.member("name", name)
        }
        stream.member("to_display", object.displayName)
    }
}

extension CheckResult.Object {
    fileprivate var kind: String {
        switch self {
        case .resource: "resource"
        case .output: "output_value"
        case .variable: "var"
        case .check: "check"
        }
    }

    fileprivate var displayName: String {
        switch self {
        case .resource(let address): address.description
        case .output(let name): "output.\(name)"
        case .variable(let name): "var.\(name)"
        case .check(let name): "check.\(name)"
        }
    }

    /// What it is an instance of.
    fileprivate var configured: CheckResult.Object {
        if case .resource(let address) = self { .resource(address.resource) } else { self }
    }
}
