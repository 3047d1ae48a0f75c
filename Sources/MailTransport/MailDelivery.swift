internal import CCurl
internal import Glibc
internal import Synchronization

extension MailServer {
    /// Hands one mail over, on a thread of its own; a cancelled task lets go of it within a second or so.
    ///
    /// - Throws: why it was not taken: by all recipients or by none.
    public func take(_ message: MailMessage) async throws(MailError) {
        let delivery = MailDelivery(message, self)
        let error = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in delivery.start(continuation) }
        } onCancel: {
            delivery.cancel()
        }
        if let error { throw error }
    }
}

/// One mail on its way: made by the task that waits, then of its own thread alone but for the cancellation.
private final class MailDelivery: @unchecked Sendable {
    private let message: [UInt8]
    private let from: String
    private let to: [String]
    private let server: MailServer
    private var continuation: CheckedContinuation<MailError?, Never>?
    private let isCancelled = Atomic<Bool>(false)
    private var offset = 0
    /// What the server has refused last.
    private var words = ""

    /// libcurl counts how often it is asked, and does it once.
    private static let isCurlReady: Bool = plumb_curl_global_init() == CURLE_OK
    private static let longestWords = 300

    init(_ message: MailMessage, _ server: MailServer) {
        self.message = message.bytes
        from = message.from
        to = message.to
        self.server = server
    }

    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    func start(_ continuation: CheckedContinuation<MailError?, Never>) {
        self.continuation = continuation
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(self)
        let failed = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<MailDelivery>.fromOpaque(argument).takeRetainedValue().work()
                return nil
            }, retained.toOpaque())
        if failed == 0 {
            pthread_detach(thread)
        } else {
            retained.release()
            end(
                MailError(
                    "No thread could be started to send a mail: \(String(cString: strerror(failed)))", isTransient: true
                ))
        }
    }

    private func end(_ error: MailError?) {
        continuation?.resume(returning: error)
        continuation = nil
    }

    private func work() {
        // OpenSSL writes to sockets in a way that a server's closing would end the whole process with a signal.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        guard Self.isCurlReady, let handle = curl_easy_init() else {
            return end(MailError("libcurl cannot be used", isTransient: false))
        }
        defer { curl_easy_cleanup(handle) }
        var recipients: UnsafeMutablePointer<curl_slist>?
        for recipient in to { recipients = curl_slist_append(recipients, "<\(recipient)>") }
        defer { curl_slist_free_all(recipients) }
        let detail = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        detail.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        defer { detail.deallocate() }
        if let fault = prepare(handle, recipients, detail) {
            return end(MailError("libcurl refuses an option: \(fault)", isTransient: false))
        }
        let code = curl_easy_perform(handle)
        guard code != CURLE_OK else { return end(nil) }
        var status = 0
        plumb_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        let text = String(cString: detail)
        let reason = text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
        end(MailError(code, server, status: status, words: words, detail: reason))
    }

    /// - Returns: what libcurl does not accept.
    private func prepare(
        _ handle: UnsafeMutableRawPointer, _ recipients: UnsafeMutablePointer<curl_slist>?,
        _ detail: UnsafeMutablePointer<CChar>
    ) -> String? {
        let this = Unmanaged.passUnretained(self).toOpaque()
        let patience = server.patience.components
        let milliseconds = Int(patience.seconds) * 1000 + Int(patience.attoseconds / 1_000_000_000_000_000)
        var codes = [
            plumb_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, detail),
            plumb_curl_set_string(handle, CURLOPT_URL, server.url),
            plumb_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps"),
            plumb_curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
            plumb_curl_set_private_sockets(handle),
            plumb_curl_set_long(handle, CURLOPT_TIMEOUT_MS, milliseconds),
            plumb_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds / 2),
            plumb_curl_set_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            plumb_curl_set_long(
                handle, CURLOPT_USE_SSL, Int((server.security == .none ? CURLUSESSL_NONE : CURLUSESSL_ALL).rawValue)),
            plumb_curl_set_string(handle, CURLOPT_MAIL_FROM, "<\(from)>"),
            plumb_curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients),
            plumb_curl_set_long(handle, CURLOPT_UPLOAD, 1),
            plumb_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(message.count)),
            plumb_curl_set_read(handle, CURLOPT_READFUNCTION, Self.give),
            plumb_curl_set_pointer(handle, CURLOPT_READDATA, this),
            plumb_curl_set_write(handle, CURLOPT_HEADERFUNCTION, Self.hear),
            plumb_curl_set_pointer(handle, CURLOPT_HEADERDATA, this),
            plumb_curl_set_write(handle, CURLOPT_WRITEFUNCTION, Self.ignore),
            plumb_curl_set_long(handle, CURLOPT_NOPROGRESS, 0),
            plumb_curl_set_progress(handle, CURLOPT_XFERINFOFUNCTION, Self.look),
            plumb_curl_set_pointer(handle, CURLOPT_XFERINFODATA, this),
        ]
        if let login = server.login {
            codes.append(plumb_curl_set_string(handle, CURLOPT_USERNAME, login.user))
            codes.append(plumb_curl_set_string(handle, CURLOPT_PASSWORD, login.password))
        }
        if let authorities = server.authorities {
            codes.append(plumb_curl_set_string(handle, CURLOPT_CAINFO, authorities))
        }
        return codes.first { $0 != CURLE_OK }.map { String(cString: curl_easy_strerror($0)) }
    }

    private static func this(_ user: UnsafeMutableRawPointer?) -> MailDelivery? {
        user.map { Unmanaged<MailDelivery>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let give: plumb_curl_read_callback = { buffer, size, count, user in
        guard let this = this(user), let buffer else { return 0 }
        let rest = this.message[this.offset...].prefix(size * count)
        rest.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { memcpy(buffer, base, bytes.count) }
        }
        this.offset += rest.count
        return rest.count
    }

    /// Keeps the last line in which the server has refused something, as people may see it: it says goodbye after that.
    private static let hear: plumb_curl_write_callback = { bytes, size, count, user in
        guard let this = this(user), let bytes else { return size * count }
        let line = UnsafeRawBufferPointer(start: bytes, count: min(size * count, longestWords))
        let text = String(decoding: line, as: UTF8.self)
        if let status = Int(text.prefix(3)), status >= 400 {
            this.words = String(text.map { $0.isASCII && ($0.asciiValue ?? 0) >= 32 ? $0 : " " }).trimmed
        }
        return size * count
    }

    private static let ignore: plumb_curl_write_callback = { _, size, count, _ in size * count }

    private static let look: plumb_curl_progress_callback = { user, _, _, _, _ in
        this(user)?.isCancelled.load(ordering: .relaxed) == true ? 1 : 0
    }
}

extension String {
    fileprivate var trimmed: String {
        var rest = self[...].drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
