import PlumbModel

/// Plans that change addresses, take things over, forget and wait.
extension PlanSituation {
    static let addresses: [PlanSituation] = [
        PlanSituation("addresses") { plan in
            let long = ResourceAddress(
                "powerdns_record_set", "web", key: .name("long-key.example.org"),
                module: [.init("net", key: .name("eu"))])
            plan.moves = [
                PlannedMove(
                    from: ResourceAddress("vm", "old"), to: ResourceAddress("vm", "new"),
                    declaredAt: place("moved.yaml", 2)),
                PlannedMove(
                    from: ResourceAddress("powerdns_record_set", "web", key: .index(0)), to: long,
                    declaredAt: place("moved.yaml", 3)),
                PlannedMove(
                    from: ResourceAddress("vm", "one"), to: ResourceAddress("vm", "one", key: .index(0)),
                    declaredAt: nil),
            ]
            plan.imports = [
                PlannedImport(
                    address: ResourceAddress("powerdns_zone", "main"), id: "example.org", provider: "http.dns",
                    values: ["name": "example.org"], privateData: nil, bookkeeping: Bookkeeping(),
                    declaredAt: place("import.yaml", 4)),
                PlannedImport(
                    address: long, id: "eu.example.org/a-rather-long-name.example.org/AAAA", provider: "http.dns",
                    values: [:], privateData: nil, bookkeeping: Bookkeeping(), declaredAt: place("import.yaml", 5)),
            ]
            plan.changes = [
                update(
                    ResourceAddress("powerdns_zone", "main"), from: ["kind": "Native"], to: ["kind": "Master"],
                    reason: .imported),
                PlannedChange(
                    address: ResourceAddress("vm", "kept"), action: .forget, reason: .removed, provider: "libvirt",
                    before: ["name": "kept"], after: nil, declaredAt: place("moved.yaml", 9)),
                PlannedChange(
                    address: ResourceAddress("vm", "gone"), action: .delete, reason: .removed, provider: "libvirt",
                    before: ["name": "gone"], after: nil, declaredAt: place("moved.yaml", 10)),
                PlannedChange(
                    address: ResourceAddress("vm", "slow"), action: .wait, reason: .notReady, provider: "libvirt",
                    before: ["name": "slow"], after: ["name": "slow"], declaredAt: place("web.yaml", 3)),
            ]
        },
        PlanSituation("moves-many") { plan in
            plan.moves = (0..<40).map { index in
                PlannedMove(
                    from: ResourceAddress("vm", "node", key: .index(index)),
                    to: ResourceAddress("vm", "node", key: .name("node-\(index)")),
                    declaredAt: place("moved.yaml", index + 2))
            }
        },
    ]
}
