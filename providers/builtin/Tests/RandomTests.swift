import PlumbModel
import ProviderAPI
import Testing

@testable import BuiltinProvider

/// What random results look like, and which inputs are refused.
@Suite struct RandomTests {
    private let playground: Playground

    init() throws { playground = try Playground() }

    @Test func passwordHasWhatIsAskedFor() async throws {
        for _ in 0..<50 {
            let state = try await playground.create(
                "random_password",
                [
                    "length": 12, "min_upper": 3, "min_numeric": 4, "min_special": 2, "lower": false,
                    "override_special": "_-",
                ])
            let result = try #require(state.values.attribute("result").asString)
            #expect(result.count == 12)
            #expect(result.count { $0.isUppercase } >= 3)
            #expect(result.count { $0.isNumber } >= 4)
            #expect(result.count { "_-".contains($0) } >= 2)
            #expect(!result.contains { $0.isLowercase })
        }
    }

    @Test func passwordDrawsEvenly() throws {
        // 62 characters do not divide 256: a modulo over bytes would draw the first 8 a quarter more often.
        let rule = try #require(try PasswordRule(["length": 4096, "special": false]))
        var counts: [Character: Int] = [:]
        for _ in 0..<50 { for character in rule.generate() { counts[character, default: 0] += 1 } }
        let expected = Double(4096 * 50) / 62
        let chiSquare = counts.values.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        #expect(counts.count == 62)
        #expect(chiSquare < 130, "61 degrees of freedom: more than 130 happens once in a million")
    }

    @Test func notationsOfAnIDAgree() async throws {
        let values = try await playground.create("random_id", ["byte_length": 7, "prefix": "x-"]).values
        let id = try #require(values.attribute("id").asString)
        let bytes = try #require(Base64.decode(urlSafe: id))
        #expect(bytes.count == 7)
        #expect(values.attribute("hex") == .string("x-" + Hexadecimal.encode(bytes)))
        #expect(values.attribute("dec") == .string("x-" + String(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })))
        #expect(values.attribute("b64_std") == .string("x-" + Base64.encode(bytes)))
    }

    @Test func seedDecidesTheInteger() async throws {
        let declared: Value = ["min": 1, "max": 1_000_000, "seed": "s"]
        let first = try await playground.create("random_integer", declared)
        #expect(try await playground.create("random_integer", declared) == first)
        let other = try await playground.create("random_integer", ["min": 1, "max": 1_000_000, "seed": "t"])
        #expect(other != first)
    }

    @Test func integerReachesBothBounds() async throws {
        var seen: Set<Int> = []
        for _ in 0..<100 {
            let state = try await playground.create("random_integer", ["min": 3, "max": 5])
            seen.insert(try #require(state.values.attribute("result").asInt))
        }
        #expect(seen == [3, 4, 5])
        let widest = try await playground.create(
            "random_integer", ["min": .number(Int.min), "max": .number(Int.max)])
        #expect(widest.values.attribute("result").asInt != nil)
    }

    @Test func uuidIsOfVersionFour() async throws {
        let uuid = UUIDText.random()
        #expect(UUIDText.isUUID(uuid))
        #expect(Array(uuid)[14] == "4")
        #expect("89ab".contains(Array(uuid)[19]))
        #expect(uuid != UUIDText.random())
    }

    @Test func petHasItsWords() async throws {
        let state = try await playground.create("random_pet", ["length": 3, "separator": "_", "prefix": "web"])
        let words = try #require(state.values.attribute("id").asString).split(separator: "_")
        #expect(words.count == 4)
        #expect(words.first == "web")
        #expect(PetWords.animals.contains(words[3]))
        for words in [PetWords.adjectives, PetWords.animals] {
            #expect(words.count >= 200)
            #expect(Set(words).count == words.count)
            #expect(words.allSatisfy { $0.allSatisfy { $0 >= "a" && $0 <= "z" } })
        }
    }

    @Test(
        arguments: [
            ("random_password", ["length": 0], "from 1 to 4096"), ("random_password", ["length": -1], "from 1 to 4096"),
            ("random_password", ["length": 1_000_000_000], "from 1 to 4096"),
            ("random_password", ["length": .number(Number(1.5))], "whole number"),
            ("random_password", ["length": 3, "min_upper": 4], "add up to 4"),
            ("random_password", ["length": 3, "upper": false, "min_upper": 1], "upper is false"),
            (
                "random_password", ["length": 3, "upper": false, "lower": false, "numeric": false, "special": false],
                "no character"
            ),
            ("random_id", ["byte_length": 0], "from 1 to 1024"), ("random_pet", ["length": 0], "from 1 to 16"),
            ("random_integer", ["min": 5, "max": 4], "Swap them"),
            ("time_rotating", [:], "none is given"), ("time_rotating", ["rotation_days": 0], "from 1 to"),
            ("time_rotating", ["rotation_days": 1, "rfc3339": "yesterday"], "RFC 3339"),
            ("time_sleep", ["create_duration": "ten"], "duration such as"),
            ("time_sleep", ["create_duration": "999999d"], "at most 365d"),
        ] as [(String, Value, String)]) func wrongInputIsRefused(_ type: String, _ declared: Value, _ part: String)
        async throws
    {
        let error = try await providerError { try await playground.plan(type, declared) }
        #expect(error.code == .invalid)
        #expect(error.message.contains(part))
    }

    @Test func outputIsKnownOnceTheInputHasBeenApplied() async throws {
        let planned = try await playground.plan("data_value", ["input": "a"]).planned
        #expect(planned.attribute("output") == .unknown(.string))
        let empty = try await playground.plan("data_value", ["input": .null]).planned
        #expect(empty.attribute("output") == .null)
        let prior = try await playground.create("data_value", ["input": "a"])
        #expect(prior.values.attribute("output") == "a")
        let changed = try await playground.plan("data_value", ["input": "b"], prior: prior)
        #expect(changed.planned.attribute("output") == .unknown(.string))
        #expect(changed.planned.attribute("id") == prior.values.attribute("id"))
        let same = try await playground.plan("data_value", ["input": "a"], prior: prior)
        #expect(same.planned.attribute("output") == "a")
    }
}
