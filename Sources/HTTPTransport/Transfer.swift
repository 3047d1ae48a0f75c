internal import CCurl
internal import Glibc

/// One attempt at a request, from the queue to its result.
///
/// Made by the task that waits for it; from then on the loop's thread alone touches it, so nothing in it is locked.
final class Transfer: @unchecked Sendable {
    let host: String
    private let request: HTTPRequest
    private var continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>?
    private(set) var handle: UnsafeMutableRawPointer?
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var sentBytes = 0
    private var headers: [(String, String)] = []
    private var body: [UInt8] = []
    private var isTooLong = false

    init(_ request: HTTPRequest) {
        self.request = request
        host = URLText.authority(request.url) ?? ""
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        errorText.deallocate()
    }

    /// Called once, before the transfer is posted.
    func setContinuation(_ continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>) {
        self.continuation = continuation
    }

    /// Tells libcurl what to do; gives what it does not accept.
    func prepare(_ handle: UnsafeMutableRawPointer, _ settings: HTTPClient.Settings) -> String? {
        self.handle = handle
        let this = Unmanaged.passUnretained(self).toOpaque()
        var setup = HandleSetup(handle)
        setup.set(CURLOPT_ERRORBUFFER, pointer: errorText)
        setup.set(CURLOPT_URL, request.url)
        setup.set(CURLOPT_PROTOCOLS_STR, "http,https")
        setup.set(CURLOPT_NOSIGNAL, 1)
        setup.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        setup.set(CURLOPT_ACCEPT_ENCODING, "")
        setup.set(CURLOPT_USERAGENT, settings.userAgent)
        setup.set(CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout.wholeMilliseconds)
        setup.set(CURLOPT_TIMEOUT_MS, request.timeout.wholeMilliseconds)
        // A connection that was idle for longer is likely closed by the server just when it is used again.
        setup.set(CURLOPT_MAXAGE_CONN, 30)
        if let path = settings.unixSocket { setup.set(CURLOPT_UNIX_SOCKET_PATH, path) }
        if let path = settings.caFile { setup.set(CURLOPT_CAINFO, path) }
        setup.set(CURLOPT_WRITEFUNCTION, write: Transfer.takeBody)
        setup.set(CURLOPT_WRITEDATA, pointer: this)
        setup.set(CURLOPT_HEADERFUNCTION, write: Transfer.takeHeader)
        setup.set(CURLOPT_HEADERDATA, pointer: this)
        prepareMethod(&setup, this)
        prepareHeaders(&setup)
        return setup.fault
    }

    private func prepareMethod(_ setup: inout HandleSetup, _ this: UnsafeMutableRawPointer) {
        let carriesBody = !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method)
        if !carriesBody {
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
        if !request.isIdempotent, request.body.isEmpty { setup.set(CURLOPT_FRESH_CONNECT, 1) }
        if request.method != "HEAD" { setup.set(CURLOPT_CUSTOMREQUEST, request.method) }
    }

    private func prepareHeaders(_ setup: inout HandleSetup) {
        var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        lines.append("Expect:")
        if request.headers["Content-Type"] == nil { lines.append("Content-Type:") }
        for line in lines { headerList = curl_slist_append(headerList, line) }
        setup.check(plumb_curl_set_headers(setup.handle, headerList))
    }

    /// Hands the result to the task that waits.
    func finish(_ code: CURLcode, _ settings: HTTPClient.Settings) {
        guard code == CURLE_OK else {
            let failure = TransferFailure(
                code: code, systemError: long(CURLINFO_OS_ERRNO), detail: String(cString: errorText),
                wasSent: wasSent, isTooLong: isTooLong)
            return resume(.failure(failure.error(request, settings)))
        }
        let response = HTTPResponse(status: long(CURLINFO_RESPONSE_CODE), headers: HTTPHeaders(headers), body: body)
        resume(.success(response))
    }

    func fail(_ kind: HTTPError.Kind, _ reason: String) {
        resume(.failure(HTTPError(kind, "\(request.summary): \(reason)", isOutcomeUnknown: wasSent)))
    }

    /// Forgets the handle, which goes on to serve others.
    func letGo() {
        handle = nil
        curl_slist_free_all(headerList)
        headerList = nil
    }

    private func resume(_ result: Result<HTTPResponse, HTTPError>) {
        continuation?.resume(returning: result)
        continuation = nil
    }

    /// Whether a byte of the request has left.
    private var wasSent: Bool { long(CURLINFO_REQUEST_SIZE) > 0 }

    private func long(_ info: CURLINFO) -> Int {
        guard let handle else { return 0 }
        var value = 0
        plumb_curl_get_long(handle, info, &value)
        return value
    }

    private static let takeBody: plumb_curl_write_callback = { bytes, size, count, user in
        guard let bytes, let user else { return 0 }
        let transfer = Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue()
        let length = size * count
        guard transfer.body.count + length <= transfer.request.maximumResponseBytes else {
            transfer.isTooLong = true
            return 0
        }
        transfer.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: length))
        return length
    }

    private static let takeHeader: plumb_curl_write_callback = { bytes, size, count, user in
        guard let bytes, let user else { return 0 }
        let transfer = Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue()
        transfer.takeHeaderLine(UnsafeRawBufferPointer(start: bytes, count: size * count))
        return size * count
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

    private func takeHeaderLine(_ line: UnsafeRawBufferPointer) {
        // A status line begins the headers anew: those of a `100 Continue` or of a proxy are not the answer's.
        if line.starts(with: "HTTP/".utf8) { return headers.removeAll() }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = String(decoding: line[..<colon], as: UTF8.self)
        let space: Set<UInt8> = [0x20, 0x09, 0x0D, 0x0A]
        var value = line[(colon + 1)...].drop { space.contains($0) }
        while let last = value.last, space.contains(last) { value.removeLast() }
        headers.append((name, String(decoding: value, as: UTF8.self)))
    }
}

extension Duration {
    /// Rounded up, so that a short wait does not become none.
    var wholeMilliseconds: Int { Int((self / .milliseconds(1)).rounded(.up)) }
}
