internal import CCurl
internal import Glibc

/// One attempt at a request, from the queue to its result.
///
/// Made by the task that waits for it; from when it is posted the loop's thread alone touches it, so nothing in it is locked.
final class Transfer: @unchecked Sendable {
    let host: String
    /// Whether the request has waited for its turn before.
    let isRepeated: Bool
    let upload: UploadChannel?
    /// The loop has seen it.
    var isAdmitted = false

    let request: HTTPRequest
    private let channel: ResponseChannel?
    private var continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>?
    private(set) var handle: UnsafeMutableRawPointer?
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var connectList: UnsafeMutablePointer<curl_slist>?
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var sentBytes = 0
    private var head = ResponseHead()
    private var body: [UInt8] = []
    private var isTooLong = false
    private var isUploadShort = false
    private var hasHead = false
    private(set) var isOver = false

    private var start = ContinuousClock.now
    /// When a byte moved last, as far as is known.
    private var lastActivity = ContinuousClock.now
    private var uploadedBytes = 0
    private var alarm: SilenceAlarm?

    init(_ request: HTTPRequest, isRepeated: Bool = false, channel: ResponseChannel? = nil) {
        self.request = request
        self.isRepeated = isRepeated
        self.channel = channel
        host = URLText.authority(request.url) ?? ""
        upload = request.bodyStream.map { _ in UploadChannel() }
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        errorText.deallocate()
    }

    var isStream: Bool { channel != nil }

    /// Called once, before the transfer is posted.
    func setContinuation(_ continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>) {
        self.continuation = continuation
    }

    /// Tells libcurl what to do; gives what it does not accept.
    func prepare(
        _ handle: UnsafeMutableRawPointer, _ settings: HTTPClient.Settings, _ alarm: SilenceAlarm
    ) -> String? {
        self.handle = handle
        self.alarm = alarm
        start = .now
        lastActivity = start
        setAlarm()
        let this = Unmanaged.passUnretained(self).toOpaque()
        var setup = HandleSetup(handle)
        setup.set(CURLOPT_ERRORBUFFER, pointer: errorText)
        // A stream's own clock stops with its head, libcurl's would not.
        if let timeout = request.timeout, !isStream { setup.set(CURLOPT_TIMEOUT_MS, timeout.wholeMilliseconds) }
        if !isStream { setup.set(CURLOPT_ACCEPT_ENCODING, "") }
        setup.set(CURLOPT_WRITEFUNCTION, write: Transfer.takeBody)
        setup.set(CURLOPT_WRITEDATA, pointer: this)
        setup.set(CURLOPT_HEADERFUNCTION, write: Transfer.takeHeader)
        setup.set(CURLOPT_HEADERDATA, pointer: this)
        setup.apply(settings, to: request)
        prepareMethod(&setup, this)
        let renamed = settings.tls.serverName.flatMap { ServerNaming(request.url, serverName: $0) }
        setup.set(CURLOPT_URL, renamed?.url ?? request.url)
        if let renamed {
            connectList = curl_slist_append(nil, renamed.connection)
            setup.check(plumb_curl_set_list(handle, CURLOPT_CONNECT_TO, connectList))
        }
        prepareHeaders(&setup, hostHeader: renamed?.host)
        return setup.fault
    }

