internal import PlumbModel

/// The part `checks` of a plan document: what came of conditions, an entry for each thing that has some, with its
/// instances.
struct ChecksJSON {
    private struct Group {
        let object: CheckedObject
        /// Without keys; empty for the stack itself.
        let module: String
        var status: CheckResult.Status
        var instances: [CheckResult]
    }

    private let groups: [Group]

    init(_ results: [CheckResult]) {
        var groups: [Group] = []
        var indexes: [String: Int] = [:]
        for result in results {
            let module = result.modulePath.map { "module.\($0.name)" }.joined(separator: ".")
            let object = result.object.configured
            let name = "\(module) \(object.description)"
            if let index = indexes[name] {
                groups[index].status = groups[index].status.joined(with: result.status)
                groups[index].instances.append(result)
            } else {
                indexes[name] = groups.count
                groups.append(Group(object: object, module: module, status: result.status, instances: [result]))
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
            stream.object("address") { write(group.object, in: group.module, to: &$0) }
            stream.member("status", group.status.rawValue)
            stream.array("instances", of: group.instances) { stream, result in write(result, to: &stream) }
        }
    }

    private func write(_ result: CheckResult, to stream: inout JSONStream) {
        stream.object { stream in
            stream.object("address") { stream in
                let module = result.modulePath.addressText
                if case .resource(let address) = result.object, let key = address.key {
                    stream.member("instance_key", key.value)
                }
                if !module.isEmpty { stream.member("module", module) }
                stream.member("to_display", Self.joined(module, result.object.local.description))
            }
            stream.member("status", result.status.rawValue)
            guard !result.problems.isEmpty else { return }
            stream.array("problems", of: result.problems) { stream, problem in
                stream.object { $0.member("message", problem) }
            }
        }
    }

    private func write(_ object: CheckedObject, in module: String, to stream: inout JSONStream) {
        stream.member("kind", object.kind)
        if !module.isEmpty { stream.member("module", module) }
        switch object {
        case .resource(let address):
            stream.member("mode", address.mode.word)
            stream.member("type", address.type)
            stream.member("name", address.name)
        case .output(let name), .variable(let name), .check(let name), .policy(let name): stream.member("name", name)
        }
        stream.member("to_display", Self.joined(module, object.description))
    }

    private static func joined(_ module: String, _ name: String) -> String {
        module.isEmpty ? name : "\(module).\(name)"
    }
}

extension CheckResult {
    /// The module instance in which it stands.
    fileprivate var modulePath: [ResourceAddress.ModuleStep] {
        if case .resource(let address) = object { return address.module }
        // A module's address is that of anything in it without the name.
        return module.isEmpty ? [] : ResourceAddress(parsing: module + ".a.b")?.module ?? []
    }
}

extension CheckedObject {
    fileprivate var kind: String {
        switch self {
        case .resource: "resource"
        case .output: "output_value"
        case .variable: "var"
        case .check: "check"
        case .policy: "policy"
        }
    }

    /// Without the path of its module.
    fileprivate var local: CheckedObject {
        guard case .resource(var address) = self else { return self }
        address.module = []
        return .resource(address)
    }

    /// What it is an instance of, as its module knows it.
    fileprivate var configured: CheckedObject {
        if case .resource(let address) = local { .resource(address.resource) } else { self }
    }
}
