import HTTPProvider
import PlumbModel
import ProviderAPI
import Testing

/// Resources that are items of a document, XML, nested attributes, data types.
@Suite(.timeLimit(.minutes(10))) struct PartTests {
    private let server: HabitsServer

    init() async throws { server = try await HabitsServer() }

    private func instance(_ file: String) throws -> any ProviderInstance {
        try makeInstance(api: "./habits.yaml", url: server.url, key: "k", files: ["habits.yaml": file])
    }

    private static func entries(exclusive: Bool) -> String {
        """
        api: habits
        types:
          habits_entry:
            key: [list, name]
            \(exclusive ? "exclusive: list ${self.list}" : "summary: An entry.")
            schema:
              list: {type: string, required: true, forces_replacement: true}
              name: {type: string, required: true, forces_replacement: true}
              text: {type: string, default: ""}
            read: {get: "/lists/${self.list}", live: "${one([for e in response.body.entries : e if e.name == self.name])}"}
            list: {get: "/lists/${self.list}", items: "${response.body.entries}"}
            create: &write
              again_on: [409, 412]
              steps:
                - {get: "/lists/${self.list}", as: before}
                - put: /lists/${self.list}
                  headers: {If-Match: "${answer.before.headers.etag}"}
                  body: >-
                    ${merge(answer.before.body, {entries = concat([for e in answer.before.body.entries : e if e.name != self.name],
                    [{name = self.name, text = self.text}])})}
            update: *write
            delete:
              again_on: [409, 412]
              steps:
                - {get: "/lists/${self.list}", as: before}
                - put: /lists/${self.list}
                  headers: {If-Match: "${answer.before.headers.etag}"}
                  body: >-
                    ${merge(answer.before.body, {entries = [for e in answer.before.body.entries : e if e.name != self.name]})}
        """
    }

    private func createMany(_ count: Int, of type: any ResourceType) async throws -> [ResourceState] {
        try await withThrowingTaskGroup(of: ResourceState.self) { group in
            for index in 0..<count {
                group.addTask { try await type.apply([("list", "main"), ("name", .string("e\(index)"))]) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func itemsOfOneDocumentAreChangedOneAfterTheOther() async throws {
        let type = try instance(Self.entries(exclusive: true)).type("habits_entry")
        let states = try await createMany(20, of: type)
        let whole = try await server.ask("GET", "/lists/main")
        #expect(whole[key: "entries"]?.asList?.count == 20)
        #expect(whole.text("title") == "kept")
        // Nobody got in anybody's way: each read and write succeeded at once, and was then read back.
        #expect(try await server.seen().count == 20 * 3 + 1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for state in states {
                group.addTask { try await type.delete(DeleteRequest(prior: state, intent: "x")) }
            }
            try await group.waitForAll()
        }
        #expect(try await server.ask("GET", "/lists/main")[key: "entries"]?.asList?.isEmpty == true)
    }

    /// Others write too: the ETag keeps what they wrote, and the steps begin anew.
    @Test func whatOthersWriteMeanwhileStays() async throws {
        let mine = try instance(Self.entries(exclusive: true)).type("habits_entry")
        let theirs = try instance(Self.entries(exclusive: true)).type("habits_entry")
        async let first = createMany(3, of: mine)
        async let second = theirs.apply([("list", "main"), ("name", "other")])
        _ = try await (first, second)
        #expect(try await server.ask("GET", "/lists/main")[key: "entries"]?.asList?.count == 4)
    }

    @Test func aTurnThatIsWaitedForCanBeCancelled() async throws {
        let type = try instance(Self.entries(exclusive: true)).type("habits_entry")
        let tasks = (0..<30).map { index in
            Task { try await type.apply([("list", "main"), ("name", .string("e\(index)"))]) }
        }
        for task in tasks.dropFirst(2) { task.cancel() }
        var made = 0
        for task in tasks { if (try? await task.value) != nil { made += 1 } }
        #expect(made >= 2)
        // Whoever comes after them still gets a turn.
        _ = try await type.apply([("list", "main"), ("name", "last")])
    }

    @Test func xmlIsWrittenAndRead() async throws {
        let type = try instance(
            """
            api: habits
            errors: {message: "${response.body.Error.Message}"}
            types:
              habits_bucket:
                key: [name]
                schema:
                  name: {type: string, required: true}
                  tags: {type: map(string), default: {}}
                  note: {type: string, default: ""}
                attributes:
                  tags: '${{for tag in try(flatten([live.TagSet.Tag]), []) : tag["@key"] => tag["#text"]}}'
                  note: ${live.Note}
                read: {get: "/buckets/${self.name}", live: "${response.body.Bucket}"}
                create: &put
                  put: /buckets/${self.name}
                  xml:
                    Bucket:
                      "@xmlns": http://example.org/
                      Note: ${self.note}
                      TagSet: {Tag: '${[for key, value in self.tags : {"@key" = key, "#text" = value}]}'}
                update: *put
                delete: {delete: "/buckets/${self.name}"}
            """
        ).type("habits_bucket")
        for tags in [[:], ["a": "1 < 2 & \"3\""], ["a": "1", "ü": "2"]] as [ValueMap] {
            let state = try await type.apply([("name", "b"), ("tags", .map(tags)), ("note", "one\ntwo <&>")])
            #expect(state.values[key: "tags"] == .map(tags))
            #expect(state.values.text("note") == "one\ntwo <&>")
        }
        let gone = ResourceState(type.declared([("name", "none")]))
        #expect(try await type.read(gone) == nil)
    }

    struct Document: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        /// What `response.body.a.b` is; nil where the document must not be read.
        let content: String?
    }

    @Test(arguments: [
        Document(testDescription: "plain", text: "<a><b>1 &amp; 2</b></a>", content: "1 & 2"),
        Document(testDescription: "prefixes", text: "<x:a xmlns:x='u'><x:b>1</x:b></x:a>", content: "1"),
        Document(testDescription: "CDATA", text: "<a><b><![CDATA[<1>]]></b></a>", content: "<1>"),
        Document(testDescription: "cut off", text: "<a><b>1</b>", content: nil),
        Document(
            testDescription: "entities", text: "<!DOCTYPE a [<!ENTITY e 'boom'>]><a><b>&e;</b></a>", content: nil),
        Document(
            testDescription: "files", text: "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a><b>&e;</b></a>",
            content: nil),
        Document(
            testDescription: "too deep",
            text: String(repeating: "<a>", count: 100_000) + String(repeating: "</a>", count: 100_000), content: nil),
    ])
    func xmlFromAnywhereIsHarmless(_ document: Document) async throws {
        try await server.put("/raw/x", document.text)
        let type = try instance(
            """
            api: habits
            types:
              habits_raw:
                key: [name]
                schema: {name: {type: string, required: true}, content: {type: string, computed: true}}
                read: {get: "/raw/${self.name}", live: "${{content = response.body.a.b}}"}
                create: {put: "/raw/${self.name}"}
                delete: {delete: "/raw/${self.name}"}
            """
        ).type("habits_raw")
        let prior = ResourceState(type.declared([("name", "x")]))
        guard let content = document.content else {
            let error = await #expect(throws: ProviderError.self) { try await type.read(prior) }
            #expect(error?.code == .unexpected)
            return
        }
        #expect(try await type.read(prior)?.values.text("content") == content)
    }

    static let nested = """
        api: habits
        types:
          habits_disk:
            key: [name]
            schema:
              name: {type: string, required: true}
              rules:
                type: list
                normalise: [unordered]
                elements:
                  type: object
                  attributes:
                    host: {type: string, required: true, normalise: [lowercase, trailing_dot]}
                    port: {type: number, default: 80}
                    secret: {type: string, sensitive: true}
              volumes:
                type: list
                optional: true
                elements:
                  type: object
                  attributes:
                    size: {type: number, required: true}
                    id: {type: string, computed: true}
            read: {get: "/disks/${self.name}"}
            create: {put: "/disks/${self.name}", body: {rules: "${self.rules}", volumes: "${self.volumes}"}, live: "${response.body}"}
            update: {put: "/disks/${self.name}", body: {rules: "${self.rules}", volumes: "${self.volumes}"}}
            delete: {delete: "/disks/${self.name}"}
        """

    @Test func nestedAttributesHaveTypesRulesAndSecrets() async throws {
        let type = try instance(Self.nested).type("habits_disk")
        let rules = try #require(type.schema["rules"])
        #expect(
            rules.type.description
                == "list(object({host = string, port = optional(number, 80), secret = optional(string)}))")
        #expect(rules.isSensitive)
        let rule = try #require(rules.normalisation)
        func value(_ hosts: String...) -> Value { .tuple(hosts.map { ["host": .string($0), "port": 80] }) }
        #expect(rule.areSame(value("A.example", "b.example."), value("b.example", "a.example.")))
        #expect(!rule.areSame(value("a.example"), value("b.example")))
    }

    /// What the server gives within a list is known only as long as the list stays the same.
    @Test func whatIsComputedWithinIsUnknownUntilItIsMade() async throws {
        let type = try instance(Self.nested).type("habits_disk")
        func plan(_ prior: Value?, _ sizes: Int...) async throws -> Value? {
            let volumes = Value.tuple(sizes.map { ["size": .number($0), "id": .null] })
            let declared = type.declared([("name", "a"), ("volumes", volumes)])
            let state = prior.map { ResourceState(type.declared([("name", "a"), ("volumes", $0)])) }
            return try await type.plan(PlanRequest(prior: state, declared: declared)).planned[key: "volumes"]
        }
        let new = try await plan(nil, 1)
        #expect(new?.asList?.first?[key: "id"]?.isUnknown == true)
        let made: Value = .list([["size": 1, "id": "v1"], ["size": 2, "id": "v2"]])
        #expect(try await plan(made, 1, 2) == made)
        let more = try await plan(made, 1, 2, 3)
        #expect(more?.asList?.allSatisfy { $0[key: "id"]?.isUnknown == true } == true)
    }

    @Test func dataIsFoundAmongManyOrTakenAsAWhole() async throws {
        try await server.ask("POST", "/_count", ["count": 45])
        let instance = try instance(
            """
            api: habits
            data:
              habits_disk:
                schema: {name: {type: string, required: true}, id: {type: string, computed: true}}
                read: {get: /number/disks, items: "${response.body.items}", page: {number: page, size: size, of: 20}, match: [name]}
              habits_disks:
                schema: {names: {type: list(string), computed: true}, count: {type: number, computed: true}}
                attributes:
                  names: "${[for disk in live.items : disk.name]}"
                  count: ${length(live.items)}
                read: {get: /number/disks, items: "${response.body.items}", page: {number: page, size: size, of: 20}}
            """)
        let one = try #require(instance.dataTypes.first)
        let found = try await one.read(["name": "disk-44", "id": .null])
        #expect(found.text("id") == "d45")
        let error = await #expect(throws: ProviderError.self) { try await one.read(["name": "disk-45", "id": .null]) }
        #expect(error?.message == "there is no habits_disk with name disk-45.")
        let all = try await #require(instance.dataTypes.last).read(["names": .null, "count": .null])
        #expect(all.text("count") == "45")
        #expect(all[key: "names"]?.asList?.count == 45)
    }
}
