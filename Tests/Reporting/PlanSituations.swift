import PlumbModel

/// Plans of every kind that a person may be shown, each with a name of its own.
struct PlanSituation: Sendable, CustomStringConvertible {
    let name: String
    let plan: Plan

    var description: String { name }

    init(_ name: String, mode: Plan.Mode = .normal, _ build: (inout Plan) -> Void) {
        self.name = name
        var plan = Plan(
            mode: mode,
            origin: PlanOrigin(stack: "web", source: ".", revision: nil, createdAt: 1_700_000_000, version: "0.1.0"))
        build(&plan)
        self.plan = plan
    }
}

/// A place in a spec.
func place(_ path: String, _ line: Int) -> SourceLocation { SourceLocation(path: path, line: line, column: 3) }

func creation(
    _ address: ResourceAddress, _ values: Value, reason: PlannedChange.Reason = .declared, line: Int = 3
) -> PlannedChange {
    PlannedChange(
        address: address, action: .create, reason: reason, provider: "builtin", before: nil, after: values,
        declaredAt: place("web.yaml", line))
}

func update(
    _ address: ResourceAddress, from before: Value, to after: Value, reason: PlannedChange.Reason = .changed,
    line: Int = 12
) -> PlannedChange {
    PlannedChange(
        address: address, action: .update, reason: reason, provider: "builtin", before: before, after: after,
        declaredAt: place("web.yaml", line))
}

func replacement(
    _ address: ResourceAddress, from before: Value, to after: Value, reason: PlannedChange.Reason = .cannotUpdate,
    paths: [AttributePath] = [], createBeforeDestroy: Bool = false, isProtected: Bool = false
) -> PlannedChange {
    PlannedChange(
        address: address, action: .replace(createBeforeDestroy: createBeforeDestroy), reason: reason,
        provider: "builtin", before: before, after: after, replacePaths: paths, declaredAt: place("db.yaml", 7),
        bookkeeping: Bookkeeping(isProtected: isProtected))
}

func deletion(
    _ address: ResourceAddress, _ values: Value, reason: PlannedChange.Reason = .notDeclared,
    deposedKey: String? = nil, at place: SourceLocation? = nil
) -> PlannedChange {
    PlannedChange(
        address: address, deposedKey: deposedKey, action: .delete, reason: reason, provider: "builtin",
        before: values, after: nil, declaredAt: place)
}

extension PlanSituation {
    static let all: [PlanSituation] = plain + reasons + values + secrets + surroundings + addresses

