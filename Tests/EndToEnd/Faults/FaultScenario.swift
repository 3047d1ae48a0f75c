/// What a run is about to do when something happens to it.
enum FaultScenario: String, CaseIterable, Sendable {
    case create, update, replace, replaceCreatingFirst, destroy, move, adopt

    /// For people.
    var title: String {
        switch self {
        case .replaceCreatingFirst: "replace, creating first"
        case .move: "moved"
        case .adopt: "import"
        default: rawValue
        }
    }

    /// The steps of the journal that a run of it comes by.
    var journalSteps: [String] {
        let addresses = self == .move || self == .adopt ? ["before-addresses", "after-addresses"] : []
        return ["lease-taken", "run-begun"] + addresses
            + ["before-intent", "after-intent", "before-call", "after-call", "after-result"]
            + ["before-conclusion", "run-finished"]
    }

    /// How often a run of so many zones, each with a record set, comes by one of these steps.
    func occurrences(of step: String, zones: Int) -> Int {
        switch step {
        case "before-intent", "after-intent", "before-call", "after-call", "after-result":
            self == .replace || self == .replaceCreatingFirst ? 4 * zones : 2 * zones
        default: 1
        }
    }

    /// The spec before the run; nil where nothing was there.
    func firstSpec(_ zones: [String], _ domain: String) -> String? {
        switch self {
        case .create, .adopt: nil
        case .move: spec("powerdns_zone.old", zones, domain, account: "v1")
        default: spec("powerdns_zone.z", zones, domain, account: "v1")
        }
    }

    /// The spec that the run applies.
    func secondSpec(_ zones: [String], _ domain: String) -> String {
        switch self {
        case .create, .update: spec("powerdns_zone.z", zones, domain, account: "v2")
        case .replace, .replaceCreatingFirst:
            spec("powerdns_zone.z", zones, domain, account: "v2", infix: Self.infix)
        case .destroy: spec("powerdns_zone.z", [], domain, account: "v1")
        case .move:
            spec("powerdns_zone.z", zones, domain, account: "v2")
                + "moved: [{from: powerdns_zone.old, to: powerdns_zone.z}]\n"
        case .adopt:
            spec("powerdns_zone.z", zones, domain, account: "v2") + "import:\n"
                + zones.map { "  - {to: 'powerdns_zone.z[\"\($0)\"]', id: \($0).\(domain)}\n" }.joined()
        }
    }

    /// The address that every record set has in the end.
    static let address = "192.0.2.2"

    /// The names, with their dots, of the zones that the second spec declares.
    func expectedZones(_ zones: [String], _ domain: String) -> Set<String> {
        switch self {
        case .destroy: []
        case .replace, .replaceCreatingFirst: Set(zones.map { "\($0)\(Self.infix).\(domain)." })
        default: Set(zones.map { "\($0).\(domain)." })
        }
    }

    /// How many of the zones of a server show that the run has dealt with them.
    func progress(_ found: [PowerDNS.Zone], of count: Int) -> Int {
        switch self {
        case .create: found.count
        case .destroy: count - found.count
        default: found.count { $0.account == "v2" }
        }
    }

    private static let infix = "-new"

    /// Zones, and in each a record set that waits for it.
    private func spec(
        _ address: String, _ zones: [String], _ domain: String, account: String, infix: String = ""
    ) -> String {
        let keys = "${toset([\(zones.map { "\"\($0)\"" }.joined(separator: ", "))])}"
        let lifecycle = "{create_before_destroy: \(self == .replaceCreatingFirst)}"
        return """
            resources:
              \(address):
                for_each: '\(keys)'
                lifecycle: \(lifecycle)
                spec: {name: "${each.key}\(infix).\(domain)", nameservers: [ns1.example.net], account: \(account)}
              powerdns_record_set.www:
                for_each: '\(keys)'
                lifecycle: \(lifecycle)
                spec:
                  zone: ${\(address)[each.key].name}
                  name: www.${\(address)[each.key].name}
                  type: A
                  records: [\(account == "v2" ? Self.address : "192.0.2.1")]

            """
    }
}
