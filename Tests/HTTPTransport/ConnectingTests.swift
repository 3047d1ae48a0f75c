import Foundation
import HTTPTransport
import PlumbModel
import Testing

extension WebServerSuites {
    /// Versions, certificates, proxies, sockets, against nginx.
    @Suite struct ConnectingTests {
        let servers: WebServers

        init() throws { servers = try WebServers.shared.get() }

        @Test func speaksHTTP2WhereItIsOffered() async throws {
            let client = servers.client()
            let answer = try await client.send(HTTPRequest("GET", servers.tls + "/headers"))
            #expect(answer.isHTTP2)
            #expect(answer.text.contains("protocol=HTTP/2.0"))
            #expect(try await client.send(HTTPRequest("GET", servers.http + "/small")).isHTTP2 == false)
            let old = try await servers.client(version: .http1).send(HTTPRequest("GET", servers.tls + "/headers"))
            #expect(old.text.contains("protocol=HTTP/1.1"))
        }

        @Test func manyRequestsShareAConnectionOverHTTP2() async throws {
            let client = servers.client(connections: 64)
            let (versions, statuses) = try await withThrowingTaskGroup(of: (Bool, Int).self) { group in
                for _ in 0..<500 {
                    group.addTask {
                        let body = Array("a body".utf8)
                        let answer = try await client.send(
                            HTTPRequest("PUT", servers.tls + "/files/shared-\(Int.random(in: 0..<64))", body: body))
                        return (answer.isHTTP2, answer.status)
                    }
                }
                return try await group.reduce(into: (Set<Bool>(), Set<Int>())) {
                    $0.0.insert($1.0)
                    $0.1.insert($1.1)
                }
            }
            #expect(versions == [true])
            #expect(statuses.isSubset(of: [201, 204]))
        }

        @Test func manyRequestsToAServerWithoutHTTP2AreSentSideBySide() async throws {
            let folder = servers.certificates
            let client = servers.client(
                TLSSettings(
                    clientCertificate: .file(folder + "/client.pem"), clientKey: .file(folder + "/client.key")))
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<200 {
                    group.addTask { try await client.send(HTTPRequest("GET", servers.mutual + "/small")).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: 200, count: 200))
        }

        @Test func aServerOfAnUnknownAuthorityIsRefused() async throws {
            let error = await #expect(throws: HTTPError.self) {
                try await HTTPClient(.init(proxy: .none, retry: .none)).send(HTTPRequest("GET", servers.tls + "/small"))
            }
            #expect(error?.kind == .tls)
            #expect(error?.isOutcomeUnknown == false)
            let careless = HTTPClient(.init(tls: TLSSettings(verifiesServer: false), proxy: .none, retry: .none))
            #expect(try await careless.send(HTTPRequest("GET", servers.tls + "/small")).status == 200)
        }

