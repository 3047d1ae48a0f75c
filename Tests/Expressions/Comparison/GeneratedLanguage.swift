/// The forms of the language itself: loops, accesses, templates, here documents, literals.
extension GeneratedExpressions {
    static let loops: [String] = {
        let collections = values + ["tolist([3, 1])", "[sensitive(1)] == []", "{b = 1, a = 2}"]
        let bodies = collections.flatMap { collection in
            [
                "[for x in \(collection) : x]", "[for k, v in \(collection) : [k, v]]",
                "{for k, v in \(collection) : k => v}", "{for x in \(collection) : jsonencode(x) => 1}",
            ]
        }
        return bodies + [
            "[for x in [1, 2, 3] : x * 2 if x > 1]", "[for x in [1, 2, 3] : x if x]",
            "[for x in [true, false] : x if x]", "[for x in [1] : x if null]", "[for x in [1] : x if \"true\"]",
            "[for x in [1] : x if \"no\"]", "[for i, x in [\"a\", \"b\"] : \"${i}${x}\"]",
            "{for x in [\"a\", \"b\", \"a\"] : x => x}", "{for x in [\"a\", \"b\", \"a\"] : x => x...}",
            "{for i, x in [\"a\", \"b\", \"a\"] : x => i...}", "{for x in [1, 2] : x => x}",
            "{for x in [true] : x => x}", "{for x in [null] : x => x}", "{for x in [[1]] : x => x}",
            "{for k, v in {a = 1, b = 2} : upper(k) => v * 2 if v > 1}",
            "[for x in [[1, 2], [3]] : [for y in x : y + 1]]", "[for x in [1, 2] : {for y in [\"a\"] : y => x}]",
            "{for x in [\"b\", \"a\"] : x => {v = x}}", "[for s in toset([\"b\", \"a\"]) : s]",
            "[for k, v in toset([\"b\"]) : k]",
            "[for x in \"abc\" : x]", "[for x in 5 : x]", "[for x in null : x]", "[for _ in [1, 2] : 0]",
            "[for x in [1, 2] : x][1]", "{for x in [\"a\"] : x => 1}.a", "[for x in {} : x]", "{for x in [] : x => x}",
            "{for x in [\"a\"] : x => x... if true}", "length([for x in range(10) : x if x % 2 == 0])",
            "[for x in tolist([1, 2]) : x]", "toset([for x in [2, 1] : x])",
            "[for x in [{n = \"a\", t = [1]}, {n = \"b\", t = []}] : x.n if length(x.t) > 0]",
            "[for x in [1, 2] : x == 1 ? \"one\" : x]",
            "flatten([for a in [1, 2] : [for b in [\"x\", \"y\"] : \"${a}${b}\"]])", "[for\n x\n in [1] :\n x\n]",
            "{for x in [\"a\"] :\n x => 1\n}",
            "[for for in [1] : for]", "[for x in [1, 2]: x if x != 1]",
            "{for k, v in {a = {n = 1}} : k => v.n}", "[for x in [1, null, 3] : x if x != null]",
            "merge([for x in [\"a\", \"b\"] : {(x) = 1}]...)", "[for i, v in tomap({x = 1}) : i]",
        ]
    }()

