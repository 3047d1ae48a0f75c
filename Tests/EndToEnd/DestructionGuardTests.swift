import Testing

/// A run that nobody is asked about destroys no more than the stack allows.
struct DestructionGuardTests {
    private static func files(_ names: ArraySlice<String>) -> String {
        let entries = names.map { "  local_file.\($0): {spec: {filename: out/\($0), content: x}}\n" }
        return entries.isEmpty ? "" : "resources:\n" + entries.joined()
    }

    private static let names = ["a", "b", "c", "d"]

    @Test(arguments: ["max_destroys: 1", "max_percent: 49", "max_destroys: 9, max_percent: 25"])
    func tooMuchIsRefusedUntilSomebodyAllowsIt(_ guardText: String) async throws {
        let stack = try Stack([
            "stack.yaml": "stack: test\nsync: {guard: {\(guardText)}}\n", "main.yaml": Self.files(Self.names[...]),
        ])
        try await stack.apply()
        // One may go.
        try stack.write("main.yaml", Self.files(Self.names[..<3]))
        try await stack.apply()
        try stack.write("main.yaml", "")
        let refused = try await stack.plumb("apply", "--auto-approve")
        #expect(refused.code == 1)
        #expect(refused.errors.contains("Plan would destroy too much"), "\(refused.errors)")
        #expect(refused.words.contains("destroy 3 of the 3 resources"), "\(refused.errors)")
        #expect(stack.list("out") == ["a", "b", "c"])
        #expect(try await stack.plumb("plan").code == 0)
        try await stack.apply("--allow-destroys")
        #expect(stack.list("out") == [])
    }

    @Test func destroyIsAskedForByItsName() async throws {
        let stack = try Stack([
            "stack.yaml": "stack: test\nsync: {guard: {max_destroys: 0}}\n", "main.yaml": Self.files(Self.names[...]),
        ])
        try await stack.apply()
        #expect(try await stack.plumb("destroy", "--auto-approve").code == 0)
        #expect(stack.list("out") == [])
    }

    @Test(arguments: [
        ("max_percent: 101", "a whole number from 0 to 100"), ("max_destroys: -1", "a whole number, 0 or more"),
        ("max_destroy: 3", "Did you mean \"max_destroys\"?"), ("max_destroys: many", "a whole number"),
    ])
    func whatIsWrongWithItIsSaid(_ guardText: String, _ words: String) async throws {
        let stack = try Stack([
            "stack.yaml": "stack: test\nsync: {guard: {\(guardText)}}\n", "main.yaml": Self.files(Self.names[...]),
        ])
        let applied = try await stack.plumb("apply", "--auto-approve")
        #expect(applied.code == 1)
        #expect(applied.words.contains(words), "\(applied.errors)")
        #expect(stack.list("out") == [])
    }
}
