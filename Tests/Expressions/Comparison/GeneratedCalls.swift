/// Calls of the functions on numbers, texts, patterns and collections.
extension GeneratedExpressions {
    static let numbers: [String] =
        calls(
            ["abs", "ceil", "floor", "signum"],
            scalars + ["0", "-0.5", "2.5", "-2.5", "1e10", "9007199254740993", "[1]", "", "1, 2"])
        + calls(
            ["max", "min"],
            [
                "1", "1, 2, 3", "-1, 1.5", "\"5\", 10", "[1, 2]...", "[]...", "", "null", "\"a\"", "1, null",
                "[1, 2], 3", "toset([4, 2])...",
            ])
        + calls(
            ["pow"], ["2, 3", "2, 0.5", "2, -1", "0, 0", "-2, 3", "10, 18", "2, 62", "2", "\"2\", \"3\"", "-1, 0.5"])
        + calls(["log"], ["8, 2", "100, 10", "1, 10", "0, 10", "2, 0", "50, 10", "\"16\", 2", "-1, 2", "8, 1"])
        + calls(
            ["parseint"],
            [
                #""ff", 16"#, #""FF", 16"#, #""-101", 2"#, #""z", 36"#, #""Z", 62"#, #""12", 1"#, #""12", 63"#,
                #""9", 8"#, #""", 10"#, #""1.5", 10"#,
                #""+7", 10"#, "12, 10", "null, 10", "\"a\", null", #""9223372036854775807", 10"#,
                #""-9223372036854775808", 10"#, #"" 1", 10"#, #""1_000", 10"#,
            ])
        + calls(
            ["sum"],
            [
                "[]", "[1, 2.5]", "[\"1\", 2]", "[1, null]", "[\"a\"]", "toset([1, 2])", "tolist([0.1, 0.2])",
                "{a = 1}", "5", "null", "[[1]]", "[true]",
            ])
        + calls(
            ["range"],
            [
                "3", "0", "1, 4", "4, 1", "1, 8, 2", "4, 1, -1", "0, 1, 0.25", "1, 4, -1", "4, 1, 1", "0, 5, 0",
                "1.5, 4", "-3", "", "1, 2, 3, 4", "null", "\"3\"", "0, 0", "2, 2, 0",
            ])

