import PlumbModel

/// Pull requests of every kind that a reviewer may be shown, each with a name of its own.
struct PullRequestSituation: Sendable, CustomStringConvertible {
    let name: String
    let plans: PullRequestPlans
    let budget: Int

    var description: String { name }

    init(
        _ name: String, budget: Int = 65_536, _ stacks: [PullRequestPlans.Stack],
        _ change: (inout PullRequestPlans) -> Void = { _ in }
    ) {
        self.name = name
        self.budget = budget
        var plans = PullRequestPlans(
            key: "main", stacks: stacks, revision: "4f0c3a1", link: "https://plans.example/runs/7",
            hints: ["Comment `plumb apply` to apply these plans, `plumb plan` to make them again."])
        change(&plans)
        self.plans = plans
    }

    /// A stack with a plan of the changes.
    static func stack(
        _ name: String, _ changes: [PlannedChange] = [], mode: Plan.Mode = .normal,
        _ change: (inout PullRequestPlans.Stack) -> Void = { _ in }
    ) -> PullRequestPlans.Stack {
        var plan = Plan(
            mode: mode,
            origin: PlanOrigin(stack: name, source: ".", revision: nil, createdAt: 1_700_000_000, version: "0.1.0"))
        plan.changes = changes
        var stack = PullRequestPlans.Stack(
            name: name, directory: "stacks/\(name)", plan: plan, digest: "9c1185a5c5e9fc54",
            causes: ["stacks/\(name)/main.yaml"])
        change(&stack)
        return stack
    }

    static func broken(_ name: String, _ problems: [Diagnostic]) -> PullRequestPlans.Stack {
        PullRequestPlans.Stack(
            name: name, directory: "stacks/\(name)", plan: nil, problems: Diagnostics(problems),
            causes: ["modules/net/main.yaml"])
    }

    static let record = creation(
        ResourceAddress("dns_record", "api"), ["name": "api", "ttl": 300, "id": .unknown(.string)])
    static let slower = update(
        ResourceAddress("dns_record", "www"), from: ["name": "www", "ttl": 300, "id": "4711"],
        to: ["name": "www", "ttl": 60, "id": "4711"])
    static let database = replacement(
        ResourceAddress("pg_database", "main"), from: ["name": "main", "encoding": "LATIN1", "oid": 16384],
        to: ["name": "main", "encoding": "UTF8", "oid": .unknown(.number)], paths: [AttributePath("encoding")])
    static let machine = deletion(ResourceAddress("vm", "old"), ["name": "old", "memory": 2048, "disks": ["/dev/vda"]])

    static let misspelt = Diagnostic.error(
        "Unknown attribute", "\"tll\" is no attribute of dns_record. Did you mean \"ttl\"?",
        address: ResourceAddress("dns_record", "api"),
        at: SourceRange(
            file: SourceFile(path: "main.yaml", text: "resources:\n  dns_record.api:\n    tll: 300\n"), start: 33,
            end: 36))
    static let odd = Diagnostic.warning("Check failed", "check.page: The page answers 503.")

    /// Records that are made in large numbers.
    static func many(_ count: Int, _ change: (ResourceAddress, Int) -> PlannedChange) -> [PlannedChange] {
        (0..<count).map { change(ResourceAddress("dns_record", "host", key: .name("host-\($0).example.org")), $0) }
    }

    static func host(_ index: Int, ttl: Int) -> Value {
        [
            "zone": "example.org.", "name": .string("host-\(index)"), "ttl": .number(ttl),
            "records": .tuple([.string("192.0.2.\(index % 250)")]), "comment": "Made for the load test of one rack.",
        ]
    }
}

extension PullRequestSituation {
    /// One stack with each of the plans that a terminal is shown, then what only pull requests have.
    static let all: [PullRequestSituation] =
        PlanSituation.all.map { situation in
            var plan = situation.plan
            plan.dependentCount = situation.name == "replace" ? 7 : 0
            return PullRequestSituation(
                "plan-\(situation.name)",
                [PullRequestPlans.Stack(name: "web", directory: "stacks/web", plan: plan, digest: "9c1185a5c5e9fc54")])
        } + stacks + judged + pushes + budgets