    private static let plain: [PlanSituation] = [
        PlanSituation("empty") { _ in },
        PlanSituation("empty-destroy", mode: .destroy) { _ in },
        PlanSituation("create") { plan in
            plan.changes = [
                creation(
                    ResourceAddress("builtin_file", "motd"),
                    [
                        "path": "/etc/motd", "content": "Welcome.\n", "mode": "0644", "owner": .null,
                        "id": .unknown(.string), "sha256": .unknown(.string), "size": .unknown(.number),
                    ]),
                creation(
                    ResourceAddress("http_resource", "zone", key: .name("example.org")),
                    [
                        "url": "https://dns.example.org/api/v1/servers/localhost/zones",
                        "body": ["kind": "Native", "name": "example.org.", "nameservers": ["ns1.example.org."]],
                        "headers": ["X-API-Key": Value.string("s3cr3t").sensitive(), "Accept": "application/json"],
                        "retries": 3, "verify": true, "response": .unknown(.any), "empty": [], "none": [:],
                    ], line: 14),
            ]
        },
        PlanSituation("create-many") { plan in
            plan.changes = (0..<30).map { index in
                creation(
                    ResourceAddress("dns_record", "host", key: .index(index)),
                    [
                        "zone": "example.org.", "name": .string("host-\(index)"), "ttl": 300,
                        "records": ["192.0.2.\(index)"].map(Value.string).asTuple, "serial": .unknown(.number),
                        "comment": .string("Made for the load test of rack \(index % 4), row \(index)."),
                        "id": .unknown(.string),
                    ])
            }
        },
        PlanSituation("everything") { plan in
            plan.changes = [
                creation(ResourceAddress("dns_record", "api"), ["name": "api", "ttl": 300, "id": .unknown(.string)]),
                update(
                    ResourceAddress("dns_record", "www"), from: ["name": "www", "ttl": 300, "id": "4711"],
                    to: ["name": "www", "ttl": 60, "id": "4711"]),
                replacement(
                    ResourceAddress("pg_database", "main"),
                    from: ["name": "main", "encoding": "LATIN1", "oid": 16384],
                    to: ["name": "main", "encoding": "UTF8", "oid": .unknown(.number)],
                    paths: [AttributePath("encoding")]),
                deletion(ResourceAddress("vm", "old"), ["name": "old", "memory": 2048, "disks": ["/dev/vda"]]),
                PlannedChange(
                    address: ResourceAddress("http_get", "status", mode: .data), action: .read, reason: .readLater,
                    provider: "http", before: nil, after: ["url": .unknown(.string), "method": "GET"],
                    declaredAt: place("web.yaml", 40)),
                PlannedChange(
                    address: ResourceAddress("vm", "kept"), action: .forget, reason: .notDeclared,
                    provider: "libvirt", before: ["name": "kept"], after: nil),
            ]
            plan.outputs = [
                PlannedOutput(name: "url", action: .update, before: "http://www", after: .unknown(.string)),
                PlannedOutput(name: "count", action: .create, before: nil, after: 3),
                PlannedOutput(name: "gone", action: .delete, before: "x", after: nil),
                PlannedOutput(name: "same", action: .noOp, before: 1, after: 1),
            ]
        },
        PlanSituation("checks") { plan in
            plan.checks = [
                CheckResult(.variable("size"), .pass), CheckResult(.output("url"), .unknown),
                CheckResult(.check("fine"), .pass), CheckResult(.check("later"), .unknown),
                CheckResult(
                    .check("page"), .fail, problems: ["The page answers 503, and it has done so for a while.", "b"]),
                CheckResult(.check("broken"), .error, problems: ["Invalid index: The\u{1B}[31m list has one element."]),
            ]
        },
        PlanSituation("outputs-only") { plan in
            plan.outputs = [PlannedOutput(name: "url", action: .create, before: nil, after: "https://example.org")]
        },
    ]

    private static let reasons: [PlanSituation] = [
        PlanSituation("reasons") { plan in
            let address = { (name: String) in ResourceAddress("vm", name) }
            let before: Value = ["name": "a", "memory": 1024]
            let after: Value = ["name": "a", "memory": 2048]
            plan.changes = [
                creation(address("declared"), after),
                creation(address("gone_outside"), after, reason: .goneOutside),
                update(address("changed"), from: before, to: after),
                update(address("drifted"), from: before, to: after, reason: .drifted),
                update(address("both"), from: before, to: after, reason: .changedAndDrifted),
                replacement(
                    address("cannot_update"), from: before, to: after,
                    paths: [AttributePath("memory"), AttributePath([.key("disks"), .index(0), .key("size")])]),
                replacement(address("tainted"), from: before, to: before, reason: .tainted),
                replacement(
                    address("requested"), from: before, to: before, reason: .requested, createBeforeDestroy: true),
                replacement(
                    address("triggered"), from: before, to: before,
                    reason: .triggered(["builtin_file.config", "var.generation"])),
                replacement(
                    address("protected"), from: before, to: after, paths: [AttributePath("memory")], isProtected: true),
                deletion(address("not_declared"), before),
                deletion(
                    ResourceAddress("vm", "each", key: .name("b")), before, reason: .keyGone, at: place("vm.yaml", 9)),
                deletion(
                    ResourceAddress("vm", "counted", key: .index(2)), before, reason: .keyGone, at: place("vm.yaml", 9)),
                deletion(address("keyless"), before, reason: .wrongRepetition, at: place("vm.yaml", 9)),
                deletion(address("disabled"), before, reason: .disabled, at: place("vm.yaml", 20)),
                deletion(address("destroying"), before, reason: .destroying),
                deletion(address("replaced"), before, reason: .deposed, deposedKey: "1f2e3d4c"),
                PlannedChange(
                    address: ResourceAddress("http_get", "later", mode: .data), action: .read, reason: .readLater,
                    provider: "http", before: nil, after: ["url": .unknown(.string)],
                    declaredAt: place("web.yaml", 40)),
                PlannedChange(
                    address: ResourceAddress("http_get", "after", mode: .data), action: .read,
                    reason: .readAfterChanges, provider: "http", before: nil, after: ["url": "http://www"],
                    declaredAt: place("web.yaml", 50)),
                PlannedChange(
                    address: address("retained"), action: .forget, reason: .notDeclared, provider: "libvirt",
                    before: before, after: nil),
            ]
        },
        PlanSituation("replace") { plan in
            plan.changes = [
                replacement(
                    ResourceAddress("vm", "db", module: [.init("cluster", key: .name("eu"))]),
                    from: [
                        "id": "i-0a1b2c3d", "address": "192.0.2.17", "name": "db", "zone": "eu-1a", "memory": 8192,
                        "disks": [["path": "/dev/vda", "size": 20], ["path": "/dev/vdb", "size": 100]],
                    ],
                    to: [
                        "id": .unknown(.string), "address": .unknown(.string), "name": "db", "zone": "eu-1b",
                        "memory": 8192,
                        "disks": [["path": "/dev/vda", "size": 20], ["path": "/dev/vdb", "size": 50]],
                    ],
                    paths: [AttributePath("zone"), AttributePath([.key("disks"), .index(1), .key("size")])],
                    createBeforeDestroy: true)
            ]
        },
    ]