    private func prepareMethod(_ setup: inout HandleSetup, _ this: UnsafeMutableRawPointer) {
        let carriesBody = !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method)
        if let stream = request.bodyStream {
            setup.set(CURLOPT_UPLOAD, 1)
            setup.set(CURLOPT_INFILESIZE_LARGE, size: stream.length ?? -1)
            setup.set(CURLOPT_READFUNCTION, read: Transfer.giveStream)
            setup.set(CURLOPT_READDATA, pointer: this)
        } else if !carriesBody {
            setup.set(request.method == "HEAD" ? CURLOPT_NOBODY : CURLOPT_HTTPGET, 1)
        } else if request.isIdempotent || request.body.isEmpty {
            setup.set(CURLOPT_POST, 1)
            setup.set(CURLOPT_POSTFIELDSIZE_LARGE, size: request.body.count)
            setup.set(CURLOPT_COPYPOSTFIELDS, copied: request.body)
        } else {
            // libcurl silently sends a request once more when a kept connection turns out to be closed. It cannot, and
            // fails instead, when it has no way to rewind the body: a request that may have had its effect is not repeated.
            setup.set(CURLOPT_POST, 1)
            setup.set(CURLOPT_POSTFIELDSIZE_LARGE, size: request.body.count)
            setup.set(CURLOPT_READFUNCTION, read: Transfer.giveBody)
            setup.set(CURLOPT_READDATA, pointer: this)
        }
        // Without a body nothing would keep libcurl from that; on a new connection there is no occasion for it.
        if !request.isIdempotent, request.body.isEmpty, !["GET", "HEAD"].contains(request.method) {
            setup.set(CURLOPT_FRESH_CONNECT, 1)
        }
        if request.method != "HEAD" { setup.set(CURLOPT_CUSTOMREQUEST, request.method) }
    }

    private func prepareHeaders(_ setup: inout HandleSetup, hostHeader: String?) {
        var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        lines.append("Expect:")
        if let hostHeader, request.headers["Host"] == nil { lines.append("Host: \(hostHeader)") }
        if request.headers["Content-Type"] == nil { lines.append("Content-Type:") }
        for line in lines { headerList = curl_slist_append(headerList, line) }
        setup.check(plumb_curl_set_list(setup.handle, CURLOPT_HTTPHEADER, headerList))
    }

    /// Hands the result to the task that waits.
    ///
    /// - Parameter reason: why the host is given up, where this refusal was the last one that is waited for.
    func finish(_ code: CURLcode, _ settings: HTTPClient.Settings, isGivenUpFor reason: String?) {
        // A stream's head has been handed out by now.
        if let reason, !isStream { return end(.failure(HTTPError(.throttled, "\(request.summary): \(reason)"))) }
        guard code == CURLE_OK else {
            let failure = TransferFailure(
                code: code, systemError: long(CURLINFO_OS_ERRNO), detail: String(cString: errorText),
                wasSent: wasSent, isTooLong: isTooLong,
                uploadFailure: isUploadShort ? "it ended after \(sentBytes) bytes" : upload?.failure,
                proxyStatus: long(CURLINFO_HTTP_CONNECTCODE), isOfProxy: long(CURLINFO_PROXY_SSL_VERIFYRESULT) != 0)
            return end(.failure(failure.error(request, settings)))
        }
        end(.success(response(body)))
    }

    func fail(_ kind: HTTPError.Kind, _ reason: String) {
        let isUnknown = wasSent
        end(.failure(HTTPError(kind, "\(request.summary): \(reason)", isOutcomeUnknown: isUnknown)))
    }

    /// Forgets the handle, which goes on to serve others.
    func letGo() {
        handle = nil
        curl_slist_free_all(headerList)
        curl_slist_free_all(connectList)
        headerList = nil
        connectList = nil
    }

    var isReading: Bool { request.method == "GET" || request.method == "HEAD" }

    /// What the answer says about the host's patience; nil without an answer.
    var answer: HostGate.Answer? {
        guard head.status > 0 else { return nil }
        let throttling = Throttling(status: head.status, headers: head.headers)
        return HostGate.Answer(
            throttling: throttling, start: start, isReading: isReading,
            words: throttling?.isRefusal == true ? refusalWords : "")
    }

    /// `429 Too Many Requests, Retry-After: 1: slow down`
    private var refusalWords: String {
        let asked = head.headers["Retry-After"].map { ", Retry-After: \($0.prefix(40))" } ?? ""
        let text = request.hidesResponseBody ? "" : String(decoding: body.prefix(500), as: UTF8.self)
        let line = request.redaction.body(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
        // A page for people says less than the status.
        let excerpt = line.isEmpty || line.hasPrefix("<") ? "" : ": \(line.prefix(200))"
        return response([]).statusText + asked + excerpt
    }

    private func end(_ result: Result<HTTPResponse, HTTPError>) {
        isOver = true
        upload?.close()
        answer(result)
        channel?.finish(result.map { _ in })
    }

    private func answer(_ result: Result<HTTPResponse, HTTPError>) {
        continuation?.resume(returning: result)
        continuation = nil
    }

    private func response(_ body: [UInt8]) -> HTTPResponse {
        var response = HTTPResponse(status: head.status, headers: head.headers, body: body)
        response.isHTTP2 = head.isHTTP2
        response.receivedAt = .now
        return response
    }

    /// Whether a byte of the request has reached the server, not only a proxy on the way.
    private var wasSent: Bool {
        let proxyStatus = long(CURLINFO_HTTP_CONNECTCODE)
        return long(CURLINFO_REQUEST_SIZE) > 0 && (proxyStatus == 0 || (200...299).contains(proxyStatus))
    }

    private func long(_ info: CURLINFO) -> Int {
        guard let handle else { return 0 }
        var value = 0
        plumb_curl_get_long(handle, info, &value)
        return value
    }

    private func offset(_ info: CURLINFO) -> Int {
        guard let handle else { return 0 }
        var value: curl_off_t = 0
        plumb_curl_get_offset(handle, info, &value)
        return Int(value)
    }
}

