import ArgumentParser
import Foundation
import HTTPServing
import Logging
import NIOSSL

/// Serves until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the API on a Unix socket, and over TLS where that is asked for.",
        discussion: """
            Examples:
              plumb-libvirt-gateway serve
              plumb-libvirt-gateway serve --listen 0.0.0.0:8443 --certificate server.pem --key server.key --tokens tokens
            """)

    @Option(help: ArgumentHelp("libvirt's URI.", valueName: "uri"))
    var connect = "qemu:///system"

    @Option(help: ArgumentHelp("Unix socket to listen on, which only its owner may open.", valueName: "path"))
    var socket = "/run/plumb-libvirt-gateway/gateway.sock"

    @Option(help: ArgumentHelp("Address and port to listen on with TLS as well.", valueName: "host:port"))
    var listen: String?

    @Option(help: ArgumentHelp("Certificate of the server with its chain, PEM.", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("Its key, PEM.", valueName: "file"))
    var key: String?

    @Option(help: ArgumentHelp("Tokens that are let in over TLS: lines of name, role, SHA-256.", valueName: "file"))
    var tokens: String?

    @Option(help: ArgumentHelp("Authorities whose client certificates are let in over TLS, PEM.", valueName: "file"))
    var clientAuthorities: String?

    @Option(help: ArgumentHelp("A folder below which pools may lie; can be given more than once.", valueName: "folder"))
    var poolRoot: [String] = ["/var/lib/libvirt/images"]

    @Option(help: ArgumentHelp("Where libvirt writes the guests' consoles.", valueName: "folder"))
    var consoleFolder = "/var/log/libvirt/qemu"

    @Option(
        help: ArgumentHelp(
            "A bridge of the host that networks may use; can be given more than once.", valueName: "name"))
    var allowBridge: [String] = []

    @Flag(help: "Let callers define domains by libvirt's XML, which gives them the whole host.")
    var allowXML = false

    @Option(help: "How many connections may be open at once.")
    var maxConnections = 1024

    @Option(help: "debug, info, notice, warning or error.")
    var logLevel = "info"

    func validate() throws {
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError("--log-level \(logLevel) is no level.")
        }
        guard maxConnections > 0 else { throw ValidationError("--max-connections has to be at least 1.") }
        // sockaddr_un has room for so much.
        guard socket.utf8.count < 108 else {
            throw ValidationError("--socket is longer than the 107 bytes that a system allows.")
        }
        for folder in poolRoot + [consoleFolder] where PathRoots.normal(folder) == nil {
            throw ValidationError("\(folder) has to be an absolute path without `..`.")
        }
        guard listen != nil || (certificate == nil && key == nil && tokens == nil && clientAuthorities == nil) else {
            throw ValidationError("--certificate, --key, --tokens and --client-authorities belong to --listen.")
        }
        guard listen == nil || (certificate != nil && key != nil) else {
            throw ValidationError("--listen needs --certificate and --key: nothing is served without TLS.")
        }
        guard listen == nil || tokens != nil || clientAuthorities != nil else {
            throw ValidationError("--listen needs --tokens or --client-authorities: nobody could come in.")
        }
        if let listen, ServeCommand.address(listen) == nil {
            throw ValidationError("--listen \(listen) is not host:port.")
        }
    }

    func run() async throws {
        let level = Logger.Level(rawValue: logLevel) ?? .info
        let logger = Logger(label: "plumb-libvirt-gateway") { JSONLogHandler(label: $0, logLevel: level) }
        var settings = Gateway.Settings(logger: logger)
        settings.uri = connect
        settings.poolRoots = poolRoot.compactMap { PathRoots.normal($0) }
        settings.consoles = consoleFolder
        settings.bridges = allowBridge
        settings.allowsXML = allowXML
        var limits = RequestGuard.Limits()
        limits.connections = maxConnections
        do {
            let server = GatewayServer(gateway: Gateway(settings), limits: limits, socket: socket, tls: try tls(logger))
            try await server.run()
        } catch let problem as Problem {
            throw ValidationError("\(problem.title): \(problem.detail ?? "")")
        }
    }

    private func tls(_ logger: Logger) throws -> GatewayServer.TLS? {
        guard let listen, let address = ServeCommand.address(listen), let certificate, let key else { return nil }
        let (authorities, hasTokens) = (clientAuthorities, tokens != nil)
        let renewable: RenewableTLS
        do {
            renewable = try RenewableTLS(
                files: [certificate, key] + (authorities.map { [$0] } ?? []), logger: logger
            ) { try ServeCommand.configuration(certificate, key, authorities: authorities, hasTokens: hasTokens) }
        } catch {
            let files = "--certificate \(certificate) and --key \(key)"
            throw ValidationError(
                "\(files)\(authorities.map { " with --client-authorities \($0)" } ?? "") cannot be read as PEM, or do not "
                    + "belong together: \(error)")
        }
        return GatewayServer.TLS(
            host: address.host, port: address.port, certificate: renewable,
            authenticator: Authenticator(
                door: .tls, tokens: try readTokens(), acceptsCertificates: clientAuthorities != nil))
    }

    private static func configuration(
        _ certificate: String, _ key: String, authorities: String?, hasTokens: Bool
    ) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if let authorities {
            configuration.trustRoots = .file(authorities)
            // Who has no certificate may have a token.
            configuration.certificateVerification = hasTokens ? .optionalVerification : .noHostnameVerification
        }
        return configuration
    }

    private func readTokens() throws -> [Authenticator.Token] {
        guard let tokens else { return [] }
        guard let text = try? String(contentsOfFile: tokens, encoding: .utf8) else {
            throw ValidationError("--tokens \(tokens) cannot be read.")
        }
        do {
            return try Authenticator.tokens(in: text)
        } catch {
            throw ValidationError("--tokens \(tokens): \(error)")
        }
    }

    static func address(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { return nil }
        let host = text[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        return host.isEmpty ? nil : (host, port)
    }
}
