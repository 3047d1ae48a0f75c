internal import Expressions
public import PlumbModel
internal import ProviderAPI
internal import StateBackendAPI

/// `plumb import`: takes something that exists over into the state, and says how it would be declared.
public struct ImportOperation: Sendable {
    private let session: StackSession
    private let holder: LeaseHolder

    /// What was taken over.
    public struct Imported: Sendable {
        public let record: ResourceRecord
        public let schema: Schema
        /// Whether the specs have it already.
        public let isDeclared: Bool
        /// The provider instance, where a declaration has to name it.
        public let namedProvider: String?
    }

    public init(_ session: StackSession, holder: LeaseHolder) {
        self.session = session
        self.holder = holder
    }

    /// - Parameters:
    ///   - text: the address that it will have.
    ///   - id: what people know it by.
    ///   - provider: the provider instance, where several know the type.
    public func run(_ text: String, id: String, provider: String?) async throws(Diagnostics) -> Imported {
        guard let address = ResourceAddress(parsing: text), address.mode == .managed else {
            throw Diagnostics(
                .error(
                    "Invalid address",
                    "\"\(text)\" is no address of a resource. Addresses look like `local_file.motd` or "
                        + "`local_file.config[\"web\"]`; mind the shell's quotes."))
        }
        let isDeclared = try isDeclared(address)
        let owner = try owner(address, provider)
        guard let type = session.catalogue.resourceType(address.type, of: owner) as? any Importing else {
            throw Diagnostics(
                .error(
                    "Type cannot be imported", "The provider cannot take over a \(address.type) that exists already.",
                    address: address))
        }
        let named = session.catalogue.owners(of: address.type, .managed).count > 1 ? owner : nil
        let editing = StateEditing(backend: session.backend, stack: session.name, holder: holder, kind: "import")
        return try await editing.perform { (snapshot, run) throws(Diagnostics) in
            if snapshot.resources.contains(where: { $0.address == address && $0.deposedKey == nil }) {
                throw Diagnostics(
                    .error(
                        "Already managed",
                        "The state has a \(address) already. To import something else under this address, first take the "
                            + "row out of the state: `plumb state rm '\(address)'`.", address: address))
            }
            let found = try await read(type, id, address)
            let record = ResourceRecord(
                address: address, provider: owner, values: type.schema.marked(found.values, like: nil),
                privateData: found.privateData)
            let imported = Imported(
                record: record, schema: type.schema, isDeclared: isDeclared, namedProvider: named)
            // A person has decided what became of an interrupted creation.
            let open = snapshot.openIntents.filter { $0.address == address && $0.deposedKey == nil }
            return StateEditing.Edit(
                writes: [.put(record, run: run)] + open.map { .conclude(intent: $0.id, .adopted) },
                summary: address.description, told: imported)
        }
    }

    private func read(
        _ type: any Importing, _ id: String, _ address: ResourceAddress
    ) async throws(Diagnostics) -> ResourceState {
        do throws(ProviderError) {
            if let found = try await type.importResource(id: id) { return found }
        } catch {
            throw Diagnostics(.error("Cannot import resource", "\(address): \(error.message)", address: address))
        }
        throw Diagnostics(
            .error(
                "Nothing to import", "The provider knows no \(address.type) by the id \"\(id)\". Nothing was recorded.",
                address: address))
    }

    private func isDeclared(_ address: ResourceAddress) throws(Diagnostics) -> Bool {
        let graph = session.graph
        guard let index = graph.declaration(at: address.resource) else {
            guard address.key == nil, address.module.isEmpty else {
                throw Diagnostics(
                    .error(
                        "Import of a resource that is not declared",
                        "\(address) is an instance or in a module, and nothing declares it. Declare it first; or import it "
                            + "under an address without a key, and rename it later with `moved`.", address: address))
            }
            return false
        }
        let declaration = graph.declarations[index]
        if case .deferred = declaration.expansion { return true }
        if declaration.instances.contains(where: { graph.nodes[$0].key == address.key }) { return true }
        throw Diagnostics(
            .error(
                "Import of an instance that is not declared",
                "\(address) does not exist in the specs. \(declaration.instancesSentence)", address: address,
                at: declaration.range))
    }

    private func owner(_ address: ResourceAddress, _ provider: String?) throws(Diagnostics) -> String {
        let owners = session.catalogue.owners(of: address.type, .managed)
        if let index = session.graph.declaration(at: address.resource) {
            let declared = session.graph.declarations[index].provider
            if let provider, provider != declared, !declared.hasSuffix(".\(provider)") {
                throw Diagnostics(
                    .error(
                        "Import by another provider",
                        "\(address) is declared with the provider instance \"\(declared)\", not \"\(provider)\".",
                        address: address))
            }
            return declared
        }
        if let provider {
            if let owner = owners.first(where: { $0 == provider || $0.hasSuffix(".\(provider)") }) { return owner }
            let hint = Suggestion.didYouMean(provider, among: owners)
            throw Diagnostics(
                .error(
                    "Unknown provider", "No provider instance named \"\(provider)\" knows \(address.type).\(hint)",
                    address: address))
        }
        if owners.count == 1 { return owners[0] }
        if owners.isEmpty {
            let names = session.catalogue.typeNames(.managed)
            throw Diagnostics(
                .error(
                    "Unknown type",
                    "No configured provider has the resource type \"\(address.type)\"."
                        + Suggestion.didYouMean(address.type, among: names), address: address))
        }
        throw Diagnostics(
            .error(
                "Ambiguous provider",
                "\(address.type) belongs to several provider instances: \(owners.joined(separator: ", ")). Say which with "
                    + "`--provider`.", address: address))
    }
}