// MARK: - Silence

extension Transfer {
    /// Whether somebody has to look at the clock for it.
    var isTimed: Bool { request.firstByteTimeout != nil || request.idleTimeout != nil || (isStream && !hasHead) }

    /// Asks to be looked at when it may have been silent for too long.
    func setAlarm() {
        let times = [headDeadline, currentPatience.map { lastActivity + $0 }]
        if let first = times.compactMap(\.self).min() { alarm?.set(first) }
    }

    /// Why it has taken too long; nil while it has not.
    func silence(_ now: ContinuousClock.Instant) -> String? {
        if let headDeadline, headDeadline <= now, let timeout = request.timeout { return "no answer within \(timeout)" }
        guard let patience = currentPatience, lastActivity + patience <= now else { return nil }
        let uploaded = offset(CURLINFO_SIZE_UPLOAD_T)
        let pretransfer = offset(CURLINFO_PRETRANSFER_TIME_T)
        if pretransfer == 0 {
            // Not connected yet: another clock runs for that.
            lastActivity = now
        } else if uploaded != uploadedBytes, isUploading {
            lastActivity = now
            uploadedBytes = uploaded
        }
        lastActivity = max(lastActivity, start + .microseconds(pretransfer))
        guard lastActivity + patience <= now else { return nil }
        return hasHead ? "the answer stopped: no byte came for \(patience)" : "no byte of an answer within \(patience)"
    }

    /// A short body counts as sent with its head.
    private var isUploading: Bool {
        if let stream = request.bodyStream { return uploadedBytes != stream.length }
        return request.body.count > 65_536 && uploadedBytes < request.body.count
    }

    private var headDeadline: ContinuousClock.Instant? {
        guard isStream, !hasHead, let timeout = request.timeout else { return nil }
        return start + timeout
    }

    private var currentPatience: Duration? {
        if hasHead { return request.idleTimeout }
        return isUploading ? request.idleTimeout ?? request.firstByteTimeout : request.firstByteTimeout
    }
}

// MARK: - libcurl's callbacks

extension Transfer {
    private static let takeBody: plumb_curl_write_callback = { bytes, size, count, user in
        guard let bytes, let user else { return 0 }
        let transfer = Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue()
        return transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        if request.idleTimeout != nil { lastActivity = .now }
        if let channel { return channel.offer(bytes) ? bytes.count : Int(CURL_WRITEFUNC_PAUSE) }
        guard body.count + bytes.count <= request.maximumResponseBytes else {
            isTooLong = true
            return 0
        }
        body.append(contentsOf: bytes)
        return bytes.count
    }

    private static let takeHeader: plumb_curl_write_callback = { bytes, size, count, user in
        guard let bytes, let user else { return 0 }
        let transfer = Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue()
        transfer.takeHeaderLine(UnsafeRawBufferPointer(start: bytes, count: size * count))
        return size * count
    }

    private func takeHeaderLine(_ line: UnsafeRawBufferPointer) {
        guard head.take(line), !hasHead else { return }
        hasHead = true
        lastActivity = .now
        setAlarm()
        if isStream { answer(.success(response([]))) }
    }

    private static let giveBody: plumb_curl_read_callback = { bytes, size, count, user in
        guard let bytes, let user else { return 0 }
        let transfer = Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue()
        let next = transfer.request.body[transfer.sentBytes...].prefix(size * count)
        next.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(start: bytes, count: source.count).copyMemory(from: source)
        }
        transfer.sentBytes += next.count
        return next.count
    }

    private static let giveStream: plumb_curl_read_callback = { bytes, size, count, user in
        guard let bytes, let user else { return 0 }
        let transfer = Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue()
        guard let upload = transfer.upload else { return 0 }
        switch upload.take(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count)) {
        case .bytes(let count):
            transfer.lastActivity = .now
            transfer.sentBytes += count
            return count
        case .wait: return Int(CURL_READFUNC_PAUSE)
        case .end:
            // The server would wait for the rest.
            if let length = transfer.request.bodyStream?.length, transfer.sentBytes < length {
                transfer.isUploadShort = true
                return Int(CURL_READFUNC_ABORT)
            }
            return 0
        case .failed: return Int(CURL_READFUNC_ABORT)
        }
    }
}

extension Duration {
    /// Rounded up, so that a short wait does not become none.
    var wholeMilliseconds: Int { Int((self / .milliseconds(1)).rounded(.up)) }
}
