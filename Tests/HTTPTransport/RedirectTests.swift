import Foundation
import HTTPTransport
import Testing

extension WebServerSuites {
    /// Where nginx sends a client, and what goes along.
    @Suite struct RedirectTests {
        let servers: WebServers

        init() async throws { servers = try await WebServers.shared() }

        private func request(_ method: String, _ url: String, body: String = "") -> HTTPRequest {
            HTTPRequest(
                method, url, headers: ["X-API-Key": "k3y-of-mine", "Accept": "text/plain"], body: Array(body.utf8),
                redirects: .follow(atMost: 3), authenticator: HeaderAuthenticator.bearer("t0ken-of-mine"))
        }

        @Test func answersUnlessToldToFollow() async throws {
            var request = request("GET", servers.http + "/to/small")
            request.redirects = .answer
            #expect(try await servers.client().send(request).status == 302)
            request.redirects = .follow(atMost: 1)
            let answer = try await servers.client().send(request)
            #expect(answer.text == #"{"ok":true}"#)
            #expect(answer.attempts == 2)
        }

        @Test func credentialsStayWithTheirServer() async throws {
            // Another name of the same address is another server.
            let away = try await servers.client().send(request("GET", servers.http + "/away"))
            #expect(away.text.contains("authorization= key= accept=text/plain"))
            let home = try await servers.client().send(request("GET", servers.http + "/headers"))
            #expect(home.text.contains("authorization=Bearer t0ken-of-mine key=k3y-of-mine"))
        }

        @Test func theCertificateStaysWithItsServer() async throws {
            let client = servers.client(
                TLSSettings(
                    clientCertificate: .file(servers.certificates + "/client.pem"),
                    clientKey: .file(servers.certificates + "/client.key")))
            let home = try await client.send(request("GET", servers.mutual + "/headers"))
            #expect(home.text.contains("client=CN=the client"))
        }

        @Test func aPostIsNotRepeatedElsewhereUnlessItMust() async throws {
            let stays = try await servers.client().send(request("POST", servers.http + "/to/small", body: "x"))
            #expect(stays.status == 302)
            let reads = try await servers.client().send(request("POST", servers.http + "/see-other", body: "x"))
            #expect(reads.text.contains("method=GET"))
            let goesOn = try await servers.client().send(request("PUT", servers.http + "/again", body: "the body"))
            #expect([201, 204].contains(goesOn.status))
            #expect(try await servers.client().send(request("GET", servers.http + "/files/again")).text == "the body")
        }

        @Test func noBodyGoesToAnotherServer() async throws {
            let answer = try await servers.client().send(request("PUT", servers.http + "/elsewhere", body: "a secret"))
            #expect(answer.status == 307)
        }

        @Test func circlesAndClearTextEnd() async throws {
            let circle = await #expect(throws: HTTPError.self) {
                try await servers.client().send(request("GET", servers.http + "/loop"))
            }
            #expect(circle?.message == "GET \(servers.http)/loop: redirected more than 3 times")
            let down = await #expect(throws: HTTPError.self) {
                try await servers.client().send(request("GET", servers.tls + "/down"))
            }
            #expect(down?.message.contains("which is not encrypted; that is not followed") == true)
        }
    }
}
