/// Encodings, hashes, networks, times, files, and the forms of the language itself.
extension GeneratedExpressions {
    static let encodings: [String] =
        calls(
            ["jsonencode", "yamlencode"],
            values + [
                #""<a & b>""#, "\"a\\nb\\n\"", "[\"yes\", \"no\", \"1\", \"null\", \"~\", \"\"]",
                "{a = [{b = 1, c = [2]}], d = {}}", "1e10", "0.1", "123456789012345678", "[1.5, 1e-7]",
                "{\"b c\" = 1, a = 2}", "\"\\u2028\\u0007\"", "toset([2, 1])",
                "\"a: b\"", "\"# x\"", "\" lead\"", "\"😀\"", "[[[]], {}]", "{x = \"line1\\nline2\"}", "true",
                "\"2020-01-01\"", "\"0x10\"", "\"- a\"", "\"tab\\there\"",
            ])
        + calls(
            ["jsondecode"],
            [
                #""1""#, #""[1, 2.5, \"a\", true, null]""#, #""{\"a\": {\"b\": []}}""#, #""""#, #""{""#, #""nul""#,
                #""1 2""#, #""\"\\u00e9\\n\"""#, #""{\"a\":1,\"a\":2}""#, #""[1,]""#, #""1e3""#, #"" 1 ""#, #""01""#,
                #""-0""#, "null", "1",
                #""\"\\ud83d\\ude00\"""#, #""{\"b\":1,\"a\":2}""#, #""[[],{}]""#, #""123456789012345678""#, #""0.1""#,
                #""{a: 1}""#, #""'a'""#, #""true false""#,
            ])
        + calls(
            ["yamldecode"],
            [
                #""a: 1""#, #""- 1\n- x\n- true\n- ~""#, #""{a: [1, b], c: {d: null}}""#, #""""#,
                #""a: yes\nb: No\nc: on""#, #""x: |\n  a\n  b\n""#, #""x: >\n  a\n  b\n""#, #""a: &x 1\nb: *x""#,
                #""a: 0x1F\nb: 0o17\nc: 017\nd: 1e3\ne: .5""#,
                #""a: \"q\\n\"\nb: 'it''s'""#, #""a: b: c""#, #""- a\n b""#, #""a: 2020-01-02""#,
                #""a: !!str 1\nb: !!int \"2\"""#, #""--- 1\n--- 2""#, #""1: a\ntrue: b""#, #""a: 1\na: 2""#,
                #""? x\n: y""#, ##""# only""##, #""a: .inf""#, #""[1, 2""#, #""a: 12:30:45""#,
                #""a: 1_000""#, #""a: +1\nb: -2\nc: 1.50""#, #""<<: {a: 1}\nb: 2""#, #""a: 2020-01-02T03:04:05Z""#,
                #""\"x\"""#, #""null""#, #""a: 12345678901234567""#,
            ])
        + calls(
            ["csvdecode"],
            [
                #""a,b\n1,2\n""#, #""a,b\n""#, #""a\n\"x,\"\"y\"\"\"\n""#, #""a,b\n1\n""#, #""a,a\n1,2\n""#, #""""#,
                #""a,b\r\n1,2\r\n""#, #""a\n\nb\n""#, #"" a, b\n 1, 2""#, #""a\n\"x\ny\"""#, #""a,b\n1,\"x""#,
                #""é,ü\n1,2""#, "null",
            ])
        + calls(
            ["base64decode"],
            [
                #""aGVsbG8=""#, #""""#, #""aGVsbG8""#, #""!!""#, #""/w==""#, #""4oCT""#, "null", #""aGVs\nbG8=""#,
                #""YQ==YQ==""#,
            ])
        + calls(
            ["textencodebase64", "textdecodebase64"],
            [
                #""abc", "UTF-8""#, #""é", "UTF-16LE""#, #""AOkA", "UTF-16BE""#, #""6Q==", "ISO-8859-1""#,
                #""é", "ISO-8859-1""#, #""YWJj", "UTF-8""#, #""a", "nope""#, #""€", "ISO-8859-1""#,
                #""€", "windows-1252""#, #""gA==", "windows-1252""#, #""日", "Shift_JIS""#, #""é", "US-ASCII""#,
            ])
        + [
            #"base64decode(base64encode("é"))"#, #"jsondecode(jsonencode({a = [1, null, "x"]}))"#,
            #"yamldecode(yamlencode({a = [1, null, "x"], b = "yes"}))"#, #"length(base64gzip("hello")) > 20"#,
            #"startswith(base64gzip(""), "H4sI")"#, "base64gzip(null)", "base64gzip([1])",
        ]

