internal import CCurl

/// Why a mail was not taken.
public struct MailError: Error, Sendable, Hashable {
    /// What is wrong, where, and what to do. Never a secret.
    public let message: String
    /// The same mail may be taken later, with nobody's help.
    public let isTransient: Bool

    public init(_ message: String, isTransient: Bool) {
        self.message = message
        self.isTransient = isTransient
    }
}

extension MailError {
    /// - Parameters:
    ///   - status: of the server's last answer; 0 where it has given none.
    ///   - words: that answer.
    ///   - detail: what libcurl says.
    init(_ code: CURLcode, _ server: MailServer, status: Int, words: String, detail: String) {
        let place = server.place
        let said = words.isEmpty ? detail : words
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            self.init("\(place) cannot be reached: its name cannot be resolved (\(detail))", isTransient: true)
        case CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT:
            self.init("\(place) cannot be reached: \(detail)", isTransient: true)
        case CURLE_ABORTED_BY_CALLBACK:
            self.init("\(place) was not waited for any longer", isTransient: true)
        case CURLE_LOGIN_DENIED:
            let hint = status < 500 && status >= 400 ? "" : ". Check `user` and `password`"
            self.init("\(place) refuses the login: \(said)\(hint)", isTransient: (400..<500).contains(status))
        case CURLE_USE_SSL_FAILED:
            self.init(
                "\(place) offers no STARTTLS (\(said)). Use `smtps://`, or allow `plaintext: true`", isTransient: false)
        case CURLE_PEER_FAILED_VERIFICATION:
            self.init(
                "The certificate of \(place) is not trusted: \(detail). `ca_file` names other authorities",
                isTransient: false)
        case CURLE_SSL_CACERT_BADFILE:
            self.init(
                "The authorities in \(server.authorities ?? "the system's file") cannot be read: \(detail)",
                isTransient: false)
        case CURLE_SSL_CONNECT_ERROR:
            self.init("The TLS handshake with \(place) failed: \(detail)", isTransient: true)
        case _ where status >= 400:
            self.init("\(place) does not take the mail: \(said)", isTransient: status < 500)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_NOT_BUILT_IN:
            self.init("\(place) cannot be asked: \(detail)", isTransient: false)
        default:
            self.init("The connection to \(place) was lost: \(detail)", isTransient: true)
        }
    }
}