    private static let stacks: [PullRequestSituation] = [
        PullRequestSituation("none", []),
        PullRequestSituation("no-changes", [stack("dns"), stack("web"), stack("mail")]),
        PullRequestSituation(
            "three", [stack("dns", [record, slower]), stack("web", [slower, machine]), stack("mail")]),
        PullRequestSituation(
            "new-and-removed",
            [
                stack("new", [record]) { $0.standing = .added },
                stack("old", [machine], mode: .destroy) { $0.standing = .removed },
            ]),
        PullRequestSituation("fails", [broken("web", [misspelt]), stack("dns", [slower])]),
        PullRequestSituation("fails-all", [broken("web", [misspelt, odd]), broken("dns", [misspelt])]),
        PullRequestSituation("no-plan-no-problem", [broken("web", [])]),
        PullRequestSituation("warnings", [stack("web", [slower]) { $0.problems = Diagnostics([odd, odd]) }]),
        PullRequestSituation(
            "irreversible",
            [
                stack("db", [database, deletion(ResourceAddress("random_password", "root"), ["length": 32])]) { stack in
                    stack.plan?.changes[1].isIrreversible = true
                    stack.plan?.changes[0].bookkeeping.isProtected = true
                    stack.plan?.dependentCount = 12
                }
            ]),
    ]

    private static let judged: [PullRequestSituation] = [
        PullRequestSituation(
            "denied",
            [
                stack("db", [database]) { stack in
                    stack.plan?.policies = [
                        PolicyResult("small", .deny, .pass),
                        PolicyResult(
                            "no-replacements", .deny, .fail, problems: ["pg_database.main would be replaced."],
                            waivers: ["ada", "grace"]),
                        PolicyResult("quiet-hours", .warn, .fail, problems: ["It is Friday."]),
                    ]
                }
            ]),
        PullRequestSituation(
            "waived",
            [
                stack("db", [database]) { stack in
                    stack.plan?.policies = [
                        PolicyResult(
                            "no-replacements", .deny, .waived(["ada"]),
                            problems: ["pg_database.main would be replaced."],
                            waivers: ["ada", "grace"]),
                        PolicyResult("costs", .warn, .error, problems: ["conftest ended with status 3."]),
                        PolicyResult("sizes", .warn, .unknown),
                    ]
                }
            ]),
    ]

    private static let pushes: [PullRequestSituation] = [
        PullRequestSituation(
            "pushed-again",
            [
                stack("dns", [slower]) { stack in
                    stack.movement = .changed(
                        PlanDelta(
                            added: [ResourceAddress("vm", "a"), ResourceAddress("vm", "b")],
                            gone: [ResourceAddress("vm", "c")],
                            different: [ResourceAddress("dns_record", "www")]))
                },
                stack("web", [slower]) { $0.movement = .same }, stack("mail", [record]),
            ]
        ) { plans in
            plans.previousRevision = "77aa01b"
            plans.noLongerAffected = ["vpn", "backup"]
        },
        PullRequestSituation("pushed-the-same", [stack("web", [slower]) { $0.movement = .same }]) { plans in
            plans.previousRevision = "77aa01b"
        },
        PullRequestSituation(
            "bare",
            [
                stack("web", [record]) { stack in
                    stack.digest = nil
                    stack.causes = []
                    stack.directory = "web"
                    stack.link = "https://plans.example/runs/7/web"
                }
            ]
        ) { plans in
            plans.revision = nil
            plans.link = nil
            plans.hints = []
        },
    ]

    private static let budgets: [PullRequestSituation] = [12_000, 9_000, 6_000, 4_500, 3_000, 300].map { budget in
        PullRequestSituation(
            "budget-\(budget)", budget: budget,
            [
                stack("hosts", many(40) { update($0, from: host($1, ttl: 300), to: host($1, ttl: 60)) }),
                stack("racks", many(30) { creation($0, host($1, ttl: 300)) }),
                stack("gone", many(12) { deletion($0, host($1, ttl: 300)) }),
                stack("small", [slower, record]), broken("broken", [misspelt, misspelt, misspelt]), stack("same"),
            ])
    }
}