    static let hashes: [String] =
        calls(
            ["md5", "sha1", "sha256", "sha512", "base64sha256", "base64sha512"],
            [#""""#, #""abc""#, #""é😀""#, "1", "true", "null", "[]"])
        + calls(
            ["uuidv5"],
            [
                #""dns", "example.com""#, #""url", "https://example.com/""#, #""oid", "1.3.6.1""#, #""x500", "CN=x""#,
                #""6ba7b810-9dad-11d1-80b4-00c04fd430c8", "a""#, #""nope", "a""#, #""dns", null"#, #""", "a""#,
                #""6ba7b8109dad11d180b400c04fd430c8", "a""#,
            ])
        + [
            "length(uuid())", "can(regex(\"^[0-9a-f-]{36}$\", uuid()))", "uuid() == uuid()", "length(bcrypt(\"x\", 4))",
            "startswith(bcrypt(\"x\", 5), \"$2a$05$\")", "bcrypt(null)", "bcrypt(\"x\", 4, 5)", "bcrypt(\"x\", 99)",
            "bcrypt(\"x\", \"a\")",
            "startswith(bcrypt(\"x\", 1), \"$2a$10$\")", "rsadecrypt(\"x\", \"y\")", "rsadecrypt(\"aGk=\", \"no key\")",
            "rsadecrypt(null, \"a\")", "can(formatdate(\"YYYY\", timestamp()))", "length(timestamp())", "timestamp(1)",
            "uuid(1)",
        ]

    static let networks: [String] =
        calls(
            ["cidrhost"],
            [
                #""10.0.0.0/8", 5"#, #""10.0.0.0/30", 4"#, #""10.0.0.0/8", -1"#, #""fd00::/64", 255"#,
                #""fd00::/64", -1"#, #""10.0.0.5/24", 1"#, #""10.0.0.0", 1"#, #""x/8", 1"#, #""10.0.0.0/33", 1"#,
                #""10.0.0.0/8", 1.5"#, #""010.0.0.0/8", 1"#, #""10.0.0.0/8", null"#, #""::ffff:10.0.0.0/104", 1"#,
                #""0.0.0.0/0", 4294967295"#,
            ])
        + calls(
            ["cidrnetmask"],
            [
                #""10.0.0.0/8""#, #""10.0.0.0/0""#, #""192.168.1.1/32""#, #""fd00::/8""#, #""10.0.0.0""#, "null",
                #""172.16.0.0/12""#,
            ])
        + calls(
            ["cidrsubnet"],
            [
                #""10.0.0.0/8", 8, 2"#, #""10.0.0.0/8", 8, 256"#, #""10.0.0.0/8", 0, 0"#, #""10.0.0.0/30", 4, 1"#,
                #""fd00::/48", 16, 65535"#, #""fd00::/8", 64, 1"#, #""10.1.2.3/16", 8, 1"#, #""10.0.0.0/8", -1, 0"#,
                #""10.0.0.0/8", 8, -1"#, #""10.0.0.0/8", 1.5, 0"#, #""10.0.0.0/8", 8"#, #""bad", 8, 1"#,
            ])
        + calls(
            ["cidrsubnets"],
            [
                #""10.0.0.0/8", 8, 8, 16"#, #""10.0.0.0/8""#, #""10.0.0.0/30", 1, 1, 1"#, #""fd00::/48", 16, 16"#,
                #""10.0.0.0/8", 33"#, #""10.0.0.0/8", 4, 8, 4"#, #""10.0.0.0/8", [4, 4]..."#, #""10.0.0.0/8", null"#,
                #""10.0.0.0/8", 0"#,
            ])

    static let times: [String] = {
        let parts = [
            "YYYY", "YY", "M", "MM", "MMM", "MMMM", "D", "DD", "EEE", "EEEE", "h", "hh", "H", "HH", "AA", "aa", "m",
            "mm", "s", "ss", "Z", "ZZZ", "ZZZZ", "ZZZZZ", "Y", "YYY", "EE", "hhh", "A", "ZZ", "x", "'T'", "'it''s'",
            "'open", "YYYY-MM-DD'T'hh:mm:ssZ", "", "--", "é",
        ]
        let moments = [#""2024-02-29T15:04:05Z""#, #""1999-12-31T00:00:59-07:30""#]
        return parts.flatMap { part in moments.map { "formatdate(\"\(part)\", \($0))" } }
            + calls(
                ["formatdate"],
                [
                    #""YYYY", "2024-13-01T00:00:00Z""#, #""YYYY", "2024-01-01""#, #""YYYY", "2024-01-01T00:00:00""#,
                    #""YYYY", "2024-01-01T24:00:00Z""#, #""hh:mm:ss", "2024-01-01T00:00:00.123Z""#, #""YYYY", null"#,
                    #""YYYY", "2023-02-29T00:00:00Z""#, #""YYYY", "x""#, #""YYYY", "2024-01-01 00:00:00Z""#,
                    #""ss", "2024-01-01T00:00:60Z""#,
                ])
            + calls(
                ["timeadd"],
                [
                    #""2024-01-31T00:00:00Z", "24h""#, #""2024-02-29T12:00:00Z", "-8760h""#,
                    #""2024-01-01T00:00:00Z", "1h30m15s""#, #""2024-01-01T00:00:00Z", "1d""#,
                    #""2024-01-01T00:00:00+02:00", "10m""#, #""2024-01-01T00:00:00Z", "0""#,
                    #""2024-01-01T00:00:00Z", """#, #""2024-01-01T00:00:00Z", "1.5h""#,
                    #""2024-01-01T00:00:00Z", "500ms""#, #""x", "1h""#, #""2024-01-01T00:00:00Z", "1""#,
                    #""2024-01-01T00:00:00.9Z", "100ms""#,
                ])
            + calls(
                ["timecmp"],
                [
                    #""2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00""#,
                    #""2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z""#,
                    #""2024-01-02T00:00:00Z", "2024-01-01T00:00:00Z""#, #""x", "2024-01-01T00:00:00Z""#,
                    #""2024-01-01T00:00:00.5Z", "2024-01-01T00:00:00Z""#, "null, null",
                ])
    }()

    static let files: [String] =
        calls(
            [
                "file", "filebase64", "filemd5", "filesha1", "filesha256", "filesha512", "filebase64sha256",
                "filebase64sha512", "fileexists",
            ],
            [
                #""a.txt""#, #""sub/b.txt""#, #""./a.txt""#, #""sub/../a.txt""#, #""none.txt""#, #""binary.bin""#,
                "null", "[]", #""${path.module}/a.txt""#,
            ])
        + calls(
            ["basename", "dirname", "abspath"], [#""/a/b/c.txt""#, #""/""#, #""/a/b/""#, #""/a/../b//c""#, "null"])
        + calls(
            ["basename", "dirname"], [#""""#, #""a""#, #""a/b""#, #""./x""#, #"".""#, #""..""#, #""a/""#, #""//a""#])
        + calls(["pathexpand"], [#""a/b""#, #""/x/../y""#, #""~user/x""#, #""""#, "null"])
        + calls(
            ["fileset"],
            [
                #"".", "*.txt""#, #"".", "sub/*""#, #""sub", "*.txt""#, #"".", "**/*.txt""#,
                #"".", "{a,c}.txt""#, #"".", "[ab].txt""#, #"".", "?.txt""#, #"".", "none*""#, #""none", "*""#,
                #"".", "*/*.txt""#, #"".", "sub/**""#, #"".", "a.txt""#, #"".", "[""#, #"null, "*""#,
                #""sub/deep", "*""#, #"".", "**/c.*""#, #"".", "[^a].txt""#, #"path.module, "*.tpl""#,
            ])
        + calls(
            ["templatefile"],
            [
                #""t.tpl", {name = "x", items = ["a", "b"]}"#, #""t.tpl", {name = "x"}"#,
                #""t.tpl", {name = null, items = []}"#, #""v.tpl", {v = [1, 2]}"#, #""v.tpl", {v = 5}"#,
                #""v.tpl", {v = null}"#, #""v.tpl", [1]"#, #""v.tpl", {"a b" = 1, v = 1}"#, #""none.tpl", {}"#,
                #""v.tpl""#, #""v.tpl", tomap({v = "m"})"#, #""v.tpl", {v = sensitive("s")} == "s""#, #""a.txt", {}"#,
                #""nested.tpl", {}"#, #""bad.tpl", {}"#,
            ])
        + [
            "[for t in [\"<$${x}>\"] : templatestring(t, {x = 1})]",
            "[for t in [\"$${x}\"] : templatestring(t, {x = [1]})]",
            "[for t in [\"%%{ for i in x }$${i};%%{ endfor }\"] : templatestring(t, {x = [1, 2]})]",
            "[for t in [\"$${y}\"] : templatestring(t, {x = 1})]", "[for t in [null] : templatestring(t, {})]",
            "[for t in [\"$${templatestring(x, {})}\"] : templatestring(t, {x = 1})]", "templatestring(\"a\", {})",
            "templatestring(upper(\"a\"), {})", "[for t in [\"a$${x}\"] : templatestring(t, null)]",
            "[for t in [\"x$${\"] : templatestring(t, {})]",
            "[for t in [{a = \"-$${v}-\"}] : templatestring(t.a, {v = \"q\"})]",
        ]

    static let marks: [String] = [
        "sensitive(1)", "nonsensitive(sensitive(1))", "issensitive(sensitive(1))", "issensitive(1)",
        "issensitive([sensitive(1)])", "[sensitive(1), 2]", "{a = sensitive(\"x\")}",
        "issensitive({a = sensitive(1)}.a)", "issensitive({a = sensitive(1)})",
        "issensitive(sensitive(1) + 1)", "issensitive(\"${sensitive(\"a\")}b\")", "issensitive(length(sensitive([1])))",
        "issensitive(length([sensitive(1)]))", "issensitive([for x in sensitive([1]) : x])",
        "issensitive([for x in [sensitive(1)] : x])",
        "issensitive(sensitive({a = 1}).a)", "issensitive(true ? sensitive(1) : 2)",
        "issensitive(sensitive(true) ? 1 : 2)", "issensitive(try(sensitive(1)))", "can(sensitive(1))",
        "issensitive(can(sensitive(1)))", "issensitive(keys({a = sensitive(1)}))",
        "issensitive(values({a = sensitive(1)}))", "issensitive(values({a = sensitive(1)})[0])",
        "issensitive(merge({a = sensitive(1)}, {b = 2}))", "issensitive(merge(sensitive({a = 1}), {b = 2}))",
        "issensitive(concat([sensitive(1)], [2]))",
        "issensitive(flatten([[sensitive(1)]]))", "issensitive(flatten(sensitive([[1]])))",
        "issensitive(jsonencode({a = sensitive(1)}))", "issensitive(element([sensitive(1), 2], 1))",
        "issensitive(lookup({a = sensitive(1)}, \"a\"))", "issensitive(lookup({a = sensitive(1), b = 2}, \"b\"))",
        "issensitive(coalesce(sensitive(\"\"), \"a\"))", "issensitive(coalesce(\"a\", sensitive(\"b\")))",
        "issensitive(contains([sensitive(1)], 1))", "issensitive(toset([sensitive(1), 2]))",
        "issensitive(tolist([sensitive(1), 2])[1])", "issensitive(sensitive(1) == 1)",
        "issensitive([sensitive(1)] == [1])",
        "issensitive([1, sensitive(2)][0])", "issensitive([1, 2][sensitive(0)])",
        "issensitive({a = 1}[sensitive(\"a\")])", "issensitive({(sensitive(\"a\")) = 1})",
        "issensitive(sensitive([{a = 1}])[*].a)", "issensitive([sensitive({a = 1})][*].a)", "nonsensitive(1)",
        "nonsensitive([sensitive(1)])", "sensitive(null)", "issensitive(null)",
        "issensitive(sort([sensitive(\"b\"), \"a\"]))", "issensitive(upper(sensitive(\"a\")))",
        "issensitive(distinct([sensitive(1), 2]))", "issensitive(zipmap([\"a\"], [sensitive(1)]))",
        "issensitive(zipmap([sensitive(\"a\")], [1]))", "issensitive(setunion([sensitive(1)], [2]))",
        "issensitive(reverse([sensitive(1), 2]))", "issensitive(slice([sensitive(1), 2], 1, 2))",
        "issensitive(chunklist([sensitive(1), 2], 1))",
        "issensitive(one([sensitive(1)]))", "issensitive(sum([sensitive(1), 2]))", "issensitive(max(sensitive(1), 2))",
        "issensitive(range(sensitive(2)))", "issensitive(index([sensitive(\"a\")], \"a\"))",
        "issensitive(split(\",\", sensitive(\"a,b\")))", "issensitive(format(\"%s\", sensitive(\"a\")))",
        "issensitive(formatlist(\"%s\", [sensitive(\"a\"), \"b\"]))", "issensitive(regex(\"a\", sensitive(\"a\")))",
        "ephemeralasnull(1)", "ephemeralasnull(null)", "ephemeralasnull([1, {a = 2}])",
        "ephemeralasnull(sensitive(\"a\")) == \"a\"", "ephemeralasnull()",
        "try(1)", "try([][0], 2)", "try({}.a, {}.b, \"c\")", "try([][0])", "try()", "try(null, 1)",
        "try(tonumber(\"x\"), \"y\")", "try(1 / 0, 0)", "try(upper(), \"few\")", "try(nope(1), \"unknown\")",
        "can([][0])", "can(1)", "can()", "can(1, 2)", "can(null)", "can(1 / 0)", "can(tonumber(\"a\"))",
        "can({a = 1}.b)", "can(nope())", "try(can(1 / 0), 5)", "try([1, 2][5], {a = 1}.b, try({}.c, \"deep\"))",
    ]
}
