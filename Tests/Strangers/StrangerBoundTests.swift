import GitFixtures
import PlumbModel
import Testing

/// Specs that are meant to make the planner spin, or to fill its memory.
@Suite(.serialized)
struct StrangerBoundTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let name: String
        var files: [String: String] = [:]
        /// Makes files that are too dull to write down.
        var script = ""
        /// The beginning of one of the problems; empty where any will do, and a plan too; nil where it is harmless.
        let ends: String?

        var testDescription: String { name }
    }

    private static let hundred = "range(100)"
    private static func locals(_ count: Int, _ text: (Int) -> String) -> String {
        "locals:\n" + (0..<count).map { "  l\($0): \(text($0))\n" }.joined()
    }

    private static let allowance = "Specs of a stranger cost too much"

    static let attacks: [Attack] = [
        Attack(
            name: "nested loops",
            files: [
                "m.yaml": locals(1) { _ in
                    "'${[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : 1]]]}'"
                }
            ],
            ends: allowance),
        Attack(
            name: "many loops that are each within their bounds",
            files: [
                "m.yaml": locals(2000) { _ in "'${length([for a in range(1000) : [for b in range(900) : a * b]])}'" }
            ],
            ends: allowance),
        Attack(
            name: "strings that double",
            files: [
                "m.yaml": "locals:\n  l0: aaaaaaaaaaaaaaaa\n"
                    + (1..<60).map { "  l\($0): '${local.l\($0 - 1)}${local.l\($0 - 1)}'\n" }.joined()
            ],
            ends: allowance),
        Attack(
            name: "many large strings",
            files: [
                "m.yaml": locals(3000) {
                    "'${format(\"%10000d-%s\", \($0), join(\"\", [for i in range(90) : format(\"%10000d\", i)]))}'"
                }
            ], ends: allowance),
        Attack(
            name: "JSON of one string many times",
            files: [
                "m.yaml": """
                locals:
                  s: '${join("", [for i in range(300) : format("%10000d", i)])}'
                  j: '${length(jsonencode([for a in range(1000) : [for b in range(1000) : local.s]]))}'
                """
            ], ends: allowance),
        Attack(
            name: "YAML of one string many times",
            files: [
                "m.yaml": """
                locals:
                  s: '${join("", [for i in range(300) : format("%10000d", i)])}'
                  j: '${length(yamlencode({for a in range(1000) : "k${a}" => local.s}))}'
                """
            ], ends: allowance),
        Attack(
            name: "products in a loop",
            files: [
                "m.yaml": locals(1) { _ in "'${length([for i in range(1000) : setproduct(range(700), range(700))])}'" }
            ],
            ends: allowance),
        Attack(
            name: "decoding in a loop",
            files: [
                "m.yaml": """
                locals:
                  s: '${jsonencode([for i in range(1000) : [for j in range(500) : 0]])}'
                  j: '${length([for i in range(1000) : jsondecode(local.s)])}'
                """
            ], ends: allowance),
        Attack(
            name: "hashing in a loop",
            files: [
                "m.yaml": """
                locals:
                  s: '${join("", [for i in range(400) : format("%10000d", i)])}'
                """ + "\n"
                    + (0..<50).map {
                        "  h\($0): '${length([for i in range(1000) : [for j in range(1000) : sha512(local.s)]])}'\n"
                    }.joined()
            ], ends: allowance),
        Attack(
            name: "a pattern that backtracks",
            files: [
                "m.yaml": locals(1) { _ in
                    "'${can(regex(\"^(a+)+$\", \"${join(\"\", [for i in range(1000) : \"aaaaaaaaaa\"])}b\"))}'"
                }
            ],
            ends: nil),
        Attack(
            name: "a pattern that is large",
            files: ["m.yaml": locals(1) { _ in "'${regex(\"((a{1000}){1000}){1000}\", \"a\")}'" }],
            ends: "Invalid function argument"),
        Attack(
            name: "patterns in a loop",
            files: [
                "m.yaml": """
                locals:
                  s: '${join("", [for i in range(1000) : "abcdefghij"])}'
                  r: '${[for i in range(1000) : length(regexall("(.*)(.*)(.*)(.*)x", local.s))]}'
                """
            ], ends: ""),
        Attack(
            name: "a million instances",
            files: ["m.yaml": "resources: {local_file.x: {count: 1000000, spec: {filename: x}}}"],
            ends: allowance),
        Attack(
            name: "for_each over a product",
            files: [
                "m.yaml": """
                locals: {keys: '${toset([for p in setproduct(range(400), range(400)) : "${p[0]}-${p[1]}"])}'}
                resources: {local_file.x: {for_each: '${local.keys}', spec: {filename: '${each.key}'}}}
                """
            ], ends: allowance),
        Attack(
            name: "modules that multiply",
            files: Dictionary(
                uniqueKeysWithValues: (0..<40).map { level in
                    let calls = "modules:\n  a: {source: ../m\(level + 1)}\n  b: {source: ../m\(level + 1)}\n"
                    return ("m\(level)/main.yaml", level == 39 ? "locals: {x: 1}\n" : calls)
                }
            ).merging(["m.yaml": "modules: {a: {source: ./m0}, b: {source: ./m0}}\n"]) { $1 }, ends: allowance),
        Attack(
            name: "modules with count in modules with count",
            files: [
                "m.yaml": "modules: {a: {source: ./m, count: 300}}\n",
                "m/main.yaml": "modules: {b: {source: ../n, count: 300}}\n",
                "n/main.yaml": "resources: {local_file.x: {count: 300, spec: {filename: x}}}\n",
            ], ends: allowance),
        Attack(
            name: "modules in a circle",
            files: [
                "m.yaml": "modules: {a: {source: ./m}}\n", "m/main.yaml": "modules: {b: {source: ../n}}\n",
                "n/main.yaml": "modules: {c: {source: ../m}}\n",
            ],
            ends: "Module calls itself"),
        Attack(
            name: "the stack as its own module", files: ["m.yaml": "modules: {a: {source: ../web}}\n"],
            ends: "Module is a stack"),
        Attack(
            name: "locals in a circle",
            files: ["m.yaml": "locals: {a: '${local.b}', b: '${local.c}', c: '${local.a}'}\n"], ends: "Cycle"),
        Attack(
            name: "a template that renders itself",
            files: [
                "m.yaml": "locals: {a: '${templatefile(\"t.txt\", {})}'}\n", "t.txt": "${templatefile(\"t.txt\", {})}",
            ],
            ends: "Invalid function argument"),
        Attack(
            name: "aliases of aliases",
            files: [
                "m.yaml": "locals:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
                    + (1..<12).map { n in
                        "  a\(n): &a\(n) [\((0..<10).map { _ in "*a\(n - 1)" }.joined(separator: ", "))]\n"
                    }.joined()
            ], ends: "Aliases repeat too much"),
        Attack(
            name: "aliases in many files",
            files: Dictionary(
                uniqueKeysWithValues: (0..<60).map { file in
                    (
                        "m\(file).yaml",
                        "locals:\n  f\(file)a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
                            + (1..<5).map { n in
                                "  f\(file)a\(n): &a\(n) [\((0..<10).map { _ in "*a\(n - 1)" }.joined(separator: ", "))]\n"
                            }.joined()
                            + "  f\(file)z: [*a4, *a4, *a4, *a4]\n"
                    )
                }), ends: allowance),
        Attack(
            name: "aliases in a document that is decoded",
            files: [
                "m.yaml": "locals: {a: '${yamldecode(file(\"bomb\"))}'}\n",
                "bomb": "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
                    + (1..<12).map { n in
                        "a\(n): &a\(n) [\((0..<10).map { _ in "*a\(n - 1)" }.joined(separator: ", "))]\n"
                    }.joined(),
            ], ends: "Invalid function argument"),
        Attack(
            name: "deep YAML", script: "head -c 200000 /dev/zero | tr '\\0' '[' > stacks/web/m.yaml",
            ends: "Nesting is too deep"),
        Attack(
            name: "deep JSON", files: ["m.yaml": "locals: {a: '${jsondecode(file(\"deep\"))}'}\n"],
            script: "head -c 200000 /dev/zero | tr '\\0' '[' > stacks/web/deep", ends: "Invalid function argument"),
        Attack(
            name: "a deep expression",
            files: [
                "m.yaml":
                    "locals: {a: '${\(String(repeating: "(", count: 50000))1\(String(repeating: ")", count: 50000))}'}\n"
            ],
            ends: "Nested too deeply"),
        Attack(
            name: "a deep type",
            files: [
                "m.yaml":
                    "variables: {a: {type: \"\(String(repeating: "list(", count: 20000))string\(String(repeating: ")", count: 20000))\"}}\n"
            ],
            ends: ""),
        Attack(
            name: "a large file", files: ["m.yaml": "locals: {a: '${file(\"large\")}'}\n"],
            script: "head -c 6000000 /dev/zero | tr '\\0' 'x' > stacks/web/large", ends: "Invalid function argument"),
        Attack(
            name: "a large spec",
            script: "{ echo -n '# '; head -c 6000000 /dev/zero | tr '\\0' 'x'; } > stacks/web/m.yaml", ends: allowance),
        Attack(
            name: "many files", script: "cd stacks/web && for i in $(seq 5100); do echo 'locals: {}' > m$i.yaml; done",
            ends: allowance),
        Attack(
            name: "a pattern of braces",
            files: ["m.yaml": "locals: {a: '${fileset(\".\", \"\(String(repeating: "{a,b,c,d}", count: 40))\")}'}\n"],
            ends: "Invalid function argument"),
        Attack(
            name: "a pattern of stars",
            files: ["m.yaml": "locals: {a: '${fileset(\".\", \"\(String(repeating: "**/", count: 30))x\")}'}\n"],
            script:
                "cd stacks/web && mkdir -p \(String(repeating: "d/", count: 40)) && touch \(String(repeating: "d/", count: 40))x",
            ends: ""),
        Attack(
            name: "wide formats", files: ["m.yaml": locals(1) { _ in "'${format(\"%999999999d\", 1)}'" }],
            ends: "Invalid function argument"),
        Attack(
            name: "expensive passwords",
            files: ["m.yaml": "outputs: {a: {value: '${[for i in range(1000) : bcrypt(\"x\", 16)]}'}}\n"], ends: nil),
        Attack(
            name: "a long chain of locals",
            files: [
                "m.yaml": "locals:\n  l0: 1\n" + (1..<5000).map { "  l\($0): '${local.l\($0 - 1) + 1}'\n" }.joined()
            ], ends: nil),
        Attack(
            name: "many errors",
            files: [
                "m.yaml":
                    "resources: {local_file.x: {count: 20000, spec: {filename: '${nothing.here}', content: '${tonumber(\"x${count.index}\")}'}}}\n"
            ],
            ends: ""),
    ]

    @Test(arguments: attacks)
    func theyEndInTime(_ attack: Attack) async throws {
        let repository = try await StrangersRepository()
        let commit = try repository.push(attack.files.mapValues { $0 }, script: attack.script)
        let seen = try await repository.look(at: commit, seconds: 8)
        #expect(seen.seconds < 40, "\(seen.seconds)")
        guard let ends = attack.ends else {
            #expect(seen.plan != nil, "\(seen.errors.prefix(3).map { $0.prefix(600) })")
            return
        }
        if ends.isEmpty {
            #expect(seen.plan != nil || !seen.errors.isEmpty)
        } else {
            #expect(seen.plan == nil)
            // On a fast machine, the bound of everybody's expressions is met before the time is over.
            let all = ends == Self.allowance ? [ends, "Expression too expensive"] : [ends]
            #expect(
                seen.errors.contains { error in all.contains { error.hasPrefix($0) } },
                "\(seen.errors.prefix(5).map { $0.prefix(400) })")
        }
        // What is told of it can be read by a person.
        #expect(seen.everything.utf8.count < 8 << 20)
    }

    /// What nobody honest meets is a bound for those that are believed, too.
    @Test(arguments: [
        ("modules that multiply", "Too many modules"), ("JSON of one string many times", "String too large"),
    ])
    func someBoundsAreForEverybody(_ name: String, _ ends: String) async throws {
        let attack = try #require(Self.attacks.first { $0.name == name })
        let repository = try await StrangersRepository()
        let seen = try await repository.look(at: try repository.push(attack.files.mapValues { $0 }), trust: .full)
        #expect(seen.errors.contains { $0.hasPrefix(ends) }, "\(seen.errors.prefix(3).map { $0.prefix(400) })")
        #expect(seen.seconds < 60, "\(seen.seconds)")
    }

    /// One tree that stands in itself many times over: 2^30 folders in a few objects.
    @Test func aCommitThatHoldsItselfIsNotWalkedThrough() async throws {
        let repository = try await StrangersRepository()
        let commit = try repository.pushFoldersInFolders(["m.yaml": "locals: {a: '${fileset(\"bomb\", \"**\")}'}\n"])
        let seen = try await repository.look(at: commit)
        #expect(
            seen.errors.contains { $0.hasPrefix(Self.allowance) || $0.hasPrefix("Invalid function") }, "\(seen.errors)")
        #expect(seen.seconds < 90)
    }
}