        @Test func anAuthorityMayComeFromMemory() async throws {
            let client = servers.client(TLSSettings(authorities: .bytes(try servers.bytes("ca.pem"))))
            #expect(try await client.send(HTTPRequest("GET", servers.tls + "/small")).status == 200)
            let broken = servers.client(TLSSettings(authorities: .bytes(Array("no PEM".utf8))))
            let error = await #expect(throws: HTTPError.self) {
                try await broken.send(HTTPRequest("GET", servers.tls + "/small"))
            }
            #expect(error?.message.contains("6 bytes in memory") == true)
        }

        @Test func aServerIsAskedByAnotherName() async throws {
            let client = servers.client(TLSSettings(serverName: "named.test"))
            let answer = try await client.send(HTTPRequest("GET", servers.tls + "/headers"))
            #expect(answer.text.contains("name=named.test"))
            // The header goes on to name the host that the URL names.
            #expect(answer.text.contains("host=\(servers.tls.dropFirst("https://".count))"))
            let error = await #expect(throws: HTTPError.self) {
                try await servers.client(TLSSettings(serverName: "other.test"))
                    .send(HTTPRequest("GET", servers.tls + "/small"))
            }
            #expect(error?.kind == .tls)
        }

        @Test func aClientShowsItsCertificate() async throws {
            let folder = servers.certificates
            let memory = TLSSettings(
                clientCertificate: .bytes(try servers.bytes("client.pem")),
                clientKey: .bytes(try servers.bytes("client.key")))
            let both = TLSSettings(
                clientCertificate: .bytes(try servers.bytes("client.pem") + servers.bytes("client.key")))
            let files = TLSSettings(
                clientCertificate: .file(folder + "/client.pem"), clientKey: .file(folder + "/locked.key"),
                clientKeyPassword: "open sesame")
            for settings in [memory, both, files] {
                let answer = try await servers.client(settings).send(HTTPRequest("GET", servers.mutual + "/headers"))
                #expect(answer.text.contains("client=CN=the client"))
            }
            let nameless = try await servers.client().send(HTTPRequest("GET", servers.mutual + "/headers"))
            #expect(nameless.status == 400)
        }

        @Test func aCertificateThatCannotBeUsedIsNamed() async throws {
            let folder = servers.certificates
            let wrong = [
                TLSSettings(clientCertificate: .file(folder + "/none.pem")),
                TLSSettings(
                    clientCertificate: .file(folder + "/client.pem"), clientKey: .file(folder + "/locked.key"),
                    clientKeyPassword: "wrong-password"),
                TLSSettings(clientCertificate: .file(folder + "/client.pem"), clientKey: .file(folder + "/server.key")),
            ]
            for settings in wrong {
                let error = await #expect(throws: HTTPError.self) {
                    try await servers.client(settings).send(HTTPRequest("GET", servers.mutual + "/small"))
                }
                #expect(error?.kind == .invalid)
                #expect(error?.message.contains("the client's certificate or key cannot be used (\(folder)/") == true)
                #expect(error?.message.contains("wrong-password") == false)
            }
        }

        @Test(arguments: ["http", "https"])
        func goesThroughAProxyThatWantsAPassword(_ scheme: String) async throws {
            let target = (scheme == "http" ? servers.http : servers.tls) + "/small"
            let proxy = "http://user:pass-word@127.0.0.1:\(servers.proxyPort)"
            let answer = try await servers.client(proxy: .server(proxy)).send(HTTPRequest("GET", target))
            #expect(answer.status == 200)
            #expect(answer.headers["Via"] != nil || scheme == "https")

            let stranger = "http://user:guessed-wrong@127.0.0.1:\(servers.proxyPort)"
            do {
                let method = scheme == "http" ? "GET" : "POST"
                let refusal = try await servers.client(proxy: .server(stranger)).send(HTTPRequest(method, target))
                #expect(scheme == "http" && [401, 407].contains(refusal.status))
            } catch {
                #expect(scheme == "https")
                #expect(error.kind == .unreachable)
                #expect(!error.isOutcomeUnknown)
                #expect(error.message.contains("the proxy answers 40"))
                #expect(!error.message.contains("guessed-wrong"))
            }
            // A host that is excepted is reached although the proxy would refuse.
            let direct = servers.client(proxy: .server(stranger, except: ["127.0.0.1"]))
            #expect(try await direct.send(HTTPRequest("GET", target)).status == 200)
        }

        /// The way to the proxy is encrypted too, and its certificate is looked at before the password is told.
        @Test(
            .enabled(if: WebServers.hasSecureProxy, "nginx has no stream module (libnginx-mod-stream)"),
            arguments: ["http", "https"])
        func goesThroughAProxyOverTLS(_ scheme: String) async throws {
            let target = (scheme == "http" ? servers.http : servers.tls) + "/small"
            let proxy = ProxySettings.server("https://user:pass-word@127.0.0.1:\(servers.secureProxyPort)")
            let client = servers.client(proxy: proxy)
            let answer = try await client.send(HTTPRequest("GET", target))
            #expect(answer.status == 200)
            #expect(answer.headers["Via"] != nil || scheme == "https")

            // The system's authorities know nothing of it.
            let careful = HTTPClient(.init(proxy: proxy, retry: .none))
            let error = await #expect(throws: HTTPError.self) {
                try await careful.send(HTTPRequest("POST", target, body: [65]))
            }
            #expect(error?.kind == .tls && error?.isOutcomeUnknown == false)
            #expect(
                error?.message.contains("the proxy's certificate is not trusted") == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("pass-word") == false)

            // A proxy that speaks no TLS is told from a server that is not there.
            let plain = ProxySettings.server("https://user:pass-word@127.0.0.1:\(servers.proxyPort)")
            let other = await #expect(throws: HTTPError.self) {
                try await HTTPClient(.init(connectTimeout: .seconds(1), proxy: plain, retry: .none)).send(
                    HTTPRequest("POST", target, body: [65]))
            }
            #expect(other?.isOutcomeUnknown == false)
            #expect(other?.message.contains("proxy") == true, "\(other?.message ?? "")")
            #expect(other?.message.contains("pass-word") == false)
        }

        @Test func goesThroughASOCKSProxy() async throws {
            for scheme in ["socks5", "socks5h"] {
                let client = servers.client(proxy: .server("\(scheme)://127.0.0.1:\(servers.socksPort)"))
                #expect(try await client.send(HTTPRequest("GET", servers.tls + "/small")).isHTTP2)
            }
        }

        @Test func aProxyThatIsNotThereIsNotTheServer() async throws {
            let client = servers.client(proxy: .server("http://127.0.0.1:1"))
            let error = await #expect(throws: HTTPError.self) {
                try await client.send(HTTPRequest("POST", servers.http + "/small", body: [65]))
            }
            #expect(error?.kind == .unreachable)
            #expect(error?.isOutcomeUnknown == false)
        }

        @Test func aUnixSocketNeedsNoProxy() async throws {
            let client = HTTPClient(
                .init(proxy: .server("http://127.0.0.1:1"), unixSocket: servers.socket, retry: .none))
            #expect(try await client.send(HTTPRequest("GET", "http://libvirt/small")).status == 200)
        }

        @Test func answersAreDecompressedAndBoundedAfterThat() async throws {
            let client = servers.client()
            let answer = try await client.send(HTTPRequest("GET", servers.http + "/text"))
            #expect(answer.headers["Content-Encoding"] == "gzip")
            #expect(answer.body.count == 260_000)
            let error = await #expect(throws: HTTPError.self) {
                try await client.send(HTTPRequest("GET", servers.http + "/text", maximumResponseBytes: 100_000))
            }
            #expect(error?.kind == .unreadable)
        }
    }
}
