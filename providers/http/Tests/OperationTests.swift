import HTTPProvider
import PlumbModel
import ProviderAPI
import Testing

/// What an API file can say about changes, against a server with all habits.
@Suite(.timeLimit(.minutes(10))) struct OperationTests {
    private let server: HabitsServer

    init() async throws { server = try await HabitsServer() }

    private static let schema = """
        name: {type: string, required: true}
              size_gib: {type: number, default: 1}
              labels: {type: map(string), default: {}}
              tags: {type: list(string), default: []}
              id: {type: string, computed: true}
        """

    /// A file with one type of disks; `operations` are its operations.
    private func type(_ operations: String, schema: String = schema) throws -> any ResourceType {
        let file = """
            api: habits
            errors:
              message: ${response.body.error.text}
              cases:
                - when: ${response.body.error.code == "name_taken"}
                  kind: conflict
                  hint: Names are unique.
                - {when: '${response.body.error.code == "busy"}', kind: throttled}
                - {when: "${response.body.error.text != null}", kind: invalid, successes: true}
            types:
              habits_disk:
                key: [name]
                schema:
                  \(schema)
                lookup: {get: /whole/disks, query: {name: "${self.name}"}, live: "${one(response.body.items)}"}

            """
        let text = file + operations.split(separator: "\n").map { "    \($0)\n" }.joined()
        return try makeInstance(api: "./habits.yaml", url: server.url, key: "k", files: ["habits.yaml": text])
            .type("habits_disk")
    }

    private static let read = "read: {get: \"/disks/${self.id}\"}\n"
    private static let delete = "delete: {delete: \"/disks/${self.id}\"}\n"
    private static let create = """
        create: {post: /disks, body: {name: "${self.name}", size_gib: "${self.size_gib}"}, live: "${response.body}"}

        """

    // MARK: - Creating

    @Test func anIdInAHeaderIsReadBack() async throws {
        let type = try type(
            Self.read + Self.delete + """
                create:
                  post: /quiet/disks
                  body: {name: "${self.name}", size_gib: "${self.size_gib}"}
                  set: {id: '${regex("[^/]+$", response.headers.location)}'}
                """)
        let state = try await type.apply([("name", "a"), ("size_gib", 7)])
        #expect(state.values.text("id") == "d1")
        #expect(try await server.seen() == ["POST /quiet/disks", "GET /disks/d1"])
    }

    @Test func whatGoesOnIsAskedForWhereTheServerSays() async throws {
        let type = try type(
            Self.read + Self.delete + """
                create:
                  post: /slow/disks
                  body: {name: "${self.name}"}
                  wait:
                    when: ${response.status == 202}
                    poll: {get: '${response.headers["operation-location"]}'}
                    until: ${response.body.status == "done"}
                    failed: ${response.body.status == "failed"}
                    message: ${response.body.fault}
                    set: {id: "${response.body.disk}"}
                    interval: 10ms
                    timeout: 2m
                """)
        let state = try await type.apply([("name", "a")])
        #expect(state.values.text("id") == "d1")
        #expect(
            try await server.seen() == [
                "POST /slow/disks", "GET /operations/o0", "GET /operations/o0", "GET /operations/o0", "GET /disks/d1",
            ])
        let error = await #expect(throws: ProviderError.self) { try await type.apply([("name", "broken")]) }
        #expect(error?.message == "habits_disk broken failed while it was being created: no room")
        #expect(error?.isOutcomeUnknown == true)
    }

    @Test func formsAreSent() async throws {
        let type = try type(
            Self.read + Self.delete + """
                create:
                  post: /form
                  form: {name: "${self.name}", size: "${self.size_gib}", label: [x&y, z]}
                  live: ${response.body}
                """, schema: Self.schema.replacing("map(string), default: {}", with: "list(string), computed: true"))
        let state = try await type.apply([("name", "a b"), ("size_gib", 3)])
        #expect(state.values[key: "labels"] == ["x&y", "z"] || state.values[key: "labels"] == .list(["x&y", "z"]))
        #expect(try await server.requests().first?.text("body") == "name=a%20b&size=3&label=x%26y&label=z")
    }

    /// A creation that was answered by a lost connection may be sent again where a key tells the server of it.
    @Test func aKeyMakesACreationRepeatable() async throws {
        let type = try type(
            Self.read + Self.delete + Self.create.replacing("{post:", with: "{idempotency_key: Idempotency-Key, post:"))
        let first = try await type.apply([("name", "a")])
        let second = try await type.apply([("name", "a")])
        #expect(first.values == second.values)
        let keys = try await server.requests().compactMap { $0[key: "headers"]?.text("Idempotency-Key") }
        #expect(keys.count == 2 && Set(keys).count == 1)
    }

    /// Where names are not unique, what was being created is known by a token of its own.
    @Test func anInterruptedCreationIsFoundByItsToken() async throws {
        let file = """
            api: habits
            types:
              habits_disk:
                key: [name]
                import: [id]
                schema: {name: {type: string, required: true}, id: {type: string, computed: true}}
                read: {get: "/disks/${self.id}"}
                lookup:
                  get: /whole/disks
                  query: {name: "${self.name}", token: "${intent.id}"}
                  items: ${response.body.items}
                create: {post: /disks, body: {name: "${self.name}", token: "${intent.id}"}, live: "${response.body}"}
                delete: {delete: "/disks/${self.id}"}
            """
        let type = try makeInstance(
            api: "./habits.yaml", url: server.url, key: "k", files: ["habits.yaml": file]
        ).type("habits_disk")
        let planned = type.declared([("name", "same")])
        for intent in ["one", "two"] { _ = try await type.create(CreateRequest(planned: planned, intent: intent)) }
        func recover(_ id: String) async throws -> Recovery {
            try await #require(type as? any Recovering).recover(
                Intent(
                    id: id, run: "r", address: ResourceAddress("habits_disk", "d"), provider: "http.dns",
                    action: .create,
                    planned: planned, prior: nil))
        }
        guard case .found(let state) = try await recover("two") else {
            Issue.record("it was not found")
            return
        }
        #expect(state.values.text("id") == "d2")
        guard case .absent = try await recover("three") else {
            Issue.record("what was never made was found")
            return
        }
        // Without a token nothing tells one from the other.
        let importing = try #require(type as? any Importing)
        #expect(try await importing.importResource(id: "d1")?.values.text("name") == "same")
    }

    // MARK: - Refusals

    @Test func aKnownRefusalHasItsHint() async throws {
        let type = try type(Self.read + Self.delete + Self.create)
        let error = await #expect(throws: ProviderError.self) { try await type.apply([("name", "taken-1")]) }
        #expect(error?.code == .conflict)
        #expect(error?.message.contains("422 Unprocessable Content: taken-1 is taken (Names are unique.)") == true)
        #expect(error?.message.contains("import it by the id \"taken-1\"") == true)
    }

    @Test func whatIsOnlyThrottledIsTriedAgain() async throws {
        let type = try type(Self.read + Self.delete + Self.create)
        #expect(try await type.apply([("name", "busy-1")]).values.text("id") == "d1")
        #expect(try await server.seen() == ["POST /disks", "POST /disks", "POST /disks"])
    }

    @Test func aRefusalWithAGoodStatusIsARefusal() async throws {
        let type = try type(Self.read + Self.delete + Self.create)
        let error = await #expect(throws: ProviderError.self) { try await type.apply([("name", "liar")]) }
        #expect(error?.code == .invalid)
        #expect(error?.message.hasSuffix("200 OK: the quota is used up") == true)
    }

    // MARK: - Updating

    private func created(_ type: any ResourceType, _ more: [(String, Value)] = []) async throws -> ResourceState {
        let state = try await type.apply([("name", "a")] + more)
        _ = try await server.seen()
        return state
    }

    private func updated(
        _ type: any ResourceType, _ state: ResourceState, _ changed: [(String, Value)]
    ) async throws -> ResourceState {
        var declared = state.values.asMap ?? ValueMap()
        declared["id"] = .null
        for (name, value) in changed { declared[name] = value }
        let plan = try await type.plan(PlanRequest(prior: state, declared: .object(declared)))
        #expect(plan.replacePaths.isEmpty)
        return try await type.update(UpdateRequest(prior: state, planned: plan.planned, intent: "x"))
    }

    @Test func onlyWhatChangedIsSent() async throws {
        let type = try type(
            Self.read + Self.delete + Self.create + """
                update:
                  patch: /disks/${self.id}
                  changes: {name: "${self.name}", size_gib: "${self.size_gib}", labels: "${self.labels}"}
                  body: {by: plumb}
                  live: ${response.body}
                """)
        let state = try await created(type)
        let first = try await updated(type, state, [("size_gib", 9), ("labels", .map(["a": "1", "b": "2"]))])
        #expect(first.values.text("size_gib") == "9")
        _ = try await updated(type, first, [("labels", .map(["b": "3"]))])
        let bodies = try await server.requests().compactMap { $0.text("body") }
        #expect(
            bodies == [
                #"{"by":"plumb","labels":{"a":"1","b":"2"},"size_gib":9}"#,
                #"{"by":"plumb","labels":{"a":null,"b":"3"}}"#,
            ])
    }

    @Test func differencesAreSentAsAJSONPatch() async throws {
        let type = try type(
            Self.read + Self.delete
                + Self.create.replacing("size_gib: ", with: "labels: \"${self.labels}\", size_gib: ") + """
                    update:
                      patch: /disks/${self.id}
                      json_patch: {size_gib: "${self.size_gib}", labels: "${self.labels}"}
                      live: ${response.body}
                    """)
        let state = try await created(type, [("labels", .map(["a": "1", "x/y": "0"]))])
        let after = try await updated(type, state, [("labels", .map(["b": "2", "x/y": "~"]))])
        #expect(after.values[key: "labels"] == .map(["b": "2", "x/y": "~"]))
        let body = try await server.requests().first?.text("body")
        #expect(
            body == #"[{"op":"remove","path":"/labels/a"},{"op":"add","path":"/labels/b","value":"2"},"#
                + #"{"op":"replace","path":"/labels/x~1y","value":"~"}]"#)
    }

    /// What is kept beside the resource is read with it, and written only where it changes.
    @Test func partsHaveRequestsOfTheirOwn() async throws {
        let type = try type(
            """
            read:
              steps:
                - {get: "/disks/${self.id}", as: disk}
                - {get: "/disks/${self.id}/tags", as: tags, optional: true}
              live: ${merge(answer.disk.body, {tags = try(answer.tags.body.tags, [])})}
            create:
              steps:
                - {post: /disks, body: {name: "${self.name}", size_gib: "${self.size_gib}"}, as: disk}
                - {put: "/disks/${answer.disk.body.id}/tags", for: [tags], body: {tags: "${self.tags}"}}
              set: {id: "${answer.disk.body.id}"}
            update:
              steps:
                - {post: "/disks/${self.id}/actions", for: [size_gib], body: {resize: "${self.size_gib}"}, idempotent: true}
                - {put: "/disks/${self.id}/tags", for: [tags], body: {tags: "${self.tags}"}}

            """ + Self.delete)
        let bare = try await type.apply([("name", "bare")])
        #expect(bare.values[key: "tags"] == .list([]))
        #expect(try await server.seen() == ["POST /disks", "GET /disks/d1", "GET /disks/d1/tags"])
        let state = try await created(type, [("tags", .list(["x"]))])
        #expect(state.values[key: "tags"] == .list(["x"]))
        let after = try await updated(type, state, [("size_gib", 5)])
        #expect(after.values.text("size_gib") == "5")
        #expect(try await server.seen() == ["POST /disks/d2/actions", "GET /disks/d2", "GET /disks/d2/tags"])
    }

    // MARK: - ETags

    private static let tagged = """
        etags: true
        update: {patch: "/disks/${self.id}", changes: {size_gib: "${self.size_gib}"}, live: "${response.body}"}

        """

    @Test func whatIsUnchangedIsNotSentAgain() async throws {
        let type = try type(Self.tagged + Self.read + Self.delete + Self.create)
        let state = try await created(type)
        #expect(state.privateData?.contains("etag") == true)
        #expect(try await type.read(state) == state)
        let asked = try #require(try await server.requests().first)
        #expect(asked[key: "headers"]?.text("If-None-Match") != nil)
        try await server.ask("PATCH", "/disks/d1", ["size_gib": 50])
        #expect(try await type.read(state)?.values.text("size_gib") == "50")
    }

    @Test func whatSomebodyChangedIsNotOverwritten() async throws {
        let type = try type(Self.tagged + Self.read + Self.delete + Self.create)
        let state = try await created(type)
        try await server.ask("PATCH", "/disks/d1", ["size_gib": 50])
        let error = await #expect(throws: ProviderError.self) {
            try await self.updated(type, state, [("size_gib", 9)])
        }
        #expect(error?.code == .conflict)
        #expect(
            error?.message
                == "to update habits_disk a was refused, since somebody else has changed it after the plan was "
                + "made: size_gib. Nothing was overwritten. Plan again to see the change.")
        let refused = await #expect(throws: ProviderError.self) {
            try await type.delete(DeleteRequest(prior: state, intent: "x"))
        }
        #expect(refused?.code == .conflict)
        #expect(try await server.ask("GET", "/disks/d1").text("size_gib") == "50")
    }

    @Test func whatIsNoneOfOurBusinessIsNoConflict() async throws {
        let type = try type(Self.tagged + Self.read + Self.delete + Self.create)
        let state = try await created(type)
        try await server.ask("PATCH", "/disks/d1", ["comment": "not ours"])
        #expect(try await updated(type, state, [("size_gib", 9)]).values.text("size_gib") == "9")
        #expect(try await server.ask("GET", "/disks/d1").text("comment") == "not ours")
    }

    // MARK: - Replacing

    @Test func someChangesReplace() async throws {
        let type = try type(
            Self.tagged + Self.read + Self.delete + Self.create + """
                replace_on:
                  - {path: size_gib, when: "${self.size_gib < prior.size_gib}"}
                  - labels["zone"]
                """)
        let state = try await created(type, [("size_gib", 10), ("labels", .map(["zone": "a", "b": "1"]))])
        func plan(_ changed: [(String, Value)]) async throws -> ResourcePlan {
            var declared = state.values.asMap ?? ValueMap()
            for (name, value) in changed { declared[name] = value }
            return try await type.plan(PlanRequest(prior: state, declared: .object(declared)))
        }
        #expect(try await plan([("size_gib", 20)]).replacePaths.isEmpty)
        let smaller = try await plan([("size_gib", 5)])
        #expect(smaller.replacePaths == [AttributePath("size_gib")])
        #expect(smaller.planned[key: "id"]?.isUnknown == true)
        #expect(try await plan([("size_gib", .unknown(.number))]).replacePaths == [AttributePath("size_gib")])
        #expect(try await plan([("labels", .map(["zone": "a", "b": "2"]))]).replacePaths.isEmpty)
        let moved = try await plan([("labels", .map(["zone": "b"]))])
        #expect(moved.replacePaths == [AttributePath([.key("labels"), .key("zone")])])
    }
}
