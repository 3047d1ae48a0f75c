import PlumbModel
import StateBackendAPI

func expect(
    _ condition: Bool, _ demand: @autoclosure () -> String, file: StaticString = #fileID, line: Int = #line
) throws(ConformanceFailure) {
    if !condition { throw ConformanceFailure(description: "\(file):\(line): not so: \(demand())") }
}

func expectEqual<Compared: Equatable>(
    _ got: Compared, _ expected: Compared, _ what: String, file: StaticString = #fileID, line: Int = #line
) throws(ConformanceFailure) {
    guard got != expected else { return }
    throw ConformanceFailure(description: "\(file):\(line): \(what): expected \(expected), got \(got)")
}

func expectFailure(
    _ code: StateBackendError.Code, _ what: String, file: StaticString = #fileID, line: Int = #line,
    _ body: () async throws(StateBackendError) -> Void
) async throws(ConformanceFailure) {
    do throws(StateBackendError) {
        try await body()
    } catch {
        guard error.code != code else { return }
        throw ConformanceFailure(
            description: "\(file):\(line): \(what): expected the error \(code), got \(error.code): \(error.message)")
    }
    throw ConformanceFailure(description: "\(file):\(line): \(what): expected the error \(code), got none")
}

/// Nouns for the checks, with everything in them that the check does not care about.
enum Sample {
    static func address(_ name: String, key: InstanceKey? = nil) -> ResourceAddress {
        ResourceAddress("sample_thing", name, key: key)
    }

    static func record(
        _ name: String, key: InstanceKey? = nil, deposedKey: String? = nil, values: Value = ["size": 1]
    ) -> ResourceRecord {
        ResourceRecord(address: address(name, key: key), deposedKey: deposedKey, provider: "sample", values: values)
    }

    static func intent(_ id: String, _ name: String = "a", run: String = "run-1") -> Intent {
        Intent(
            id: id, run: run, address: address(name), provider: "sample", action: .create, planned: ["size": 1],
            prior: nil)
    }

    static func run(_ id: String, startedAt: Double = 1) -> RunRecord {
        RunRecord(id: id, kind: "apply", trigger: "cli", revision: nil, actor: "tester", startedAt: startedAt)
    }
}

extension StateBackend {
    func lease(_ stack: String = "web", holder: String = "tester", seconds: Double = 60) async throws -> Lease {
        try await acquireLease(on: stack, holder: holder, seconds: seconds)
    }

    /// The row of that name, which must be there.
    func record(_ address: ResourceAddress, in stack: String = "web") async throws -> ResourceRecord {
        let rows = try await snapshot(of: stack).resources.filter { $0.address == address && $0.deposedKey == nil }
        try expectEqual(rows.count, 1, "rows of \(address)")
        return rows[0]
    }
}

extension ResourceRecord {
    /// For comparison with what was put: the generation is the backend's own.
    var asPut: ResourceRecord {
        var copy = self
        copy.generation = 0
        return copy
    }
}