    static let strings: [String] =
        calls(
            [
                "upper", "lower", "title", "trimspace", "chomp", "strrev", "length", "urlencode", "base64encode",
                "jsonencode",
            ], texts)
        + calls(
            ["join"],
            [
                #"", ", ["a", "b"]"#, #""-", []"#, #"",", ["a"], ["b", "c"]"#, #"",", [1, true]"#,
                #"",", toset(["b", "a"])"#, #"",", "a""#, #"null, ["a"]"#, #"",", ["a", null]"#, #"",", [[1]]"#,
                #"",""#,
            ])
        + calls(
            ["split"],
            [
                #"",", "a,b,,c""#, #"",", """#, #""", "abc""#, #""ab", "xabyab""#, #"",", null"#, "1, 212",
                #"",", "é,ü""#,
            ])
        + calls(
            ["replace"],
            [
                #""hello", "l", "L""#, #""a.b.c", ".", "-""#, #""abc", "/[ac]/", "x""#, #""abc", "/(b)/", "<$1>""#,
                #""aaa", "/a*?/", "b""#, #""foo bar", "/(?P<x>o+)/", "[$x]""#,
                #""abc", "/(/", "x""#, #""abc", "/", "x""#, #""a/b", "/", "-""#, #""a/b/c", "/b/", "x""#,
                #""x", "x", null"#, #""abc", "", "-""#, #""日本", "本", "x""#, #""a1b22", "/\\d+/", "_""#,
                #""abc", "/(a)(b)?(z)?/", "$3$2$1""#, #""abc", "/b/", "$$""#, #""ab", "/(a)/", "${1}x""#,
                #""ab", "/(a)/", "$1x""#,
            ].map { $0.replacingDollarBrace })
        + calls(
            ["substr"],
            [
                #""hello", 0, 2"#, #""hello", 1, -1"#, #""hello", -2, 2"#, #""hello", 10, 1"#, #""hello", 0, 0"#,
                #""hello", 0, 99"#, #""héllo", 1, 1"#, #""😀x", 0, 1"#, #""", 0, 1"#, #""hello", -9, 2"#,
                #""hello", 0, -2"#, #""abc", 1.5, 1"#, #"12345, 1, 2"#, #"null, 0, 1"#, #""e\u0301x", 0, 1"#,
                #""abc", 3, 1"#, #""abc", 1"#,
            ])
        + calls(
            ["trim"],
            [#""?!hello?!", "!?""#, #""abc", """#, #""xxaxx", "x""#, #""ééa", "é""#, #"null, "a""#, #""aba", "ab""#])
        + calls(
            ["trimprefix", "trimsuffix", "startswith", "endswith", "strcontains"],
            [
                #""hello", "he""#, #""hello", "lo""#, #""hello", """#, #""", "x""#, #""aaa", "a""#, #"null, "a""#,
                #""é", "é""#, "12, 1", #""Hello", "hello""#, #""a""#,
            ])
        + calls(
            ["indent"],
            [#"2, "a\nb\nc""#, #"0, "a\nb""#, #"-1, "a\nb""#, #"2, """#, #"2, "\n""#, #"1.5, "a""#, #"2, "a\r\nb""#])
        + calls(
            ["coalesce"],
            [
                "null, 1", #""", "a""#, "null, null", "1, \"a\"", "[], [1]", "", "null", "false, true", "0, 1",
                "{}, {a = 1}", "tolist([1]), tolist([2])", "null, [1], [2, 3]", "true, 1",
                "[null, \"x\"]...",
            ])

    static let patterns: [String] = {
        let subjects = [
            #""""#, #""abc""#, #""a1b22c333""#, #""foo.bar@example.com""#, #""línea\nsegunda""#, #""AbC dEf""#,
        ]
        let regexes = [
            #""[a-z]+""#, #""(\\d+)""#, #""(?P<name>[a-z]+)(?P<num>\\d+)""#, #""^$""#, #""(?i)ABC""#, #""(?m)^\\w+$""#,
            #""(a)|(x)""#, #""\\bb""#, #""[^a]""#, #"".*""#, #""(?s).+""#,
            #""\\p{L}+""#, #""[[:upper:]]""#, #""a{1,2}?""#, #""(?:ab)+c?""#, #""x*""#, #""\\x61\\u0062""#, #""[a-""#,
            #""(?<n>b)""#, #""(?=a)""#, #""a**""#, #""\\1""#, #""(a""#, #""\\.""#, #""\\Aa\\z""#,
            #""[\\d.]+""#, #""\\pN""#, #""(?U)a+""#, #""(?i:B)c""#, #""b??""#,
        ]
        return regexes.flatMap { regex in subjects.map { "regex(\(regex), \($0))" } }
            + regexes.flatMap { regex in [#""a1b22c333""#, #""AbC dEf""#].map { "regexall(\(regex), \($0))" } }
            + [
                "regex(null, \"a\")", "regex(\"a\", null)", "regexall(\"a\", [])", "regex(\"(a)(b)(c)\", \"abc\")",
                "regex(\"(?P<a>a)(b)\", \"ab\")", "length(regexall(\"a\", \"banana\"))",
            ]
    }()

    static let formats: [String] = {
        let verbs = [
            "%s", "%d", "%v", "%q", "%t", "%f", "%.1f", "%e", "%g", "%x", "%X", "%o", "%b", "%5s|", "%-5s|", "%05d",
            "%+d", "%#v", "%5.2f", "%.2s", "%%", "%c", "%z",
        ]
        let arguments = ["1", "-2.5", #""hé""#, "true", "tostring(null)", "[1, \"a\"]", "{a = 1}", "255"]
        let pairs = verbs.flatMap { verb in arguments.map { "format(\"\(verb == "%%" ? "%%%%" : verb)\", \($0))" } }
        return pairs + [
            #"format("a")"#, #"format("%s")"#, #"format("a", 1)"#, #"format("%s %s", "a")"#,
            #"format("%[2]s %[1]s", "a", "b")"#, #"format("%[3]s", "a")"#, #"format("%*d", 5, 1)"#,
            #"format("%-8q|", "a")"#,
            #"format("%08.3f", 3.14159)"#, #"format("% d", 7)"#, #"format("%s", tolist(["a"]))"#,
            #"format("%s", toset([1]))"#, #"format(null, 1)"#, #"format("%d", "12")"#, #"format("%d", 1.5)"#,
            #"format("%s", 1.0)"#,
            #"format("%v", "x")"#, #"format("%#v", {a = "x"})"#, #"format("%10.3q|", "abcdef")"#,
            #"format("%s", sensitive("x")) == "x""#, #"format("%6.2f|%-6.2f|%+.2f", 1.005, 2.5, 3)"#,
            #"format("%", 1)"#,
            #"formatlist("%s=%d", ["a", "b"], [1, 2])"#, #"formatlist("%s", ["a"])"#,
            #"formatlist("%s-%s", "x", ["a", "b"])"#, #"formatlist("%s", [])"#,
            #"formatlist("%s%s", ["a"], ["b", "c"])"#, #"formatlist("x")"#,
            #"formatlist("%s", "a")"#, #"formatlist("%s", tostring(null))"#, #"formatlist("%s", [null])"#,
            #"formatlist("%v", [[1], [2]])"#, #"formatlist("%s %s", toset(["b", "a"]), "z")"#,
            #"formatlist("%d", tolist([1, 2]))"#,
        ]
    }()

    static let collections: [String] = {
        let one = calls(
            [
                "length", "reverse", "distinct", "flatten", "compact", "sort", "one", "alltrue", "anytrue", "sum",
                "concat", "coalescelist", "keys", "values",
            ], lists)
        let indexed = calls(
            ["element"],
            lists.flatMap { ["\($0), 0", "\($0), 4"] } + ["[1, 2], -1", "[1], 1.5", "[1], \"0\"", "[1], null", "[1]"])
        let sought = calls(
            ["contains", "index"],
            lists.flatMap { ["\($0), \"a\"", "\($0), 1"] } + [
                "[[1]], [1]", "[{a = 1}], {a = 1}", "[null], null", "[1, 2], \"1\"", "[\"1\"], 1",
            ])
        return one + indexed + sought
            + calls(
                ["concat"],
                [
                    "[1], [2]", "[1], [\"a\"]", "tolist([1]), tolist([2])", "tolist([1]), tolist([\"a\"])",
                    "tolist([1]), [\"a\"]", "[], []", "", "[1], null", "toset([1]), [2]", "[1], \"a\"", "[[1]], [[2]]",
                    "tolist([]), tolist([])",
                ])
            + calls(
                ["chunklist"],
                [
                    "[1, 2, 3], 2", "[], 2", "[1], 0", "[1], -1", "[\"a\", 1], 1", "tolist([1, 2, 3]), 5",
                    "toset([1, 2]), 1", "[1, 2], 1.5", "null, 1", "\"ab\", 1",
                ])
            + calls(
                ["slice"],
                [
                    "[1, 2, 3], 1, 2", "[1, \"a\"], 0, 2", "[1], 0, 2", "[1], 1, 0", "[1], -1, 0",
                    "tolist([1, 2]), 0, 1", "toset([1]), 0, 1", "[1, 2], 0, 0", "\"abc\", 0, 1", "null, 0, 1",
                    "[1, 2], 1", "[1, 2], \"0\", \"1\"",
                ])
            + calls(
                ["coalescelist"],
                [
                    "[], [1]", "[], []", "null, [1]", "[\"a\"], [1]", "", "tolist([]), [2]", "[[]]...", "{a = 1}, [1]",
                    "toset([]), toset([1])",
                ])
            + calls(
                ["matchkeys"],
                [
                    "[1, 2, 3], [\"a\", \"b\", \"a\"], [\"a\"]", "[], [], []", "[1], [\"a\", \"b\"], [\"a\"]",
                    "[1], [2], [\"2\"]", "[\"x\"], [1], [3]", "toset([1]), [1], [1]", "[1, \"b\"], [1, 2], [2]",
                ])
            + calls(
                ["distinct"],
                ["[1, 1.0, \"1\"]", "[[1], [1]]", "[{a = 1}, {a = 1}]", "[null, null]", "[true, \"true\"]"])
            + calls(
                ["flatten"],
                [
                    "[[1, [2, [3]]], []]", "[tolist([1]), toset([2])]", "[{a = [1]}]", "[null, [null]]", "[[], []]",
                    "toset([[1], [2]])", "[[\"a\"], \"b\"]",
                ])
            + calls(
                ["sort"],
                [
                    "[\"b\", \"a\", \"C\", \"ä\", \"10\", \"9\"]", "[3, 20, 100]", "[\"a\", null]",
                    "toset([\"b\", \"a\"])", "[true, \"b\"]", "[[\"a\"]]",
                ])
            + calls(["one"], ["[null]", "toset([\"x\"])", "[1, 2]", "tolist([5])"])
            + calls(
                ["alltrue", "anytrue"],
                ["[true, \"true\"]", "[\"x\"]", "[null, true]", "[false, null]", "[1]", "toset([true])", "[]"])
            + [
                "coalescelist([1], {})", "zipmap([1], toset([2]))", "setproduct([1, {}], [2])",
                "setproduct([[1], [2, 3]], [4])",
                "substr(\"hello\", -3, 0)", "true ? 2 : [100][*].a",
                "true ? 2 : [[\"x\"][\"a\"]]",
                "false ? [{}.a] : [1]", "true ? [1] : [2][*].a", "coalescelist([1], \"a\")", "chunklist([], 0)",
                "element([\"a\"], -1)",
                "split(\"\", \"\")",
                "tomap({a = 1, b = true, c = \"x\"})", "tolist([1, true, \"a\"])", "toset([[{v = 1}], []])",
                "toset([[2, 1], [10]])",
                "toset([{a = \"x\"}, {a = \"b\"}])", "true ? 1 : \"${[]}\"", "true ? [] : 1 + [][0]",
                "true ? 1 : [] + 1", "false ? !5 : 1",
                "tolist([[1], [true], [\"a\"]])", "tolist([{a = 1}, {a = true}, {a = \"x\"}])",
                "coalesce(1, true, \"a\")", "distinct([1, true, \"1\"])",
            ]
    }()

    static let objects: [String] = {
        let one = calls(["length", "keys", "values", "merge", "transpose", "jsonencode"], maps)
        let sought = calls(
            ["lookup"],
            maps.flatMap { ["\($0), \"a\"", "\($0), \"a\", 9", "\($0), \"z\", \"d\""] } + [
                "{a = 1}", "{a = 1}, null", "{a = 1}, \"b\", null", "tomap({a = 1}), \"b\", \"x\"", "{a = 1}, 1, 2",
            ])
        return one + sought
            + calls(
                ["merge"],
                [
                    "{a = 1}, {b = 2}", "{a = 1}, {a = \"x\"}", "tomap({a = 1}), tomap({b = 2})",
                    "tomap({a = 1}), tomap({b = \"x\"})", "tomap({a = 1}), {b = \"x\"}", "{a = 1}, null", "null, null",
                    "", "[1]", "{a = {b = 1}}, {a = {c = 2}}",
                    "[{a = 1}, {b = 2}]...", "{}, {}", "\"a\", {}", "tomap({a = [1]}), tomap({b = [2]})",
                    "tomap({}), tomap({})",
                ])
            + calls(
                ["zipmap"],
                [
                    "[\"a\", \"b\"], [1, 2]", "[\"a\"], [1, 2]", "[\"a\", \"b\"], [1, \"x\"]", "[], []",
                    "[\"a\", \"a\"], [1, 2]", "[1], [2]", "tolist([\"a\"]), tolist([true])",
                    "toset([\"b\", \"a\"]), [1, 2]", "[null], [1]", "null, []",
                ])
            + calls(
                ["transpose"],
                [
                    "{a = [\"x\", \"y\"], b = [\"y\"]}", "{a = [1]}", "{a = []}", "{a = \"x\"}", "{a = [null]}",
                    "tomap({a = tolist([\"b\", \"a\"])})",
                ])
    }()

    static let sets: [String] = {
        let pool = ["[]", "[1, 2]", #"["a", "b"]"#, #"toset(["b", "c"])"#, "toset([2, 3])", "[1, \"a\"]", "null"]
        let pairs = pool.flatMap { a in pool.map { b in "\(a), \(b)" } }
        return calls(
            ["setunion", "setintersection", "setsubtract", "setproduct"],
            pairs + ["[1]", "[1], [1], [1]", "", "{a = 1}, []", "\"a\", []"])
            + calls(
                ["setproduct"],
                [
                    "[\"a\", \"b\"], [1, 2], [true]", "[1], []", "tolist([1]), tolist([\"a\"])",
                    "toset([1]), toset([2])", "[{a = 1}], [2]", "[[1]], [[2]]",
                ])
    }()
}

extension String {
    /// `${` inside a string literal would be an interpolation.
    fileprivate var replacingDollarBrace: String {
        replacing("${", with: "$${")
    }
}
