import Expressions
import PlumbModel
import Testing

/// Broken expressions of every kind must give an error or a value, and soon.
@Suite struct FuzzTests {
    private static let corpus = [
        "1 + 2 * -3 % 4 / 5 == 6 && !true || 7 >= 8",
        "[for k, v in {a = 1, \"b\" : [2]} : \"${k}-${v}\" if k != \"b\"]",
        "{for x in [\"a\", \"b\"] : upper(x) => x...}", "var.a[0].b[*].c.*.d[\"e\"]", "true ? {a = null} : {a = 1e3}",
        "\"x%{ if true ~} y %{ else }z%{ endif }%{ for i in [1, 2] }${i}%{ endfor }\"", "<<-END\n  a ${1}\n  END\n",
        "format(\"%5.2f|%-3d|%q|%[1]v\", 1.5, 2, \"é☃\")", "regexall(\"(?i)(a|b)*?[^c-e\\\\d]{2,3}\", \"abcABC12\")",
        "yamldecode(\"a: &x [1, {b: *x}]\\nc: |\\n  d\\n\")",
        "jsondecode(\"{\\\"a\\\": [1, null, \\\"\\\\u00e9\\\"]}\")",
        "cidrsubnets(\"fd00::/8\", 4, 16)", "formatdate(\"YYYY-MM-DD'T'hh:mm:ssZ\", \"2020-02-29T00:00:00+01:00\")",
        "try(tonumber(\"x\"), merge({a = 1}, {b = [2]}).b[0])", "csvdecode(\"a,b\\n1,\\\"x\\\"\\\"y\\\"\\n\")",
        "replace(\"a.b\", \"/(.)\\\\./\", \"$1-\")", "each.value.size + count.index // comment\n",
        "textdecodebase64(\"SABp\", \"UTF-16LE\")",
    ]

    /// A small generator of our own (splitmix64), so that a run can be repeated.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private func mutated(_ text: [UInt8], _ random: inout Random) -> [UInt8] {
        var bytes = text
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard !bytes.isEmpty else { return bytes }
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let other = FuzzTests.corpus[Int.random(in: 0..<FuzzTests.corpus.count, using: &random)]
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert("\"\\${}%[]().*~<?:=,'0a\n\u{e9}".utf8.randomElement(using: &random) ?? 0, at: place)
            case 2: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 3: bytes = Array(bytes[..<place])
            case 4: bytes.insert(contentsOf: Array(other.utf8), at: place)
            default: bytes.insert(contentsOf: bytes[place...].prefix(12), at: place)
            }
        }
        return bytes
    }

    @Test func brokenExpressionsNeitherCrashNorHang() {
        var random = Random(state: 20_240_229)
        let scope = FixedScope(variables: ["a": [["b": [["c": 1]]]]])
        var rounds = 0
        var values = 0
        while rounds < 5_000 {
            rounds += 1
            let seed = FuzzTests.corpus[rounds % FuzzTests.corpus.count]
            let text = String(decoding: mutated(Array(seed.utf8), &random), as: UTF8.self)
            let began = ContinuousClock.now
            if problem(text, scope) == nil { values += 1 }
            _ = try? evaluate(scalar: "a ${\(text)} b", scope)
            #expect(ContinuousClock.now - began < .seconds(60), "it hangs: \(text)")
        }
        // Mutations that break everything would try little of the evaluator.
        #expect(values > rounds / 50, "\(values) of \(rounds) have a value")
    }
}