    private static let values: [PlanSituation] = [
        PlanSituation("nested") { plan in
            plan.changes = [
                update(
                    ResourceAddress("deployment", "web"),
                    from: [
                        "metadata": ["name": "web", "labels": ["app": "web", "tier/x": "front"]],
                        "replicas": 2,
                        "containers": [
                            ["name": "web", "image": "nginx:1.25", "ports": [80, 443]],
                            ["name": "log", "image": "vector:0.40"],
                        ],
                        "cidrs": .set(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fd00::/8"]),
                        "zones": ["a", "b"], "paused": false, "note": "kept", "strategy": "rolling",
                    ],
                    to: [
                        "metadata": ["name": "web", "labels": ["app": "web-2", "team": "blue"]],
                        "replicas": 3,
                        "containers": [
                            ["name": "init", "image": "busybox:1.36", "command": ["sh", "-c", "sleep 1"]],
                            ["name": "web", "image": "nginx:1.27", "ports": [80, 443, 8443]],
                            ["name": "log", "image": "vector:0.40"],
                        ],
                        "cidrs": .set(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fe80::/10"]),
                        "zones": ["a", "c"], "paused": false, "note": "kept",
                        "strategy": ["type": "rolling", "surge": 1],
                    ])
            ]
        },
        PlanSituation("line-differences") { plan in
            let lines = (1...40).map { "line \($0)" }
            var changed = lines
            changed[4] = "line five"
            changed.insert("between 20 and 21", at: 20)
            changed.remove(at: 36)
            plan.changes = [
                update(
                    ResourceAddress("builtin_file", "config"),
                    from: [
                        "content": .string(lines.joined(separator: "\n") + "\n"),
                        "script": "#!/bin/sh\n\tset -e\necho one  \n", "path": "/etc/a",
                    ],
                    to: [
                        "content": .string(changed.joined(separator: "\n") + "\n"),
                        "script": "#!/bin/sh\n  set -e\necho one\necho 二\n", "path": "/etc/a",
                    ]),
                update(
                    ResourceAddress("builtin_file", "end"), from: ["content": "one\ntwo\n"],
                    to: ["content": "one\ntwo"]),
                update(
                    ResourceAddress("builtin_file", "from_one_line"), from: ["content": "one"],
                    to: ["content": "one\ntwo\n"]),
                update(
                    ResourceAddress("builtin_file", "carriage"), from: ["content": "one\r\ntwo\r\n"],
                    to: ["content": "one\ntwo\r\n"]),
            ]
        },
        PlanSituation("long-values") { plan in
            let words = String(repeating: "lorem ipsum dolor ", count: 30)
            plan.changes = [
                update(
                    ResourceAddress("builtin_file", "arguments"),
                    from: [
                        "line": .string("\(words)--memory 1024 \(words)"), "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 a",
                    ],
                    to: [
                        "line": .string("\(words)--memory 2048 \(words)"),
                        "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGx5bW5nIGluIHRoZSBzdW4gb24gYSBiZWFjaCBhbGwgZGF5 b",
                    ]),
                creation(
                    ResourceAddress("builtin_file", "long"),
                    [
                        "line": .string(words),
                        "text": .string((1...40).map { "line \($0) of a long text\n" }.joined()),
                        "rules": .tuple(
                            (1...3).map { index in
                                [
                                    "port": .number(8000 + index), "protocol": "tcp",
                                    "sources": ["10.0.0.0/8", "192.168.0.0/16"],
                                    "description": "Lets the monitoring in.",
                                ]
                            }),
                    ]),
            ]
        },
        PlanSituation("json-documents") { plan in
            plan.changes = [
                update(
                    ResourceAddress("bucket_policy", "main"),
                    from: ["policy": #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["get"]}]}"#],
                    to: ["policy": #"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["get"]}]}"#]),
                update(
                    ResourceAddress("bucket_policy", "writing"), from: ["policy": #"{"a":1}"#],
                    to: ["policy": #"{"a": 1}"#]),
            ]
        },
        PlanSituation("wide-characters") { plan in
            plan.changes = [
                creation(
                    ResourceAddress("page", "welcome", key: .name("日本")),
                    [
                        "title": "ようこそ、世界へ。これは長い題名であり、端末の幅を超えて折り返されなければなりません。はい。",
                        "名前": "値", "flag": "🇩🇪 👨‍👩‍👧 e\u{301}", "plain": "x",
                    ])
            ]
        },
        PlanSituation("hostile-values") { plan in
            plan.changes = [
                creation(
                    ResourceAddress("page", "evil", key: .name("a\u{1B}[2Jb\nc")),
                    [
                        "clear": "\u{1B}[2J\u{7}bell", "c1": "\u{9B}31m", "rtl": "abc\u{202E}def",
                        "key\u{1B}[1m": "v", "text": "one\n\u{1B}]0;title\u{7}\ntwo\r\n", "tag": "x\u{E0041}",
                    ]),
                update(
                    ResourceAddress("page", "text"), from: ["text": "a\n\u{1B}[31mred\n"],
                    to: ["text": "a\n\u{1B}[32mgreen\n"]),
            ]
        },
    ]

    private static let secrets: [PlanSituation] = [
        PlanSituation("secrets") { plan in
            let secret = { (text: String) in Value.string("HIDDEN-\(text)").sensitive() }
            plan.changes = [
                creation(
                    ResourceAddress("login", "new"),
                    ["password": secret("a"), "users": [["name": "a", "token": secret("b")]], "list": [secret("c")]]),
                update(
                    ResourceAddress("login", "changed"),
                    from: [
                        "password": secret("a"), "same": secret("s"), "marked": "HIDDEN-later",
                        "unmarked": secret("u"), "moved": secret("m"), "text": secret("one\ntwo\n"),
                        "env": ["KEY": secret("k"), "HOST": "a"],
                        "whole": (["HIDDEN-key": "HIDDEN-v"] as Value).sensitive(),
                        "list": ["a", secret("x"), secret("y")], "number": Value.number(424_242).sensitive(),
                        "gone": secret("g"),
                    ],
                    to: [
                        "password": secret("longer and longer"), "same": secret("s"),
                        "marked": Value.string("HIDDEN-later").sensitive(), "unmarked": "HIDDEN-u",
                        "moved": "HIDDEN-m2", "text": secret("one\nthree\n"),
                        "env": ["KEY": secret("k2"), "HOST": "b"],
                        "whole": (["HIDDEN-key": "HIDDEN-v", "HIDDEN-other": 1] as Value).sensitive(),
                        "list": ["a", secret("y"), "c"], "number": Value.number(424_243).sensitive(),
                        "added": secret("n"), "later": Value.unknown(.string).sensitive(),
                    ]),
                update(
                    ResourceAddress("login", "whole"), from: (["a": "HIDDEN-1"] as Value).sensitive(),
                    to: (["a": "HIDDEN-2"] as Value).sensitive()),
                replacement(
                    ResourceAddress("login", "replaced"), from: ["key": secret("a"), "id": "1"],
                    to: ["key": secret("b"), "id": .unknown(.string)], paths: [AttributePath("key")]),
                deletion(
                    ResourceAddress("login", "old"),
                    ["password": secret("d"), "nested": ["a": [secret("e")]], "name": "old"]),
            ]
            plan.outputs = [
                PlannedOutput(name: "password", action: .update, before: secret("a"), after: secret("b")),
                PlannedOutput(
                    name: "connection", action: .create, before: nil, after: ["user": "u", "pass": secret("p")]),
            ]
            plan.drift = [
                DriftedResource(
                    address: ResourceAddress("login", "drifted"), recorded: ["password": secret("a")],
                    live: ["password": secret("b")], livePrivateData: nil, declaredAt: nil, isRelevant: true)
            ]
            plan.recoveries = [
                PlannedRecovery(
                    intent: "1", address: ResourceAddress("login", "adopted"), action: .create,
                    finding: .adopt(["password": secret("z")]))
            ]
        }
    ]

    private static let surroundings: [PlanSituation] = [
        PlanSituation("drift") { plan in
            let address = ResourceAddress("dns_record", "www")
            plan.drift = [
                DriftedResource(
                    address: address, recorded: ["ttl": 300, "name": "www", "records": ["192.0.2.1"]],
                    live: ["ttl": 60, "name": "www", "records": ["192.0.2.1"]], livePrivateData: nil,
                    declaredAt: place("web.yaml", 12), isRelevant: true),
                DriftedResource(
                    address: ResourceAddress("dns_record", "mail"), recorded: ["ttl": 300], live: nil,
                    livePrivateData: nil, declaredAt: place("web.yaml", 30), isRelevant: true),
                DriftedResource(
                    address: ResourceAddress("vm", "other"), recorded: ["uptime": 1], live: ["uptime": 2],
                    livePrivateData: nil, declaredAt: nil, isRelevant: false),
            ]
            plan.changes = [
                update(
                    address, from: ["ttl": 60, "name": "www", "records": ["192.0.2.1"]],
                    to: ["ttl": 300, "name": "www", "records": ["192.0.2.1"]], reason: .drifted),
                creation(ResourceAddress("dns_record", "mail"), ["ttl": 300], reason: .goneOutside, line: 30),
            ]
        },
        PlanSituation("drift-irrelevant") { plan in
            plan.drift = (0..<3).map { index in
                DriftedResource(
                    address: ResourceAddress("vm", "v\(index)"), recorded: ["uptime": 1], live: ["uptime": 2],
                    livePrivateData: nil, declaredAt: nil, isRelevant: false)
            }
        },
        PlanSituation("refresh-only", mode: .refreshOnly) { plan in
            plan.drift = [
                DriftedResource(
                    address: ResourceAddress("vm", "a"), recorded: ["memory": 1024, "tags": ["x"]],
                    live: ["memory": 2048, "tags": ["x", "y"]], livePrivateData: nil,
                    declaredAt: place("vm.yaml", 3), isRelevant: false)
            ]
        },
        PlanSituation("recoveries") { plan in
            plan.recoveries = [
                PlannedRecovery(
                    intent: "1", address: ResourceAddress("vm", "a"), action: .create, finding: .adopt(["id": "7"])),
                PlannedRecovery(intent: "2", address: ResourceAddress("vm", "b"), action: .create, finding: .conclude),
                PlannedRecovery(intent: "3", address: ResourceAddress("vm", "c"), action: .delete, finding: .conclude),
                PlannedRecovery(
                    intent: "4", address: ResourceAddress("vm", "d"), action: .update,
                    finding: .hold("the provider \"libvirt\" cannot look a machine up by its token")),
            ]
        },
        PlanSituation("partial") { plan in
            plan.origin.targets = ["dns_record.*"]
            plan.origin.excludes = ["module.eu.*", "file:db.yaml"]
            plan.changes = [creation(ResourceAddress("dns_record", "api"), ["ttl": 300])]
        },
        PlanSituation("destroy", mode: .destroy) { plan in
            plan.changes = (0..<3).map { index in
                deletion(
                    ResourceAddress("vm", "node", key: .index(index)),
                    [
                        "name": .string("node-\(index)"), "memory": 4096, "cpus": 2, "image": "debian-13-generic-amd64",
                        "networks": [
                            ["bridge": "br0", "address": "192.0.2.\(index)"].mapValues(Value.string).asObject
                        ],
                        "cloud_init": .string(String(repeating: "packages: [curl]\n", count: 20)),
                        "description": "A node of the cluster that the tests run in, made by the quick start.",
                        "id": .string("i-\(index)"), "state": "running", "uuid": "8b9f2a34-1d7c-4b73-9a52-6e8f3e0a6c11",
                    ], reason: .destroying)
            }
        },
    ]
}

extension [Value] {
    var asTuple: Value { .tuple(self) }
}

extension [String: Value] {
    var asObject: Value { .object(ValueMap(map { ($0.key, $0.value) })) }
}
