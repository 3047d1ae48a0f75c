import HTTPProvider
import HTTPTransport
import PlumbModel
import ProviderAPI
import Testing

extension PowerDNSSuites {
    @Suite struct PowerDNSTests {
        private let server: PowerDNSServer
        /// A zone of each test's own.
        private let zone = "z\(UInt32.random(in: 0...UInt32.max)).example."

        init() async throws {
            server = try await PowerDNSServer.shared()
        }

        @Test func twoHundredRecordSetsAreReadByOneRequest() async throws {
            try await server.makeZone(zone)
            let sets: [Value] = (0..<200).map { index in
                [
                    "name": .string("h\(index).\(zone)"), "type": "A", "ttl": 60, "changetype": "REPLACE",
                    "records": [["content": .string("192.0.2.\(index)"), "disabled": false]],
                ]
            }
            #expect(try await server.ask("PATCH", "/zones/\(zone)", ["rrsets": .tuple(sets)]).status == 204)
            let proxy = try await FaultyProxy(upstream: server.port)
            let type = try makeInstance(url: proxy.url + "/api/v1", key: server.key).type("powerdns_record_set")
            let priors = (0..<201).map { index in
                ResourceState(
                    type.declared([
                        ("zone", .string(zone)), ("name", .string("H\(index).\(zone.dropLast())")), ("type", "a"),
                    ]))
            }
            let states = try await #require(type as? any Listing).read(all: priors)
            #expect(states.count == 201)
            for (index, state) in states.dropLast().enumerated() {
                #expect(state?.values[key: "records"] == .list([.string("192.0.2.\(index)")]))
                #expect(state?.values[key: "name"]?.asString == "H\(index).\(zone.dropLast())")
            }
            #expect(states[200] == nil)
            // What the list does not have is asked for by itself before it is taken for gone.
            let zonePath = "GET /api/v1/servers/localhost/zones/\(zone)"
            #expect(try await proxy.seen() == [zonePath, "\(zonePath)?rrset_name=h200.\(zone)&rrset_type=A"])
        }

        @Test func setsOfAVanishedZoneAreGone() async throws {
            let type = try instance().type("powerdns_record_set")
            let prior = ResourceState(
                type.declared([
                    ("zone", .string(zone)), ("name", .string(zone)), ("type", "A"), ("records", ["192.0.2.1"]),
                ])
            )
            #expect(try await type.read(prior) == nil)
            #expect(try await #require(type as? any Listing).read(all: [prior, prior]) == [nil, nil])
            try await type.delete(DeleteRequest(prior: prior, intent: "x"))
        }

        /// PowerDNS 4.7 puts sets of other names that have comments into a filtered answer, without their records.
        @Test func commentsOfOtherNamesAreNotTakenForRecords() async throws {
            try await server.makeZone(zone)
            let type = try instance().type("powerdns_record_set")
            func spec(_ name: String) -> [(String, Value)] {
                [
                    ("zone", .string(zone)), ("name", .string(name + zone)), ("type", "A"), ("records", ["192.0.2.1"]),
                    ("comments", [["content": "a note", "account": "me"]]),
                ]
            }
            _ = try await type.apply(spec("a."))
            let second = try await type.apply(spec("b."))
            #expect(second.values[key: "comments"]?.asList?.count == 1)
            try await type.delete(DeleteRequest(prior: second, intent: "x"))
            #expect(try await type.read(second) == nil)
        }

