internal import Expressions
public import PlumbModel
internal import ProviderAPI
internal import StateBackendAPI

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// `plumb state import --terraform`: records what a Terraform state says is managed, under the same addresses.
public struct TerraformImportOperation: Sendable {
    /// What was recorded, and what was not and why.
    public struct Imported: Sendable {
        public let recorded: [ResourceAddress]
        /// Each with its address in Terraform and a reason.
        public let skipped: [(address: String, reason: String)]
        public let outputs: Int
    }

    private let session: StackSession
    private let holder: LeaseHolder

    public init(_ session: StackSession, holder: LeaseHolder) {
        self.session = session
        self.holder = holder
    }

    public func run(_ path: String) async throws(Diagnostics) -> Imported {
        let text = try await Self.read(path)
        let terraform = try TerraformState.read(text, named: path)
        let editing = StateEditing(
            backend: session.backend, stack: session.name, holder: holder, kind: "state import")
        return try await editing.perform { (snapshot, run) throws(Diagnostics) in
            try StateMoveOperation.refuseOpenIntents(snapshot)
            let present = Set(snapshot.resources.map(\.address))
            var records: [ResourceRecord] = []
            var skipped: [(address: String, reason: String)] = []
            for instance in terraform.instances {
                switch convert(instance, present) {
                case .success(let record): records.append(record)
                case .failure(let reason): skipped.append((instance.terraformAddress, reason.text))
                }
            }
            let recorded = Set(records.map(\.address))
            let resources = Set(recorded.map(\.resource)).union(present.map(\.resource))
            for index in records.indices {
                records[index].bookkeeping.dependencies.removeAll { !resources.contains($0.resource) }
            }
            // Outputs are the next apply's to write; where there are none yet, these tell what they were.
            let outputs = snapshot.outputs.isEmpty ? terraform.outputs : []
            var writes = records.map { StateWrite.put($0, run: run) }
            if !outputs.isEmpty { writes.append(.outputs(outputs)) }
            return StateEditing.Edit(
                writes: writes, summary: "\(records.count) resources from \(path)",
                told: Imported(recorded: recorded.sorted(), skipped: skipped, outputs: outputs.count))
        }
    }

    private struct Reason: Error { let text: String }

    private func convert(
        _ instance: TerraformState.Instance, _ present: Set<ResourceAddress>
    ) -> Result<ResourceRecord, Reason> {
        let address = instance.address
        if present.contains(address) { return .failure(Reason(text: "the state has a \(address) already")) }
        let owners = owners(of: address)
        guard let owner = owners.first, owners.count == 1 else {
            let reason =
                owners.isEmpty
                ? "no configured provider has the type \(address.type)"
                : "its type belongs to several provider instances (\(owners.joined(separator: ", "))); declare it, so that it "
                    + "is known which one is meant"
            return .failure(Reason(text: reason))
        }
        guard let schema = session.catalogue.schema(of: address.type, .managed, in: owner) else {
            return .failure(Reason(text: "no configured provider has the type \(address.type)"))
        }
        var values: [(String, Value)] = []
        for attribute in schema.attributes {
            let given = instance.attributes[attribute.name] ?? .null
            do {
                let plain = attribute.type == .any ? Self.unwrapped(given) : given
                let value = plain.isNull ? attribute.defaultValue ?? .null : try plain.converted(to: attribute.type)
                values.append((attribute.name, value.sensitive(instance.sensitive.contains(attribute.name))))
            } catch {
                return .failure(Reason(text: "its attribute \"\(attribute.name)\" does not fit: \(error.message)"))
            }
        }
        let recorded = Value.object(ValueMap(values))
        let bookkeeping = Bookkeeping(
            dependencies: instance.dependencies, createsBeforeDestroy: instance.createsBeforeDestroy)
        return .success(
            ResourceRecord(
                address: address, deposedKey: instance.deposedKey, provider: owner,
                values: schema.marked(recorded, like: recorded), bookkeeping: bookkeeping,
                status: instance.isTainted ? .tainted : .ready))
    }

    /// What Terraform keeps of an attribute of any type has its type beside it.
    private static func unwrapped(_ value: Value) -> Value {
        guard let map = value.asMap, map.keys.sorted() == ["type", "value"] else { return value }
        return map["value"] ?? .null
    }

    private func owners(of address: ResourceAddress) -> [String] {
        if let index = session.graph.declaration(at: address.resource) {
            return [session.graph.declarations[index].provider]
        }
        return session.catalogue.owners(of: address.type, .managed)
    }

    private static func read(_ path: String) async throws(Diagnostics) -> String {
        let bytes = try await BlockingWork.run { () throws(Diagnostics) in
            do {
                return try Data(contentsOf: URL(filePath: path))
            } catch {
                throw Diagnostics(.error("Cannot read state file", "There is no readable file at \(path)."))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
