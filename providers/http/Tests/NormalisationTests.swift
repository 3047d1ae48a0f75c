import HTTPProvider
import PlumbModel
import ProviderAPI
import Testing

/// Which differences in writing are none, rule by rule.
@Suite(.timeLimit(.minutes(10))) struct NormalisationTests {
    struct Pair: Sendable, CustomTestStringConvertible {
        let rules: String
        let left: Value
        let right: Value
        var isSame = true
        var testDescription: String { "\(rules): \(left.json) \(isSame ? "is" : "is not") \(right.json)" }
    }

    @Test(arguments: [
        Pair(rules: "lowercase", left: "Ab", right: "aB"),
        Pair(rules: "uppercase", left: ["a"], right: ["A"]),
        Pair(rules: "trailing_dot", left: "a.example", right: "a.example."),
        Pair(rules: "trailing_slash", left: "/a", right: "/a/"),
        Pair(rules: "trim", left: " a\n", right: "a"),
        Pair(rules: "trim", left: "a b", right: "ab", isSame: false),
        Pair(rules: "ip_address", left: "2001:DB8:0::1", right: "2001:db8::1"),
        Pair(rules: "ip_address", left: "2001:DB8:0::/48", right: "2001:db8::/48"),
        Pair(rules: "ip_address", left: "2001:db8::/48", right: "2001:db8::/64", isSame: false),
        Pair(rules: "duration", left: "1m30s", right: 90),
        Pair(rules: "duration", left: "90", right: "90s"),
        Pair(rules: "duration", left: "90m", right: "90s", isSame: false),
        Pair(rules: "duration", left: "9223372036854775807", right: "9223372036854775806", isSame: false),
        Pair(rules: "size", left: "1GiB", right: "1024MiB"),
        Pair(rules: "size", left: "1.5 GiB", right: 1_610_612_736),
        Pair(rules: "time", left: "2026-11-21T10:00:00Z", right: "2026-11-21T11:00:00.000+01:00"),
        Pair(rules: "time", left: "2024-02-29T23:30:00.50-01:00", right: "2024-03-01T00:30:00.5Z"),
        Pair(rules: "time", left: "2000-12-31T23:59:59+00:00", right: "2000-12-31T23:59:59.000Z"),
        Pair(rules: "time", left: "2026-11-21T10:00:00Z", right: "2026-11-21T10:00:00.001Z", isSame: false),
        Pair(rules: "time", left: "2026-11-21T10:00:00Z", right: "2026-11-21T10:00:00+01:00", isSame: false),
        Pair(rules: "time", left: "tomorrow", right: "Tomorrow", isSame: false),
        Pair(rules: "size", left: "1GB", right: "1GiB", isSame: false),
        Pair(rules: "size", left: "1kB", right: "1000"),
        Pair(rules: "size", left: "many", right: "Many", isSame: false),
        Pair(rules: "quantity", left: "500m", right: "0.5"),
        Pair(rules: "quantity", left: "0.5", right: "0.50"),
        Pair(rules: "quantity", left: "1Gi", right: "1073741824"),
        Pair(rules: "quantity", left: "1G", right: "1Gi", isSame: false),
        Pair(rules: "quantity", left: "1k", right: "1000"),
        Pair(rules: "number", left: "12.50", right: "12.5"),
        Pair(rules: "number", left: "-012", right: -12),
        Pair(rules: "number", left: "0.00", right: 0),
        Pair(rules: "number", left: "123456789012345678901.10", right: "123456789012345678901.1"),
        Pair(rules: "number", left: "1.5", right: "15", isSame: false),
        Pair(rules: "number", left: "1.10.0", right: "1.1.0", isSame: false),
        Pair(rules: "number", left: "-", right: "+", isSame: false),
        Pair(rules: "json", left: #"{"b": [1, 2], "a": null}"#, right: #"{"a":null,"b":[1,2]}"#),
        Pair(rules: "json", left: "{not json", right: "{ not json", isSame: false),
        Pair(rules: "unordered", left: ["b", "a"], right: ["a", "b"]),
        Pair(rules: "unordered", left: ["a", "a"], right: ["a"], isSame: false),
        Pair(rules: "empty", left: .null, right: ""),
        Pair(rules: "empty", left: [], right: .object([:])),
        Pair(rules: "empty", left: "0", right: "", isSame: false),
        Pair(rules: "lowercase, trailing_dot, unordered", left: ["B", "a."], right: ["A", "b."]),
    ])
    func rule(_ pair: Pair) throws {
        let file = """
            api: rules
            types:
              rules_thing:
                key: [name]
                schema:
                  name: {type: string, required: true}
                  value: {type: any, normalise: [\(pair.rules)]}
                read: {get: "/a/${self.name}"}
                create: {put: "/a/${self.name}", body: {value: "${self.value}"}}
                delete: {delete: "/a/${self.name}"}
            """
        let type = try makeInstance(
            api: "./rules.yaml", url: "http://localhost", key: "k", files: ["rules.yaml": file]
        ).type("rules_thing")
        let rule = try #require(type.schema["value"]?.normalisation)
        #expect(rule.areSame(pair.left, pair.right) == pair.isSame)
    }
}
