import HTTPProvider
import PlumbModel
import ProviderAPI
import Testing

extension PowerDNSSuites {
    /// A gateway gives the answer to another question: nothing of it is believed.
    @Suite struct MixedAnswerTests {
        private let server: PowerDNSServer
        private let proxy: FaultyProxy
        private let type: any ResourceType & Recovering
        private let zone = "z\(UInt32.random(in: 0...UInt32.max)).example."
        private let other = #"{"id": "other.example.", "name": "other.example.", "kind": "Native", "rrsets": []}"#

        init() async throws {
            server = try await PowerDNSServer.shared()
            proxy = try await FaultyProxy(upstream: server.port)
            let found = try makeInstance(url: proxy.url + "/api/v1", key: server.key).type("powerdns_zone")
            type = try #require(found as? any ResourceType & Recovering)
        }

        private func answerAboutAnother(_ method: String, _ times: Int = 1) async throws {
            let body = Value.string(other).json
            try await proxy.order(
                #"[{"on": "\#(method) /", "do": "status-after", "status": 200, "times": \#(times), "body": \#(body)}]"#)
        }

        private func intent(_ action: Intent.Action, _ planned: Value?, _ prior: Value?) -> Intent {
            Intent(
                id: "i", run: "r", address: ResourceAddress("powerdns_zone", "z"), provider: "http.dns", action: action,
                planned: planned, prior: prior)
        }

        @Test func ofACreationTheOutcomeIsUnknownAndIsLookedUp() async throws {
            try await answerAboutAnother("POST")
            let error = await #expect(throws: ProviderError.self) { try await type.apply([("name", .string(zone))]) }
            #expect(error?.isOutcomeUnknown == true)
            #expect(
                error?.message
                    == "the server answered about another powerdns_zone: name is other.example., not \(zone). A gateway or "
                    + "proxy before it seems to mix up answers; look there")
            let declared = type.declared([("name", .string(zone))])
            let planned = try await type.plan(PlanRequest(prior: nil, declared: declared)).planned
            try await answerAboutAnother("GET", 3)
            guard case .unclear = try await type.recover(intent(.create, planned, nil)) else {
                Issue.record("another zone is taken for the one that was made")
                return
            }
            guard case .found(let state) = try await type.recover(intent(.create, planned, nil)) else {
                Issue.record("what was made is not found")
                return
            }
            #expect(state.values[key: "id"]?.asString == zone)
        }

        @Test func ofWhatIsReadNothingIsTakenIn() async throws {
            let state = try await type.apply([("name", .string(zone))])
            try await answerAboutAnother("GET", 2)
            let error = await #expect(throws: ProviderError.self) { try await type.read(state) }
            #expect(error?.message.contains("id is other.example., not \(zone)") == true)
            await #expect(throws: ProviderError.self) {
                try await type.recover(intent(.update, state.values, state.values))
            }
            #expect(try await type.read(state)?.values[key: "id"]?.asString == zone)
        }
    }
}
