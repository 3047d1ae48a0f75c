internal import CCurl
internal import Glibc

/// What libcurl says about a failed transfer, and what it means.
struct TransferFailure {
    let code: CURLcode
    /// The system's error number; 0 where there is none.
    let systemError: Int
    let detail: String
    let wasSent: Bool
    let isTooLong: Bool
    /// Why the request's body could not be made.
    let uploadFailure: String?
    /// What a proxy answered to CONNECT; 0 where none was asked.
    let proxyStatus: Int
    /// Whether it is the proxy's certificate that is not trusted, and not the server's.
    let isOfProxy: Bool

    func error(_ request: HTTPRequest, _ settings: HTTPClient.Settings) -> HTTPError {
        let (kind, reason) = verdict(request, settings)
        let text = Redaction(secrets: request.secrets + settings.proxy.secrets).text(reason)
        // What was sent is a handshake then. But where no connection comes about, it is a request: libcurl silently sends it once more
        // when a kept connection turns out to be closed, by a server that may have ended in the middle of it.
        let isHandshake = kind == .tls || kind == .unreachable && code != CURLE_COULDNT_CONNECT
        return HTTPError(kind, "\(request.summary): \(text)", isOutcomeUnknown: wasSent && !isHandshake)
    }

    private func verdict(_ request: HTTPRequest, _ settings: HTTPClient.Settings) -> (HTTPError.Kind, String) {
        switch code {
        case CURLE_ABORTED_BY_CALLBACK:
            return (.invalid, "the body to send could not be made: \(uploadFailure ?? detail)")
        case _ where proxyStatus >= 300:
            let hint = proxyStatus == 407 ? "; it wants a user and password in its URL" : ""
            return (.unreachable, "the proxy answers \(proxyStatus) and does not connect\(hint)")
        case CURLE_PROXY, CURLE_COULDNT_RESOLVE_PROXY:
            return (.unreachable, "the proxy does not connect (\(detail))")
        case CURLE_COULDNT_RESOLVE_HOST:
            return (.unreachable, "the host name cannot be resolved (\(detail))")
        case CURLE_COULDNT_CONNECT:
            return (.unreachable, (systemText ?? "no connection (\(detail))") + proxyHint(settings))
        case CURLE_OPERATION_TIMEDOUT where !wasSent:
            let limit = min(settings.connectTimeout, request.timeout ?? settings.connectTimeout)
            return (.unreachable, "no connection within \(limit)" + proxyHint(settings))
        case CURLE_OPERATION_TIMEDOUT:
            return (.timeout, "no whole answer" + (request.timeout.map { " within \($0)" } ?? ""))
        case CURLE_SSL_CONNECT_ERROR where systemError != 0:
            return (.unreachable, "the connection was lost during the TLS handshake (\(systemText ?? detail))")
        case CURLE_PEER_FAILED_VERIFICATION:
            let holder = isOfProxy ? "proxy" : "server"
            let hint = isOfProxy ? "; the authorities that are trusted for the server are for its proxy too" : ""
            return (.tls, "the \(holder)'s certificate is not trusted (\(detail))\(hint)")
        case CURLE_SSL_CACERT_BADFILE:
            return (
                .invalid,
                "the file of certification authorities cannot be read (\(settings.tls.authorities?.place ?? detail))"
            )
        case CURLE_SSL_CERTPROBLEM:
            return (
                .invalid, "the client's certificate or key cannot be used (\(clientCertificate(settings)): \(detail))"
            )
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_USE_SSL_FAILED:
            return (
                .tls,
                "the TLS handshake\(settings.proxy.isSecure ? " with the proxy or the server" : "") failed (\(detail))"
            )
        case CURLE_WRITE_ERROR where isTooLong:
            return (.unreadable, "the answer is longer than \(request.maximumResponseBytes) bytes")
        case CURLE_BAD_CONTENT_ENCODING, CURLE_WEIRD_SERVER_REPLY,
            CURLE_UNSUPPORTED_PROTOCOL where wasSent:
            return (.unreadable, "the answer cannot be understood (\(detail))")
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            return (.invalid, "the URL is malformed (\(detail))")
        case CURLE_GOT_NOTHING:
            return (.interrupted, "the server closed the connection without an answer")
        case CURLE_PARTIAL_FILE:
            return (.interrupted, "the server closed the connection in the middle of its answer")
        default:
            return (.interrupted, "the connection was lost (\(systemText ?? lastWords))")
        }
    }

    /// libcurl does not say whether it was the proxy that could not be reached.
    private func proxyHint(_ settings: HTTPClient.Settings) -> String {
        if case .server = settings.proxy, settings.unixSocket == nil { "; a proxy is set" } else { "" }
    }

    private func clientCertificate(_ settings: HTTPClient.Settings) -> String {
        [settings.tls.clientCertificate, settings.tls.clientKey].compactMap { $0?.place }.joined(separator: ", ")
    }

    private var lastWords: String { detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail }

    /// "connection refused", in lower case as part of a sentence.
    private var systemText: String? {
        guard systemError != 0, let text = strerror(Int32(truncatingIfNeeded: systemError)) else { return nil }
        return String(cString: text).lowercased()
    }
}
