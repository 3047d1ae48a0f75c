/// The expressions of which Terraform's answers are compared with ours: every function, operator and form, with values
/// of all kinds, the same ones each time.
enum GeneratedExpressions {
    /// Those that Terraform can at least read; it may refuse to evaluate them.
    static let readable: [String] = distinct(
        operators + conversions + conditionals + numbers + strings + patterns + formats + collections + objects + sets
            + encodings + hashes + networks + times + files + marks + loops + accesses + templates + heredocs + literals
    )

    /// Those that it refuses before it evaluates anything, so that neither `try` nor `can` catches it.
    static let malformed: [String] = distinct(MalformedExpressions.all)

    private static func distinct(_ expressions: [String]) -> [String] {
        var seen = Set<String>()
        return expressions.filter { seen.insert($0).inserted }
    }

    /// `name(a)` for each name and each argument list.
    static func calls(_ names: [String], _ arguments: [String]) -> [String] {
        names.flatMap { name in arguments.map { "\(name)(\($0))" } }
    }

    // MARK: - Values

    static let scalars = ["2", "-3", "1.5", #""4""#, #""a""#, "true", "null"]

    static let values = [
        "null", "true", "0", "-1.5", #""""#, #""12""#, #""true""#, #""a""#, "[]", "[1]", #"[1, "a"]"#, "[[1], [2, 3]]",
        "{}", "{a = 1}", #"{a = 1, b = "x"}"#, "tolist([1, 2])", #"toset(["b", "a"])"#, "tomap({a = true})",
        "[null, 1]", "{a = null}",
    ]

    static let lists = [
        "[]", "[1]", #"["a", "b", "a"]"#, #"[1, "a", true]"#, "[3, 1, 2]", "[[1, 2], [3]]", #"["a", "", null, "b"]"#,
        "tolist([\"x\", \"y\"])", #"toset(["b", "a"])"#, "[{a = 1}, {a = 2}]", "[true, false]", "null", #""abc""#,
        "{a = 1}",
        "[null]", "[[], [[1]], []]", "tolist([])", "toset([])",
    ]

    static let maps = [
        "{}", "{a = 1}", #"{b = 2, a = "x"}"#, "tomap({a = 1, b = 2})", "{a = null}", "{a = [1], b = [2]}", "tomap({})",
        "null", "[1]", #"{"a b" = 1, "é" = 2}"#,
    ]

    static let texts = [
        #""""#, #""abc""#, #""Hello World""#, #""  x \t\n""#, #""e\u0301x""#, #""😀 ß ǆ""#, #""a\nb\r\n""#, #""<&>'\\""#,
        "12",
        "true", "null", "[1]", #""ÀÉÎ õü""#, #""a-b_c.d~e/f?g=h i+j%k""#,
    ]

    // MARK: - Operators and types

    static let operators: [String] = {
        let binary = ["+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "&&", "||"]
        let pairs = binary.flatMap { sign in
            scalars.flatMap { left in scalars.map { right in "\(left) \(sign) \(right)" } }
        }
        let unary = values.flatMap { ["!\($0)", "-\($0)"] }
        let equalities = values.flatMap { left in values.map { right in "\(left) == \(right)" } }
        let precedence = [
            "1 + 2 * 3 - 4 / 2 % 3", "(1 + 2) * 3", "2 * (3 + 4) * 5", "1 < 2 == true", "1 == 1 && 2 == 2 || false",
            "-2 * -3",
            "10 - 3 - 2", "100 / 10 / 5", "7 % 4 % 2", "!true || true", "!(true && false)", "1 + -1", "5 - -5", "- 5",
            "1 > 0 ? 2 : 3 > 2 ? 4 : 5", "true ? 1 : true ? 2 : 3", "false ? 1 : false ? 2 : 3", "(true ? 1 : 2) + 1",
            "1 != 2 != false", "3 > 2 != 2 > 3", "0.1 + 0.2", "0.1 + 0.2 == 0.3", "1e3 + 1", "1E3 == 1000",
            "1.50 == 1.5",
            "9007199254740993 + 1", "9223372036854775806 + 1", "-9223372036854775807 - 1",
            "4611686018427387904 + 4611686018427387903",
            "3037000499 * 3037000499", "123456789 * 987654321", "1 / 8", "10 / 4", "-7 / 2", "-7 % 3", "7 % -3",
            "7.5 % 2", "0 / 5",
            "0 % 5", "0 == -0", "1 / 0 == 1", "2.5 * 4", "0.1 * 10 == 1", "1 - 0.9 == 0.1", "1.1 + 2.2", "100 * 1.1",
            "1e-3 * 1e3",
        ]
        return pairs + unary + equalities + precedence
    }()

    static let conversions: [String] =
        calls(
            ["tostring", "tonumber", "tobool", "tolist", "toset", "tomap"],
            values + [
                #""1e3""#, #""0x10""#, #""-0""#, #"" 1""#, #""1 ""#, #""+1""#, #""1.50""#, #"".5""#, #""5.""#,
                #""True""#, #""false""#, #""0""#,
                #""1""#, "1e20 / 1e18", "0.5", "[true, \"x\"]", "[[1], [\"a\"]]", "[{a = 1}, {a = \"b\"}]",
                "[{a = 1}, {b = 2}]",
                "{a = [1], b = [\"x\"]}", "{a = {x = 1}, b = {x = \"y\"}}", "{a = 1, b = [2]}", "[1, [2]]", "[1, {}]",
                "[null, null]",
                "{a = null, b = 1}", "[3, 1, 2, 1]", "[\"b\", \"a\", \"b\"]", "[true, false, true]", "[[2], [1]]",
                "[{a = 2}, {a = 1}]",
                "[1.5, 1, \"1.50\"]", "[\"10\", \"9\", \"a\", \"B\", \"_\"]", "[10, 9, 1.5]", "toset([3, 20, 100])",
                "tomap({b = 1, a = 2})",
            ])
        + [
            "tostring(1.0)", "tostring(100000000000)", "tostring(0.000001)", "tostring(1234567.891)", "tostring(-0.5)",
            "tonumber(\"9223372036854775807\")", "tonumber(\"-9223372036854775808\")",
            "tonumber(\"0.1\") + tonumber(\"0.2\")",
            "toset([for s in [\"c\", \"b\"] : upper(s)])", "tolist(toset([3, 1, 2]))",
            "tomap({for s in [\"a\"] : s => s})",
            "concat(tolist([1]), tolist([\"a\"]))", "[tolist([1]), tolist([\"a\"])]",
            "tolist([tolist([1]), tolist([\"a\"])])",
            "tolist([toset([1]), toset([2])])", "tolist([{a = 1, b = 2}, {a = \"x\", b = \"y\"}])",
            "toset([null, \"a\"])", "toset([null])",
            "tomap({a = {x = 1}, b = {x = 2}})", "tomap({a = {x = 1}, b = {y = 2}})",
            "tolist([[1, \"a\"], [2, \"b\"]])",
            "tolist([[1], [1, 2]])", "toset([[1], [1, 2], [1]])", "tomap({a = [1], b = [1, 2]})",
            "tolist([{}, {a = 1}])",
        ]

    static let conditionals: [String] = {
        let branches = [
            "null", "1", #""a""#, "true", "[]", "[1]", #"["a", 2]"#, "{}", "{a = 1}", #"{a = "x"}"#, "{b = 1}",
            "tolist([1])",
            #"tolist(["a"])"#, "toset([1])", "tomap({a = 1})",
        ]
        let choices = branches.flatMap { one in branches.map { other in "true ? \(one) : \(other)" } }
        let swapped = branches.map { "false ? [1, \"x\"] : \($0)" } + branches.map { "false ? {a = 1} : \($0)" }
        let conditions =
            scalars.map { "\($0) ? 1 : 2" } + [#""true" ? 1 : 2"#, #""false" ? 1 : 2"#, #""0" ? 1 : 2"#, "[] ? 1 : 2"]
        return choices + swapped + conditions + [
            "true ? 1 : nonsense(1)", "true ? 1 : [][0]", "false ? [][0] : 2", "true ? tolist([]) : tolist([\"a\"])",
            "true ? [{a = 1}] : [{a = \"x\"}]", "true ? {a = [1]} : {a = [1, 2]}",
            "true ? {a = {b = 1}} : {a = {b = true}}",
            "true ? [[1]] : [[\"a\"], [\"b\"]]", "[true ? 1 : \"a\", true]", "true ? null : null",
            "true ? [null] : [1]",
            "true ? {a = null} : {a = 1}", "true ? tomap({a = 1}) : {}", "true ? {} : tomap({a = 1})",
            "true ? {a = 1, b = 2} : {a = 1}",
            "true ? {a = 1, b = \"x\"} : {a = true, b = 2}", "true ? [1, 2] : [3]", "true ? tolist([1, 2]) : [3]",
        ]
    }()
}
