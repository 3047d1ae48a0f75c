import PlumbModel
import ProviderAPI

extension DomainType: ReadinessChecking {
    func isReadyAtOnce(_ planned: Value) -> Bool {
        let isOn = planned[key: "running"]?.isUnknown == true || planned.flag("running") == true
        let isWanted = planned.flag("wait_for_address") != false
        let interfaces = planned[key: "interfaces"] ?? .null
        return !isOn || !isWanted || interfaces.orNull.isNull
    }

    func readiness(of state: ResourceState) async throws(ProviderError) -> Readiness {
        guard let live = try await gateway.find(path(try id(of: state.values))) else { return .gone }
        guard live.flag("running") == true else {
            let reason = live[key: "status"]?.text("reason").map { " (\($0))" } ?? ""
            return .failed("the guest has turned itself off\(reason)")
        }
        let around = try await surroundings(of: [live])
        let now = ResourceState(
            schema.values(attributes(of: live, like: state.values, around), like: state.values),
            privateData: Notes(etag: live.text("etag")).text)
        let waiting = try await interfacesWithDHCP(live).filter { around.leases[$0]?.isEmpty != false }
        guard !waiting.isEmpty else { return .ready(now) }
        return .waiting("no address yet for \(waiting.joined(separator: ", "))")
    }

    /// MACs of the interfaces in networks that give addresses.
    private func interfacesWithDHCP(_ live: Value) async throws(ProviderError) -> [String] {
        var givers: Set<String> = []
        for network in try await gateway.list("/v1/networks") where network.given("dhcp") != nil {
            if let id = network.text("uuid") { givers.insert(id) }
        }
        return live.list("interfaces").compactMap { interface in
            guard let network = interface.text("network"), givers.contains(network) else { return nil }
            return interface.text("mac")?.lowercased()
        }
    }

    /// The guest's last words on its console.
    func explainUnreadiness(of state: ResourceState) async -> String {
        guard let id = try? id(of: state.values) else { return "" }
        let address = path(id) + "/console"
        do throws(ProviderError) {
            let size =
                try await gateway.get(.init(path: address, query: [("limit", "1")])).body.given("size")?.asInt ?? 0
            let query = [("offset", "\(max(0, size - 400))"), ("limit", "400")]
            let text = try await gateway.get(.init(path: address, query: query)).body.text("text") ?? ""
            let line = text.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }
            return line.map { "the last line on its console is \"\($0.filter { !$0.isNewline })\"" }
                ?? "it has written nothing on its console"
        } catch {
            return ""
        }
    }
}
