internal import HTTPServing
internal import Logging
internal import NIOSSL
internal import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What must be so before a server can be started.
extension ControllerServer {
    static func check(_ settings: ServerSettings) throws(Diagnostics) {
        if case .unix(let path) = settings.address, path.utf8.count > UnixSocket.longestPath {
            throw Diagnostics(
                .error(
                    "The API cannot be served",
                    "The path of the socket, \(path), is longer than the \(UnixSocket.longestPath) bytes that a system "
                        + "allows. Choose a shorter one."))
        }
        if settings.exposesTokens { throw Diagnostics(.exposedTokens(settings.address)) }
    }

    static func tls(_ files: ServerSettings.TLS?, _ logger: Logger) throws(Diagnostics) -> RenewableTLS? {
        guard let files else { return nil }
        do {
            return try RenewableTLS(files: [files.certificate, files.key], logger: logger) { try configuration(files) }
        } catch {
            throw Diagnostics(
                .error(
                    "The certificate cannot be used",
                    "\(files.certificate) and its key \(files.key) cannot be read as PEM, or do not belong together: "
                        + "\(error)."))
        }
    }

    static func configuration(_ files: ServerSettings.TLS) throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
        let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }

    /// What somebody listens on is left alone; what a dead server has left is replaced.
    static func claim(_ path: String) throws(Diagnostics) {
        if UnixSocket.answers(path) {
            throw Diagnostics(
                .error(
                    "The API cannot be served",
                    "Another process listens on the socket \(path). Stop it, or choose another path."))
        }
    }
}
