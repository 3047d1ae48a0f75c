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

    func error(_ request: HTTPRequest, _ settings: HTTPClient.Settings) -> HTTPError {
        let (kind, reason) = verdict(request, settings)
        let text = request.redaction.text(reason)
        let isTLS = kind == .tls || kind == .unreachable
        return HTTPError(kind, "\(request.summary): \(text)", isOutcomeUnknown: wasSent && !isTLS)
    }

    private func verdict(_ request: HTTPRequest, _ settings: HTTPClient.Settings) -> (HTTPError.Kind, String) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return (.unreachable, "the host name cannot be resolved (\(detail))")
        case CURLE_COULDNT_CONNECT:
            return (.unreachable, systemText ?? "no connection (\(detail))")
        case CURLE_OPERATION_TIMEDOUT where !wasSent:
            let limit = min(settings.connectTimeout, request.timeout)
            return (.unreachable, "no connection within \(limit)")
        case CURLE_OPERATION_TIMEDOUT:
            return (.timeout, "no whole answer within \(request.timeout)")
        case CURLE_SSL_CONNECT_ERROR where systemError != 0:
            return (.unreachable, "the connection was lost during the TLS handshake (\(systemText ?? detail))")
        case CURLE_PEER_FAILED_VERIFICATION:
            return (.tls, "the server's certificate is not trusted (\(detail))")
        case CURLE_SSL_CACERT_BADFILE:
            return (.invalid, "the file of certification authorities cannot be read (\(settings.caFile ?? detail))")
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_USE_SSL_FAILED:
            return (.tls, "the TLS handshake failed (\(detail))")
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

    private var lastWords: String { detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail }

    /// "connection refused", in lower case as part of a sentence.
    private var systemText: String? {
        guard systemError != 0, let text = strerror(Int32(truncatingIfNeeded: systemError)) else { return nil }
        return String(cString: text).lowercased()
    }
}
