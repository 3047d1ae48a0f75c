import Planning
import PlumbModel
import StackFixtures
import StateBackendAPI
import Testing

/// Modules: inputs, outputs, instances, order, and what is seen from where.
struct ModuleTests {
    /// Gives out what it is given, by way of a resource.
    private static let echo = """
        variables: {text: {type: string, default: none}}
        resources:
          data_value.it: {spec: {input: "${var.text}"}}
        outputs:
          text: {value: "${data_value.it.output}"}
          id: {value: "${data_value.it.id}"}
        """

    private func fixture(_ spec: String, _ modules: [String: String] = ["echo": echo]) throws -> StackFixture {
        let fixture = try StackFixture(spec)
        for (name, text) in modules { try fixture.write("\(name)/\(name).yaml", text) }
        return fixture
    }

    @Test func eachInstanceHasItsOwnResources() async throws {
        let fixture = try fixture(
            """
            modules:
              named: {source: ./echo, for_each: {a: one, b: two}, inputs: {text: "${each.key}=${each.value}"}}
              counted: {source: ./echo, count: 2, inputs: {text: "${count.index}"}}
              off: {source: ./echo, enabled: false}
            outputs:
              all: {value: "${[for key, one in module.named : one.text]}"}
              splat: {value: "${module.counted[*].text}"}
              one: {value: '${module.named["b"].text}'}
              off: {value: "${module.off}"}
            """)
        let plan = try await fixture.plan()
        #expect(
            plan.summary == [
                "create module.named[\"a\"].data_value.it", "create module.named[\"b\"].data_value.it",
                "create module.counted[0].data_value.it", "create module.counted[1].data_value.it",
            ])
        #expect(try await fixture.apply(plan).succeeded)
        #expect(try await fixture.output("all") == ["a=one", "b=two"])
        #expect(try await fixture.output("splat") == ["0", "1"])
        #expect(try await fixture.output("one") == "b=two")
        #expect(try await fixture.output("off")?.isNull == true)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func twoModulesMayUseEachOthersOutputs() async throws {
        let pair = """
            variables: {first: {type: string}, second: {type: string, default: ""}}
            resources:
              data_value.first: {spec: {input: "${var.first}"}}
              data_value.second: {spec: {input: "${var.second}"}}
            outputs:
              first: {value: "${data_value.first.id}"}
              second: {value: "${data_value.second.id}"}
            """
        let fixture = try fixture(
            """
            modules:
              a: {source: ./pair, inputs: {first: x, second: "${module.b.first}"}}
              b: {source: ./pair, inputs: {first: "${module.a.first}"}}
            """, ["pair": pair])
        let plan = try await fixture.plan()
        let order = ["module.a.data_value.first", "module.b.data_value.first", "module.a.data_value.second"].map {
            plan.position(.create, $0)
        }
        #expect(order[0] != nil && order.compactMap(\.self) == order.compactMap(\.self).sorted())
        #expect(try await fixture.apply(plan).succeeded)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func whatWaitsForAModuleWaitsForAllInIt() async throws {
        let fixture = try fixture(
            """
            modules:
              first: {source: ./echo, count: 2}
              second: {source: ./echo, depends_on: [module.first, data_value.gate]}
            resources:
              data_value.gate: {}
              data_value.last: {depends_on: ["module.first[1]"]}
            """)
        let plan = try await fixture.plan()
        func waits(_ address: String) -> Set<String> {
            let step = plan.steps[plan.position(.create, address) ?? 0]
            return Set(step.after.map { plan.changes[plan.steps[$0].change].address.description })
        }
        #expect(
            waits("module.second.data_value.it") == [
                "module.first[0].data_value.it", "module.first[1].data_value.it", "data_value.gate",
            ])
        #expect(waits("data_value.last") == ["module.first[1].data_value.it"])
    }

    @Test func modulesAreNestedAndReadTheirOwnFiles() async throws {
        let outer = """
            variables: {name: {type: string}}
            modules:
              inner: {source: ../echo, inputs: {text: '${file("${path.module}/greeting.txt")} ${var.name}'}}
            outputs: {text: {value: "${module.inner.text} in ${path.module}"}}
            """
        let fixture = try fixture(
            """
            modules: {outer: {source: ./outer, inputs: {name: Ada}}}
            outputs: {text: {value: "${module.outer.text}"}}
            """, ["outer": outer, "echo": Self.echo])
        try fixture.write("outer/greeting.txt", "Hello")
        let plan = try await fixture.plan()
        #expect(plan.summary == ["create module.outer.module.inner.data_value.it"])
        try await fixture.apply(plan)
        #expect(try await fixture.output("text") == "Hello Ada in outer")
        try fixture.spec("")
        #expect(try await fixture.plan().summary == ["delete module.outer.module.inner.data_value.it"])
    }

    @Test func aKeyThatLeavesTakesItsInstanceAlong() async throws {
        let spec = "modules:\n  m: {source: ./echo, for_each: {a: 1, b: 2}}\n"
        let fixture = try fixture(spec)
        try await fixture.apply()
        try fixture.spec(spec.replacing(", b: 2", with: ""))
        #expect(try await fixture.plan().summary == ["delete module.m[\"b\"].data_value.it"])
    }

    @Test func aTargetMayBeAModuleOrOneInstance() async throws {
        let fixture = try fixture(
            "modules:\n  m: {source: ./echo, for_each: {a: 1, b: 2}}\n  n: {source: ./echo}\n")
        func planned(_ target: String) async throws -> [String] {
            try await fixture.plan(PlanOptions(targets: [AddressPattern(target)])).summary
        }
        #expect(try await planned("module.n") == ["create module.n.data_value.it"])
        #expect(try await planned("module.m[\"b\"]") == ["create module.m[\"b\"].data_value.it"])
        #expect(try await planned("module.m").count == 2)
    }

    @Test func aVariableOfAModuleHasItsTypeDefaultAndMark() async throws {
        let module = """
            variables:
              size: {type: number, default: 3}
              secret: {type: string, sensitive: true, default: hidden}
              whole: {type: "object({a = string, b = optional(number, 7)})"}
              set: {type: string, default: fallback, nullable: false}
            resources:
              data_value.it: {spec: {input: {size: "${var.size + 1}", whole: "${var.whole}", set: "${var.set}"}}}
            outputs: {secret: {value: "${var.secret}"}}
            """
        let fixture = try fixture(
            """
            modules: {m: {source: ./m, inputs: {size: "4", whole: {a: 1}, set: null}}}
            outputs: {secret: {value: "${module.m.secret}", sensitive: true}}
            """, ["m": module])
        try await fixture.apply()
        let input = try await fixture.record("module.m.data_value.it")?.values[key: "input"]
        #expect(input?[key: "size"] == 5)
        #expect(input?[key: "whole"]?[key: "b"] == 7)
        #expect(input?[key: "set"] == "fallback")
        #expect(try await fixture.output("secret")?.isSensitive == true)
    }

    @Test func aLongChainOfModulesIsNotADeepOne() async throws {
        var spec = "modules:\n  m0: {source: ./pass, inputs: {text: start}}\n"
        for index in 1..<1500 {
            spec += "  m\(index): {source: ./pass, inputs: {text: \"${module.m\(index - 1).text}\"}}\n"
        }
        let pass =
            "variables: {text: {type: string}}\nlocals: {it: \"${var.text}\"}\noutputs: {text: {value: \"${local.it}\"}}\n"
        let fixture = try fixture(spec + "outputs: {end: {value: \"${module.m1499.text}\"}}\n", ["pass": pass])
        try await fixture.apply()
        #expect(try await fixture.output("end") == "start")
    }
}