    static let accesses: [String] = [
        "[1, 2, 3][0]", "[1, 2, 3][2]", "[1, 2, 3][3]", "[1, 2, 3][-1]", "[1][1.5]", "[1][\"0\"]", "[1][\"a\"]",
        "[1][null]", "[1][true]", "{a = 1}.a", "{a = 1}.b", "{a = 1}[\"a\"]", "{a = 1}[\"b\"]", "{a = 1}[0]",
        "{\"0\" = 1}[0]", "{a = {b = {c = 1}}}.a.b.c", "{a = [{b = 1}]}.a[0].b", "[[1, 2], [3]][0][1]", "{a = 1}.a.b",
        "[1].a", "\"abc\"[0]", "\"abc\".x", "5.x", "null.a", "null[0]", "tolist([1, 2])[1]", "tolist([])[0]",
        "toset([1])[0]", "tomap({a = 1}).a", "tomap({a = 1})[\"b\"]", "tomap({a = 1}).b", "[1, 2].0", "{a = [1]}.a.0",
        "[1, 2, 3][1 + 1]", "{a = 1}[lower(\"A\")]", "(true ? [1] : [2])[0]",
        "[{a = 1}, {a = 2}][*].a", "[{a = 1}, {b = 2}][*].a", "[][*].a", "null[*]", "null[*].a", "5[*]", "\"x\"[*]",
        "{a = 1}[*]", "{a = 1}[*].a", "[[1, 2], [3]][*][0]", "[[1], []][*][0]", "[{a = [1, 2]}, {a = []}][*].a[*]",
        "[{a = [{b = 1}]}][*].a[*].b", "[{a = [{b = 1}]}].*.a", "[{a = [1]}].*.a[0]", "[{a = [1, 2]}][*].a[1]",
        "tolist([{a = 1}])[*].a", "toset([\"a\", \"b\"])[*]", "tomap({a = 1})[*]", "[{a = {b = 1}}][*].a.b",
        "[1, 2][*]", "[1, 2].*", "[null][*]", "[null][*].a", "toset([{a = 1}])[*].a", "[{a = 1}].*.b",
        "[for x in [{a = 1}] : x][*].a", "{a = [{b = 1}, {b = 2}]}.a[*].b", "[[{a = 1}]][*][*].a",
        "[[{a = 1}], []][*][*].a", "length([1, 2][*])",
        "[\"a\", \"b\"][*][0]", "{\"a b\" = 1}[\"a b\"]", "{a = null}.a", "{a = null}.a.b", "[[]][0]", "[{}][0].a",
        "[1, \"a\"][1]", "([1, 2])[0]", "({a = 1}).a", "[1,\n2][\n1\n]", "split(\",\", \"a,b\")[1]", "keys({a = 1})[0]",
        "regex(\"(?P<x>a)\", \"a\").x", "{a = 1}[sensitive(\"a\")] == 1",
    ]

