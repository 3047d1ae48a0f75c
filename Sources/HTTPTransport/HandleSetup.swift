internal import CCurl

/// Sets the options of one libcurl handle and keeps the first refusal.
struct HandleSetup {
    let handle: UnsafeMutableRawPointer
    private(set) var fault: String?

    init(_ handle: UnsafeMutableRawPointer) {
        self.handle = handle
    }

    mutating func check(_ code: CURLcode) {
        guard code != CURLE_OK, fault == nil else { return }
        fault = "libcurl refuses an option: " + String(cString: curl_easy_strerror(code))
    }

    mutating func set(_ option: CURLoption, _ value: Int) {
        check(plumb_curl_set_long(handle, option, value))
    }

    mutating func set(_ option: CURLoption, size: Int) {
        check(plumb_curl_set_size(handle, option, size))
    }

    mutating func set(_ option: CURLoption, _ text: String) {
        check(plumb_curl_set_string(handle, option, text))
    }

    /// PEM from a file or from memory, each by its own option.
    mutating func set(file fileOption: CURLoption, memory memoryOption: CURLoption, _ source: PEMSource) {
        switch source {
        case .file(let path): set(fileOption, path)
        case .bytes(let bytes):
            check(bytes.withUnsafeBytes { plumb_curl_set_bytes(handle, memoryOption, $0.baseAddress, $0.count) })
        }
    }

    mutating func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer) {
        check(plumb_curl_set_pointer(handle, option, pointer))
    }

    /// libcurl makes its own copy, of the length set before.
    mutating func set(_ option: CURLoption, copied bytes: [UInt8]) {
        // An empty array has no address, and without one libcurl would ask for the body.
        let code = (bytes + [0]).withUnsafeBytes { buffer in
            plumb_curl_set_pointer(handle, option, UnsafeMutableRawPointer(mutating: buffer.baseAddress))
        }
        check(code)
    }

    mutating func set(_ option: CURLoption, write callback: plumb_curl_write_callback) {
        check(plumb_curl_set_write(handle, option, callback))
    }

    mutating func set(_ option: CURLoption, read callback: plumb_curl_read_callback) {
        check(plumb_curl_set_read(handle, option, callback))
    }
}

extension HandleSetup {
    /// What a client's settings ask for.
    mutating func apply(_ settings: HTTPClient.Settings, to request: HTTPRequest) {
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_USERAGENT, settings.userAgent)
        set(CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout.wholeMilliseconds)
        // A connection that was idle for longer is likely closed by the server just when it is used again.
        set(CURLOPT_MAXAGE_CONN, 30)
        // A stream over which nothing comes for hours must notice that its server has gone.
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        check(plumb_curl_set_private_sockets(handle))
        apply(settings.version, to: request)
        apply(settings.tls, withCertificate: request.showsCertificate)
        if let path = settings.unixSocket {
            set(CURLOPT_UNIX_SOCKET_PATH, path)
            set(CURLOPT_PROXY, "")
        } else {
            apply(settings.proxy, settings.tls)
        }
    }

    private mutating func apply(_ version: HTTPVersion, to request: HTTPRequest) {
        switch version {
        case .http1: set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        case .http2: set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE))
        case .automatic: set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        }
        // Rather than connecting once for each of many requests that begin together, they wait whether one connection
        // can carry them all.
        if version != .http1, request.url.hasPrefix("https:") || version == .http2 { set(CURLOPT_PIPEWAIT, 1) }
    }

    private mutating func apply(_ tls: TLSSettings, withCertificate: Bool) {
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let authorities = tls.authorities {
            set(file: CURLOPT_CAINFO, memory: CURLOPT_CAINFO_BLOB, authorities)
        }
        if !tls.verifiesServer {
            set(CURLOPT_SSL_VERIFYPEER, 0)
            set(CURLOPT_SSL_VERIFYHOST, 0)
        }
        guard withCertificate, let certificate = tls.clientCertificate else { return }
        set(file: CURLOPT_SSLCERT, memory: CURLOPT_SSLCERT_BLOB, certificate)
        set(file: CURLOPT_SSLKEY, memory: CURLOPT_SSLKEY_BLOB, tls.clientKey ?? certificate)
        if let password = tls.clientKeyPassword { set(CURLOPT_KEYPASSWD, password) }
    }

    private mutating func apply(_ proxy: ProxySettings, _ tls: TLSSettings) {
        switch proxy {
        case .environment: break
        case .none: set(CURLOPT_PROXY, "")
        case .server(let url, let exceptions):
            set(CURLOPT_PROXY, url)
            set(CURLOPT_NOPROXY, exceptions.joined(separator: ","))
        }
        if let authorities = tls.authorities {
            set(file: CURLOPT_PROXY_CAINFO, memory: CURLOPT_PROXY_CAINFO_BLOB, authorities)
        }
    }
}
