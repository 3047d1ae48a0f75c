import PlumbModel
import ProviderAPI

extension DomainType: BulkPlanning {
    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        var plan = schema.plan(request)
        try check(plan.planned)
        let isNew = request.prior == nil || !plan.replacePaths.isEmpty
        raiseMaxima(&plan.planned, request, isNew: isNew)
        guard let prior = request.prior, !isNew else {
            if request.prior != nil {
                plan.replaceReason = "What the guest was installed on cannot be changed under it."
            }
            return plan
        }
        keepAddresses(&plan.planned, prior.values)
        guard hasChanges(plan.planned, prior.values) else {
            plan.planned = plan.planned.setting("pending", prior.values[key: "pending"] ?? .null)
            return plan
        }
        try await foresee(&plan, prior, request)
        return plan
    }

    /// Side by side: the gateway is asked about each.
    func plan(all requests: [PlanRequest]) async -> [Result<ResourcePlan, ProviderError>] {
        var answers = [Result<ResourcePlan, ProviderError>](
            repeating: .failure(ProviderError(.cancelled, "The plan was cancelled.")), count: requests.count)
        await withTaskGroup(of: (Int, Result<ResourcePlan, ProviderError>).self) { group in
            var pending = Array(requests.enumerated())[...]
            func start() {
                guard let (index, request) = pending.popFirst() else { return }
                group.addTask { (index, await answer(to: request)) }
            }
            for _ in 0..<gateway.settings.parallelism { start() }
            for await (index, answer) in group {
                start()
                answers[index] = answer
            }
        }
        return answers
    }

    private func answer(to request: PlanRequest) async -> Result<ResourcePlan, ProviderError> {
        do throws(ProviderError) {
            return .success(try await plan(request))
        } catch {
            return .failure(error)
        }
    }

    /// What no schema can say.
    private func check(_ planned: Value) throws(ProviderError) {
        for name in ["memory", "max_memory"] {
            guard let text = planned.text(name) else { continue }
            guard let bytes = Size.bytes(text), bytes > 0, bytes % (1 << 20) == 0 else {
                throw ProviderError(
                    .invalid, "`\(name)` is \"\(text)\". Write whole mebibytes: 512MiB, 2GiB, or a number of bytes.")
            }
        }
        if let seconds = planned.given("shutdown_timeout"), !(0...3600).contains(seconds.asInt ?? -1) {
            throw ProviderError(
                .invalid, "`shutdown_timeout` is \(seconds.json), and has to be a whole number from 0 to 3600.")
        }
        for (index, disk) in planned.list("disks").enumerated() where disk.text("volume") != nil {
            _ = try VolumeID(disk[key: "volume"], in: "disks[\(index)].volume")
        }
        guard planned.given("cloudinit") != nil else { return }
        _ = try VolumeID(planned[key: "cloudinit"], in: "cloudinit")
        if planned.list("disks").contains(where: { $0.text("target") == Self.cloudInitTarget }) {
            throw ProviderError(
                .invalid, "`cloudinit` is the disk \(Self.cloudInitTarget). Give the one in `disks` another target.")
        }
    }

    /// Who names no maximum keeps the one that there is, as long as it is enough.
    private func raiseMaxima(_ planned: inout Value, _ request: PlanRequest, isNew: Bool) {
        for (name, maximum) in [("vcpus", "max_vcpus"), ("memory", "max_memory")]
        where request.declared[key: maximum]?.isNull != false {
            let wanted = planned[key: name] ?? .null
            let old = isNew ? nil : request.prior?.values.given(maximum)
            guard !wanted.isUnknown else {
                planned = planned.setting(maximum, .unknown(schema[maximum]?.type ?? .any))
                continue
            }
            func amount(_ value: Value?) -> Int { value.flatMap { $0.asInt ?? $0.asString.flatMap(Size.bytes) } ?? 0 }
            planned = planned.setting(maximum, amount(old) >= amount(wanted) ? old ?? .null : wanted)
        }
    }

    /// MACs and addresses stay where nothing changes that they depend on.
    private func keepAddresses(_ planned: inout Value, _ prior: Value) {
        let isSame = planned[key: "interfaces"] == prior[key: "interfaces"]
        planned = planned.setting("macs", isSame ? prior[key: "macs"] ?? .null : .unknown(.list(.string)))
        let stays = isSame && planned[key: "running"] == prior[key: "running"]
        planned = planned.setting(
            "addresses", stays ? prior[key: "addresses"] ?? .null : .unknown(.list(.string)))
    }

    private func hasChanges(_ planned: Value, _ prior: Value) -> Bool {
        schema.attributes.contains { $0.isSettable && planned[key: $0.name] != prior[key: $0.name] }
    }

    /// Asks the gateway what comes at once, with the next start, or only with another domain.
    private func foresee(
        _ plan: inout ResourcePlan, _ prior: ResourceState, _ request: PlanRequest
    ) async throws(ProviderError) {
        let settable = schema.attributes.filter(\.isSettable).map { plan.planned[key: $0.name] ?? .null }
        guard settable.allSatisfy(\.isWhollyKnown) else { return }
        let body = try specification(of: plan.planned, prior: prior.values, intent: "")
        let id = try id(of: prior.values)
        let answer = try await gateway.ask(.init(method: "POST", path: path(id) + "/changes", body: body))
        if let refusal = answer.refusal {
            // It went away since it was read: the apply will say so.
            if refusal.isGone { return }
            throw refusal.error(changes: false)
        }
        var pending = Set((prior.values[key: "pending"]?.asMap ?? ValueMap()).keys)
        for change in answer.body.list("changes") {
            let name = (change.text("attribute") ?? "").replacing("/", with: "")
            pending.remove(name)
            switch change.text("when") {
            case "restart": pending.insert(name)
            case "replace":
                plan.replacePaths.append(AttributePath(name))
                plan.replaceReason = change.text("reason")
            default: break
            }
        }
        guard plan.replacePaths.isEmpty else { return }
        let isOn = plan.planned.flag("running") == true && prior.values.flag("running") == true
        plan.planned = plan.planned.setting("pending", Self.pending(isOn ? pending : []))
    }

    // MARK: The request

    func specification(of planned: Value, prior: Value?, intent: String) throws(ProviderError) -> Value {
        func size(_ name: String) -> Value? { planned.text(name).flatMap(Size.bytes).map { .number($0) } }
        return .compact(
            [
                "name", "type", "machine", "firmware", "vcpus", "max_vcpus", "guest_agent", "description", "autostart",
                "running",
            ].map { ($0, planned[key: $0]) }
                + [
                    ("memory", size("memory")), ("max_memory", size("max_memory")),
                    ("metadata", planned.given("metadata")), ("boot", try boot(of: planned)),
                    ("disks", .list(try disks(of: planned))),
                    ("interfaces", .list(interfaces(of: planned, prior: prior, intent: intent))),
                ])
    }

    private func boot(of planned: Value) throws(ProviderError) -> Value? {
        guard let boot = planned.given("boot") else { return nil }
        var parts: [(String, Value?)] = [("cmdline", boot[key: "cmdline"]), ("order", boot[key: "order"])]
        for name in ["kernel", "initrd"] where boot.given(name) != nil {
            parts.append((name, try VolumeID(boot[key: name], in: "boot.\(name)").reference))
        }
        return .compact(parts)
    }

    private func disks(of planned: Value) throws(ProviderError) -> [Value] {
        let disks = Disk.all(planned.list("disks"))
        var values: [Value] = []
        for (index, disk) in disks.enumerated() {
            let source = try VolumeID(disk.volume, in: "disks[\(index)].volume").reference
            values.append(
                .compact([
                    ("target", .string(disk.target)), ("device", .string(disk.device)), ("bus", .string(disk.bus)),
                    ("read_only", .bool(disk.isReadOnly)), ("serial", disk.serial.map { .string($0) }),
                    ("source", source),
                ]))
        }
        if planned.given("cloudinit") != nil {
            let source = try VolumeID(planned[key: "cloudinit"], in: "cloudinit").reference
            values.append(["target": .string(Self.cloudInitTarget), "read_only": true, "source": source])
        }
        return values
    }

    /// An interface that was there keeps its MAC, wherever it stands in the list now.
    private func interfaces(of planned: Value, prior: Value?, intent: String) -> [Value] {
        let uuid = prior?.text("id") ?? intent
        let wanted = planned.list("interfaces")
        let old = prior?.list("interfaces") ?? []
        let oldMACs = prior.map { Self.macs(old, recorded: $0, uuid: uuid) } ?? []
        var taken = Set(wanted.compactMap { $0.text("mac")?.lowercased() })
        func isLike(_ one: Value, _ other: Value) -> Bool {
            one[key: "network"] == other[key: "network"]
                && one.text("model") ?? "virtio" == other.text("model") ?? "virtio"
        }
        var macs: [String?] = wanted.map { $0.text("mac")?.lowercased() }
        for (index, interface) in wanted.enumerated() where macs[index] == nil {
            guard let found = old.indices.first(where: { isLike(old[$0], interface) && !taken.contains(oldMACs[$0]) })
            else {
                continue
            }
            macs[index] = oldMACs[found]
            taken.insert(oldMACs[found])
        }
        if prior != nil {
            // New ones come after all that the domain ever had in these places.
            for index in wanted.indices where macs[index] == nil {
                var place = index
                while taken.contains(Self.generatedMAC(uuid, place)) || oldMACs.contains(Self.generatedMAC(uuid, place))
                {
                    place += 1
                }
                macs[index] = Self.generatedMAC(uuid, place)
                taken.insert(Self.generatedMAC(uuid, place))
            }
        }
        return zip(wanted, macs).map { interface, mac in
            .compact([
                ("network", interface[key: "network"]), ("model", interface[key: "model"]),
                ("mac", mac.map { .string($0) }),
            ])
        }
    }
}