    static let templates: [String] = {
        let parts = [
            "${1}", "${true}", "${null}", "${[1]}", "${{}}", "${\"a\"}", "${1.50}", "${\"${\"deep\"}\"}",
            "%{ if true }y%{ endif }", "%{ if false }y%{ else }n%{ endif }", "%{ for x in [1, 2] }${x},%{ endfor }",
            "%{ for k, v in {a = 1} }${k}=${v}%{ endfor }",
        ]
        return parts.map { "\"\($0)\"" } + parts.map { "\"<\($0)>\"" }
            + parts.map { "\" \($0.replacing("${", with: "${~ ").replacing("%{", with: "%{~")) \"" } + [
                #""%{ if true ~}  a  %{~ endif }""#, #""x %{~ if true } a %{ endif ~} y""#, #""a ${~ 1 ~} b""#,
                #""a ${ 1 ~}   b""#, #""a   ${~ 1 } b""#, #""%{ for x in [1, 2] ~} ${x} %{ endfor ~} end""#,
                #""%{ for x in [] }a%{ endfor }""#, #""%{ for x in null }a%{ endfor }""#,
                #""%{ for x in 5 }a%{ endfor }""#, #""%{ if null }a%{ endif }""#, #""%{ if 1 }a%{ endif }""#,
                #""%{ if "true" }a%{ endif }""#, #""%{ if true }%{ if false }a%{ else }b%{ endif }%{ endif }""#,
                #""%{ for x in [1] }%{ for y in ["a"] }${x}${y}%{ endfor }%{ endfor }""#,
                #""$${a} %%{b} $$ %% $ % $a %a""#, #""$$${1}""#, #""$$$${a}""#,
                #""\n\t\r\"\\""#, #""\u00e9\U0001F600""#, #""\u0041""#, #""a\\nb""#,
                #""${"quoted \"inner\""}""#, #""${upper("a")}-${lower("B")}""#, #""${[1, 2][0]}""#, #""${{a = 1}.a}""#,
                #""${true ? "a" : "b"}""#, #""${1 + 1}""#, #""${"}"}""#, #""${"{"}""#, #""${ 1 }""#, "\"${\n1\n}\"",
                #""a${""}b""#, #""""#, #""日本${1}語""#, #""${sensitive("x")}" == "x""#,
                #""%{ for i, x in ["a", "b"] }${i}:${x} %{ endfor }""#, #""%{for x in ["a"]}${x}%{endfor}""#,
                #""%{if true}a%{endif}""#, #""%{ for x in toset(["b", "a"]) }${x}%{ endfor }""#,
                #""%{ for x in {b = 1, a = 2} }${x}%{ endfor }""#,
                #""%{ for x in [1, 2] }${x == 1 ? "one" : "other"} %{ endfor }""#, #""%{ if true }  %{ endif }|""#,
                #""  ${1}  ""#, #""${1}${2}""#, #""${tostring(null)}""#, #""${"a"}" == "a""#,
                #""%{ if [] == [] }e%{ endif }""#, #""\u{41}""#.replacing("\\u{41}", with: "A"),
                #""%{ for x in ["a"] }%{ if x == "a" ~} yes %{~ else ~} no %{~ endif }%{ endfor }""#,
                #""a\nb${~ "c" ~}\n d""#, #""x\n  %{~ if true ~}\n  y\n  %{~ endif ~}\n z""#,
            ]
    }()

    static let heredocs: [String] = [
        "<<-EOT\n    a\n      \n    b\n    EOT\n", "<<-EOT\n\t a\n \tb\n\tEOT\n", "<<-EOT\n  ${1}\n   a\n  EOT\n",
        "<<-EOT\n    %{~ if true ~}\n    a\n    %{~ endif ~}\n    b\n  EOT\n", "<<-EOT\n    a\n  \n    b\n    EOT\n",
        "<<-EOT\n  a %{ if true }\n    b\n  %{ else }\n   c\n  %{ endif }\n  EOT\n", "<<-EOT\n${1}\n   a\n  EOT\n",
        "<<-EOT\n  a ${~ 1 }\n    b\n  EOT\n", "<<-EOT\n    a\n    ${1 ~}\n    b\n      c\n    EOT\n",
        "<<EOT\nhello\nEOT\n", "<<EOT\n  a\n b\nEOT\n", "<<-EOT\n    a\n      b\n    EOT\n",
        "<<-EOT\n  a\n\n    b\n  EOT\n", "<<EOT\nx ${1 + 1} y\nEOT\n",
        "<<EOT\n%{ for x in [1, 2] ~}\n- ${x}\n%{ endfor ~}\nEOT\n",
        "<<EOT\n%{ for x in [1, 2] }\n- ${x}\n%{ endfor }\nEOT\n",
        "<<EOT\n%{ if true ~}\nyes\n%{ else ~}\nno\n%{ endif ~}\nend\nEOT\n",
        "<<-EOT\n  %{ if true }\n  a\n  %{ endif }\n  EOT\n", "<<EOT\nEOT\n", "<<EOT\n\nEOT\n",
        "<<EOT\n\"quotes\" \\n $${a} %%{b}\nEOT\n", "<<-EOT\n\t\ta\n\t\tb\n\tEOT\n",
        "<<-EOT\n   a\n  ${\"x\\ny\"}\n  EOT\n", "<<EOT\n  ${~ 1 ~}\n  x\nEOT\n", "<<-END_1\n  a\n  END_1\n",
        "<<EOT\nEOTX\n EOT x\nEOT\n",
        "trimspace(<<EOT\n  a  \nEOT\n)", "[<<EOT\na\nEOT\n, <<EOT\nb\nEOT\n]", "{a = <<EOT\nx\nEOT\n}",
        "<<-EOT\n  a\n    ${1}\n  b ${2}\n  EOT\n",
        "<<-EOT\n    %{ for x in [1] ~}\n    - ${x}\n    %{ endfor ~}\n    z\n    EOT\n",
        "<<EOT\na ${~ \"b\" ~}\nc\nEOT\n", "<<-EOT\n      deep\n  shallow\n        EOT\n",
        "upper(<<-EOT\n  a\n  EOT\n)", "<<EOT\n${null}\nEOT\n", "<<EOT\na\\\nb\nEOT\n",
        "<<EOT\n%{ for x in [] ~}\na\n%{ endfor ~}\nEOT\n", "<<EOT\n%{~ if true ~}\n a\n%{~ endif ~}\nEOT\n",
        "split(\"\\n\", <<EOT\na\nb\nEOT\n)", "<<-EOT\n\n    a\n\n  b\n    EOT\n",
    ]

    static let literals: [String] = [
        "1", "-1", "1.5", "1e3", "1E-3", "1.5e+2", "0", "007", "1.0", "true", "false", "null", "\"a\"", "[]", "{}",
        "[1, 2,]", "[\n1,\n2\n]", "{a = 1, b = 2}", "{a = 1,}", "{\na = 1\nb = 2\n}", "{a: 1}", "{\"a\": 1}",
        "{\"a\" = 1}", "{(\"a\") = 1}", "{(upper(\"a\")) = 1}", "{1 = 2}", "{true = 1}", "{null = 1}", "{1.5 = 2}",
        "{\"a${1}\" = 2}", "{a-b = 1}", "{a = 1, a = 2}", "{[1] = 2}", "{(null) = 1}", "{(1) = 2}",
        "{a = {b = [1, {c = null}]}}", "[[], [[]], {}]", "[1, \"a\", true, null]", "9223372036854775807",
        "-9223372036854775808", "123456789.125", "0.000001", "1 # comment", "1 // comment", "/* c */ 1",
        "[1, # one\n2]", "(1)", "((1))", "(\n1\n)", "{\n# c\na = 1\n}", "path.module", "path.root",
        "\"${path.module}/x\"",
        "max(\n1,\n2\n)", "max(1, 2,)", "max([1, 2]...)", "upper(\"a\"...)", "concat([[1], [2]]...)",
        "merge(toset([])...)", "core::upper(\"a\")", "core::max(1, 2)", "core::nope(1)", "upper()",
        "upper(\"a\", \"b\")", "nope()", "upper(null)", "length(null)", "length(1)", "length(true)", "length({a = 1})",
        "length(\"日本\")", "0.1", "100.00", "1.7976931348623157", "12345.6789e2",
    ]
}

/// Expressions that Terraform refuses for their form.
enum MalformedExpressions {
    static let all = [
        ##"[for x in [1] : y]"##,
        ##"max([1, 2]...,)"##,
        ##""%%%{ if true }a%{ endif }""##,
        ##"[[1, 2]].0.1"##,
        ##"coalesce([1]..., 2)"##,
        "1 +", "+ 1", "1 + * 2", "(1", "1)", "[1", "1]", "[1 2]", "{a = 1", "{a}", "{a 1}", "{= 1}", "{a = }",
        "{a = 1 b = 2}", "\"abc", "abc\"", "'abc'", "upper(\"a\"", "upper \"a\"", "upper(,)", "upper(\"a\",,\"b\")",
        "1 2", "a b", "foo", "foo.bar.baz.qux()", "${1}", "\"${\"", "\"${1\"", "\"%{ if true }a\"", "\"%{ endif }\"",
        "\"%{ for x in [1] }a\"",
        "\"%{ else }\"", "\"%{ if true }a%{ endfor }\"", "\"%{ nope }\"", "\"\\q\"", "\"\\u12\"", "\"\\U1234\"",
        "[for x in [1] x]", "[for x : x]", "[for in [1] : 1]", "[for x, y, z in [1] : x]", "{for x in [1] : x}",
        "[for x in [1] : x => x]", "{for x in [1] : x => x", "1 ? 2", "1 ? : 2", "true ? 1 :", "a.", "[1].", "[1]..a",
        "[1][", "[1][]", "{a = 1}.\"a\"", "1 = 1", "1 === 1",
        "1 & 2", "1 | 2", "!", "-", "1 <> 2", "@", "#", "`a`", "a => b", "<<EOT", "<<EOT\nabc\n", "<<\nEOT", "...",
        "upper(...)", "upper(\"a\"... , \"b\")", "1..2", "1.", ".5", "1e", "0x10", "\"a\" \"b\"", "\"a\nb\"", "var",
        "local", "each.foo", "count.foo", "path.nope", "var.", "self.x", "[*]", "*", "a[*", "{\"a\" 1}", "/* open",
        "upper(\"a\").", "true.", "nul", "tru", "TRUE",
        "\"${}\"", "\"${1 2}\"", "\"%{}\"", "\"%{ if }a%{ endif }\"", "\"%{ for x }a%{ endfor }\"", "~1", "1~", "?",
        ":", "1 : 2", "=", "==", "{a = 1; b = 2}", "[1; 2]", "[,]", "{,}", "(,)", "()", "[1,,2]", "{a = 1,, b = 2}",
        "core::", "::upper(\"a\")", "core:upper(\"a\")", "\"\\\"", "\\", "$", "%", "$1", "&&", "1 &&", "|| 1",
        "not true", "1 and 2", "if true then 1", "x ? 1 : 2", "function() {}", "() => 1",
    ]
}