        @Test func whatExistsIsNotOverwritten() async throws {
            try await server.makeZone(zone)
            try await server.setRecords(zone, "www.\(zone)", "A", ["192.0.2.7"])
            let instance = try instance()
            let sets = try instance.type("powerdns_record_set")
            let spec: [(String, Value)] = [
                ("zone", .string(zone)), ("name", .string("www.\(zone)")), ("type", "A"), ("records", ["192.0.2.1"]),
            ]
            let error = await #expect(throws: ProviderError.self) { try await sets.apply(spec) }
            #expect(error?.code == .conflict)
            #expect(error?.isOutcomeUnknown == false)
            #expect(
                error?.message
                    == "powerdns_record_set \(zone)/www.\(zone)/A exists already. To take it over instead of creating it, "
                    + "import it by the id \"\(zone)/www.\(zone)/A\"; or delete it first.")
            let kept = try await server.ask("GET", "/zones/\(zone)?rrset_name=www.\(zone)&rrset_type=A").body
            #expect(kept.json.contains("192.0.2.7"))

            let zones = try instance.type("powerdns_zone")
            let again = await #expect(throws: ProviderError.self) { try await zones.apply([("name", .string(zone))]) }
            #expect(again?.code == .conflict)
            #expect(
                again?.message
                    == "POST \(server.url)/servers/localhost/zones: 409 Conflict. To take it over instead of creating "
                    + "it, import it by the id \"\(zone)\"; or delete it first.")
        }

        @Test func theServersOwnWordsAreTold() async throws {
            try await server.makeZone(zone)
            let type = try instance().type("powerdns_record_set")
            let error = await #expect(throws: ProviderError.self) {
                try await type.apply([
                    ("zone", .string(zone)), ("name", "www.elsewhere.example"), ("type", "A"),
                    ("records", ["192.0.2.1"]),
                ])
            }
            #expect(error?.code == .invalid)
            #expect(
                error?.message == "PATCH \(server.url)/servers/localhost/zones/\(zone): 422 Unprocessable Content: "
                    + "RRset www.elsewhere.example. IN A: Name is out of zone")
        }

        @Test func aWrongKeyIsUnauthorized() async throws {
            let type = try makeInstance(url: server.url, key: "wrong-key").type("powerdns_zone")
            let error = await #expect(throws: ProviderError.self) {
                try await #require(type as? any Importing).importResource(id: "example.org")
            }
            #expect(error?.code == .unauthorized)
            #expect(error?.message.contains("401 Unauthorized") == true)
            #expect(error?.message.contains("wrong-key") == false)
        }

        @Test func aZoneWithASlashInItsNameLives() async throws {
            let instance = try instance()
            let name = "0/25.\(UInt8.random(in: 0...255)).\(UInt8.random(in: 0...255)).10.in-addr.arpa"
            let zones = try instance.type("powerdns_zone")
            let created = try await zones.apply([("name", .string(name))])
            #expect(created.values[key: "id"]?.asString == name.replacing("/", with: "=2F") + ".")
            let sets = try instance.type("powerdns_record_set")
            let set = try await sets.apply([
                ("zone", .string(name)), ("name", .string("1." + name)), ("type", "PTR"),
                ("records", ["www.example.org."]),
            ])
            let id = "\(name)/1.\(name)/PTR".replacing("0/25", with: "0%2F25")
            let imported = try await #require(sets as? any Importing).importResource(id: id)
            #expect(imported?.values[key: "records"] == set.values[key: "records"])
            try await zones.delete(DeleteRequest(prior: created, intent: "x"))
            #expect(try await zones.read(created) == nil)
        }

        @Test func anImportIDOfTheWrongFormSaysTheRightOne() async throws {
            let type = try instance().type("powerdns_record_set")
            let error = await #expect(throws: ProviderError.self) {
                try await #require(type as? any Importing).importResource(id: "www.example.org")
            }
            #expect(error?.code == .invalid)
            #expect(error?.message.contains("<zone>/<name>/<type>") == true)
        }

        @Test func aLostAnswerToACreationIsSettledByRecovery() async throws {
            let proxy = try await FaultyProxy(upstream: server.port)
            let type = try makeInstance(url: proxy.url + "/api/v1", key: server.key).type("powerdns_zone")
            try await proxy.order(#"[{"on": "POST /", "do": "drop-after"}]"#)
            let planned = try await type.plan(
                PlanRequest(prior: nil, declared: type.declared([("name", .string(zone))])))
            let error = await #expect(throws: ProviderError.self) {
                try await type.create(CreateRequest(planned: planned.planned, intent: "x"))
            }
            #expect(error?.isOutcomeUnknown == true)
            #expect(try await proxy.seen().filter { $0.hasPrefix("POST") }.count == 1)
            let intent = Intent(
                id: "x", run: "r", address: ResourceAddress("powerdns_zone", "z"), provider: "http.dns",
                action: .create,
                planned: planned.planned, prior: nil)
            guard case .found(let state) = try await #require(type as? any Recovering).recover(intent) else {
                Issue.record("the zone was not found")
                return
            }
            #expect(state.values[key: "id"]?.asString == zone)
            // Somebody makes it another one meanwhile: then it cannot be told whose it is.
            #expect(try await server.ask("PUT", "/zones/\(zone)", ["account": "else"]).status == 204)
            guard case .unclear(let text) = try await #require(type as? any Recovering).recover(intent) else {
                Issue.record("a different zone was taken for ours")
                return
            }
            #expect(text.contains("differs from what was to be created in: account."))
        }

        /// An API file of the stack's own, against the same server: `wait` polls until the zone is as the file demands.
        @Test func waitPollsUntilTheResourceIsReady() async throws {
            let waiting = try makeInstance(
                api: "./slow.yaml", url: server.url, key: server.key, files: ["slow.yaml": Self.slowAPI(timeout: "10s")]
            )
            let type = try waiting.type("slow_zone")
            let zone = zone
            let server = server
            let helper = Task {
                while try await server.ask("GET", "/zones/\(zone)").status != 200 {
                    try await Task.sleep(for: .milliseconds(20))
                }
                try await Task.sleep(for: .milliseconds(300))
                _ = try await server.ask("PUT", "/zones/\(zone)", ["account": "ready"])
            }
            let state = try await type.apply([("name", .string(zone))])
            try await helper.value
            #expect(state.values[key: "account"] == "ready")
            _ = try await server.ask("PUT", "/zones/\(zone)", ["account": "broken"])
            let error = await #expect(throws: ProviderError.self) {
                try await type.update(
                    UpdateRequest(prior: state, planned: state.values, intent: "x"))
            }
            #expect(error?.message == "slow_zone \(zone) failed while it was being updated: broken it is")
            #expect(error?.partial?.values[key: "account"] == "broken")
        }

        @Test func waitEndsAfterItsTime() async throws {
            let waiting = try makeInstance(
                api: "./slow.yaml", url: server.url, key: server.key,
                files: ["slow.yaml": Self.slowAPI(timeout: "100ms")])
            let type = try waiting.type("slow_zone")
            let error = await #expect(throws: ProviderError.self) { try await type.apply([("name", .string(zone))]) }
            #expect(error?.code == .timeout)
            #expect(error?.message == "slow_zone is still not created after 0.1 seconds")
        }

        private func instance() throws -> any ProviderInstance {
            try makeInstance(url: server.url, key: server.key)
        }

        private static func slowAPI(timeout: String) -> String {
            """
            api: slow
            auth: {header: X-API-Key, value: "${var.key}"}
            types:
              slow_zone:
                key: [name]
                schema:
                  name: {type: string, required: true}
                  account: {type: string, computed: true}
                read: {get: "/servers/localhost/zones/${self.name}"}
                create:
                  post: /servers/localhost/zones
                  body: {name: "${self.name}", kind: Native}
                  wait: &ready
                    until: ${live.account == "ready"}
                    failed: ${live.account == "broken"}
                    message: ${live.account} it is
                    interval: 20ms
                    timeout: \(timeout)
                update: {put: "/servers/localhost/zones/${self.name}", body: {kind: Native}, wait: *ready}
                delete: {delete: "/servers/localhost/zones/${self.name}", wait: {interval: 20ms, timeout: 5s}}
            """
        }
    }
}
