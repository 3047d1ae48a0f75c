import Expressions
import PlumbModel
import Testing

/// How marks and unknowns travel.
@Suite struct PropagationTests {
    private var scope: FixedScope {
        let server = ResourceAddress("net_server", "web")
        let type = ValueType.object([
            "id": .string, "addresses": .list(.string), "size": .number,
            "disks": .list(.object(["path": .string])),
        ])
        return FixedScope(
            variables: [
                "secret": Value.string("hunter2").sensitive(), "count": Value.number(3).sensitive(),
                "list": ["a", Value.string("b").sensitive()],
                "wide": Value.object(["x": 1]).sensitive(), "anything": .unknown(),
            ],
            resources: [
                server: .unknown(type), server.instance(.name("a")): .unknown(type),
                server.instance(.index(0)): ["id": "i"],
            ])
    }

    @Test(arguments: [
        "upper(var.secret)", "\"x${var.secret}\"", "var.count + 1", "var.count == 3", "!(var.count > 1)", "-var.count",
        "var.secret == \"a\" ? 1 : 2", "[1, 2, 3][var.count - 1]", "var.wide.x", "join(\",\", var.list)",
        "jsonencode({a = var.secret})", "length(var.secret)", "[for x in var.wide : x]",
        "[for x in [1] : x if var.count > 1]", "{for x in [1] : var.secret => x}", "%{ if var.count > 1 }a%{ endif }",
        "concat([1], var.wide == {} ? [] : [2])", "coalesce(null, var.secret)", "var.secret == var.secret || true",
        "merge(var.wide, {y = 2})", "try(var.secret, 1)", "contains(var.list, \"a\")", "format(\"%s\", var.secret)",
    ])
    func whatIsMadeOfSecretsIsSecret(_ text: String) throws {
        let value = text.hasPrefix("%") ? try evaluate(scalar: text, scope) : try evaluate(text, scope)
        #expect(value.isSensitive)
    }

    @Test(arguments: [
        "parseint(var.secret, 10)", "var.wide.y", "[1][var.count]", "{a = 1}[var.secret]", "jsondecode(var.secret)",
        "formatdate(\"YYYY\", var.secret)", "tonumber(var.secret)", "lookup({}, var.secret)", "var.secret + 1",
        "{for k in [1, 2] : var.secret => k}", "file(var.secret)", "cidrhost(var.secret, 1)",
    ])
    func problemsDoNotTellSecrets(_ text: String) throws {
        let found = try #require(problem(text, scope))
        #expect(!found.detail.contains("hunter2") && !found.detail.contains("It has x") && !found.detail.contains("3"))
    }

    @Test func elementsKeepTheirOwnMarks() throws {
        let list = try evaluate("concat(var.list, [\"c\"])", scope)
        #expect(!list.isSensitive && list.asList?.map(\.isSensitive) == [false, true, false])
        #expect(try !evaluate("var.list[0]", scope).isSensitive)
        #expect(try evaluate("length(var.list)", scope) == 2)
        #expect(try evaluate("nonsensitive(var.count)", scope) == 3)
        #expect(try evaluate("issensitive(var.secret)", scope) == true)
    }

    @Test(arguments: [
        ("net_server.web.id", ValueType.string), ("net_server.web[\"a\"].size + 1", .number),
        ("net_server.web.addresses[0]", .string), ("net_server.web.size > 1", .bool),
        ("\"a${net_server.web.id}\"", .string),
        ("upper(net_server.web.id)", .string), ("length(net_server.web.addresses)", .number),
        ("net_server.web.id == \"a\"", .bool), ("net_server.web.disks[*].path", .list(.string)),
        ("[for d in net_server.web.disks : d.path]", .list(.string)),
        ("net_server.web.size > 1 ? 1 : 2", .number), ("!(net_server.web.size > 1)", .bool),
        ("var.anything.a.b[0]", .any), ("true && net_server.web.size > 1", .bool),
        ("join(\",\", net_server.web.addresses)", .string), ("jsonencode({a = net_server.web.id})", .string),
    ])
    func whatIsMadeOfUnknownsIsUnknown(_ text: String, _ type: ValueType) throws {
        #expect(try evaluate(text, scope).kind == .unknown(type))
    }

    @Test func whatCanBeKnownIsKnown() throws {
        #expect(try evaluate("length([net_server.web.id, 2])", scope) == 2)
        #expect(try evaluate("keys({a = net_server.web.id})", scope) == ["a"])
        #expect(try evaluate("false && net_server.web.size > 1", scope) == false)
        #expect(try evaluate("net_server.web.size > 1 || true", scope) == true)
        #expect(try evaluate("net_server.web[0].id", scope) == "i")
        #expect(try evaluate("[net_server.web.id, \"b\"][1]", scope) == "b")
    }

    @Test func typesAreCheckedBeforeAnythingExists() {
        let wrong = problem("net_server.web.addreses[0]", scope)
        #expect(wrong?.summary == "Unsupported attribute")
        #expect(wrong?.detail.hasSuffix("Did you mean \"addresses\"?") == true)
        #expect(wrong?.source?.text == "net_server.web.addreses")
        #expect(problem("net_server.web.id.name", scope)?.summary == "Unsupported attribute")
        #expect(problem("net_server.web.disks.path", scope)?.detail.contains("[*].path") == true)
        #expect(problem("[for d in net_server.web.disks : d.pth]", scope)?.summary == "Unsupported attribute")
        #expect(problem("[for d in net_server.web.size : d]", scope)?.summary == "Invalid for expression")
        #expect(problem("net_server.web.disks + 1", scope)?.summary == "Invalid operand")
    }
}
