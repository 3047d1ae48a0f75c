import Testing

/// Stacks of ten thousand resources are planned without a crash.
struct ScaleTests {
    @Test func wide() async throws {
        let stack = try Stack([
            "main.yaml": "resources: {data_value.a: {count: 10000, spec: {input: '${count.index}'}}}\n"
        ])
        try await expectPlan(stack, 10000)
    }

    @Test func declaredOneByOne() async throws {
        var spec = "resources:\n"
        for index in 0..<10000 {
            let input = index == 0 ? "0" : "'${data_value.n\((index - 1) / 2).id}'"
            spec += "  data_value.n\(index): {spec: {input: \(input)}}\n"
        }
        let stack = try Stack(["main.yaml": spec])
        try await expectPlan(stack, 10000)
    }

    /// Each waits for the one before: whatever walks the graph must not do so by recursion.
    @Test func deep() async throws {
        var spec = "resources:\n  data_value.n0: {spec: {input: 0}}\n"
        for index in 1..<10000 { spec += "  data_value.n\(index): {spec: {input: '${data_value.n\(index - 1).id}'}}\n" }
        let stack = try Stack(["main.yaml": spec])
        try await expectPlan(stack, 10000)
    }

    /// None is compared with each other one, nor with all that is declared.
    @Test func statementsOnAddresses() async throws {
        let (count, all) = (3000, 0..<3000)
        let module = "resources:\n  data_value.a: {spec: {input: x}}\n"
        let modules = try Stack([
            "main.yaml": "modules:\n" + all.map { "  n\($0): {source: ./m}\n" }.joined()
                + "moved:\n" + all.map { "  - {from: module.o\($0), to: module.n\($0)}\n" }.joined()
                + "removed:\n" + all.map { "  - {from: module.gone\($0)}\n" }.joined(),
            "m/main.yaml": module,
        ])
        try await expectPlan(modules, count)
        let keys = all.map { "k\($0): 1" }.joined(separator: ", ")
        let instances = try Stack([
            "main.yaml": "resources:\n  data_value.a: {for_each: {\(keys)}, spec: {input: x}}\n"
                + "moved:\n"
                + all.map { "  - {from: 'data_value.a[\($0)]', to: 'data_value.a[\"k\($0)\"]'}\n" }.joined()
        ])
        try await expectPlan(instances, count)
    }

    private func expectPlan(_ stack: Stack, _ count: Int) async throws {
        let result = try await stack.plumb("plan", "--detailed-exitcode", deadline: 120)
        #expect(result.signal == nil, "it crashed: \(result.errors)")
        #expect(result.code == 2, "\(result.errors)")
        #expect(result.output.contains("Plan: \(count) to create, 0 to change, 0 to replace, 0 to destroy."))
    }
}
