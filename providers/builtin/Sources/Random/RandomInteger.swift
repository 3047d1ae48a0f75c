import Crypto
import PlumbModel
import ProviderAPI

/// `random_integer`: a whole number between two bounds, both included.
struct RandomInteger: StateOnlyType, Importing {
    let name = "random_integer"
    let schema = Schema([
        AttributeSchema("min", .number, .required, forcesReplacement: true, "The smallest result there may be."),
        AttributeSchema("max", .number, .required, forcesReplacement: true, "The largest result there may be."),
        AttributeSchema(
            "seed", .string, .optional, forcesReplacement: true, "Makes the result follow from this text alone."),
        .keepers,
        AttributeSchema("result", .number, .computed, derivedFrom: ["seed"], "The number."),
        AttributeSchema("id", .string, .computed, derivedFrom: ["seed"], "The number as text."),
    ])

    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        _ = try range(request.declared)
        return schema.plan(request)
    }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        guard let range = try range(request.planned) else {
            throw ProviderError(.invalid, "min and max of random_integer must be known when it is created.")
        }
        let result: Int
        if let seed = request.planned.attribute("seed").asString {
            var generator = SeededGenerator(seed)
            result = Int.random(in: range, using: &generator)
        } else {
            result = Int.random(in: range)
        }
        return ResourceState(request.planned.setting(["result": .number(result), "id": .string(String(result))]))
    }

    /// `id` is `result,min,max` or `result,min,max,seed`.
    func importResource(id: String) async throws(ProviderError) -> ResourceState? {
        let parts = id.split(separator: ",", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        let numbers = parts.prefix(3).compactMap { Int($0) }
        guard numbers.count == 3, numbers[1] <= numbers[0], numbers[0] <= numbers[2] else {
            throw ProviderError(
                .invalid, "random_integer is imported by \"result,min,max\" or \"result,min,max,seed\"; got \"\(id)\".")
        }
        return ResourceState([
            "result": .number(numbers[0]), "min": .number(numbers[1]), "max": .number(numbers[2]),
            "seed": parts.count > 3 ? .string(parts[3]) : .null, "keepers": .null, "id": .string(String(numbers[0])),
        ])
    }

    /// Nil while a bound is unknown.
    private func range(_ values: Value) throws(ProviderError) -> ClosedRange<Int>? {
        let minimum = try values.wholeNumber("min", in: Int.min...Int.max)
        let maximum = try values.wholeNumber("max", in: Int.min...Int.max)
        guard let minimum, let maximum else { return nil }
        guard minimum <= maximum else {
            throw ProviderError(.invalid, "min is \(minimum), which is more than max, \(maximum). Swap them.")
        }
        return minimum...maximum
    }
}

/// SplitMix64, started from the SHA-256 of a text: the same text gives the same numbers on every machine.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: String) {
        state = SHA256.hash(data: Array(seed.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
