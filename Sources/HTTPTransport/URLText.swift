internal import CCurl

/// Writes parts of URLs: everything but RFC 3986's unreserved characters is percent-encoded.
public enum URLText {
    /// One segment of a path, or a name or value of a query.
    public static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isUnreserved(byte) {
                bytes.append(byte)
            } else {
                bytes.append(contentsOf: [UInt8(ascii: "%"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `?a=1&b=2` in the given order, or nothing.
    public static func query(_ items: [(String, String)]) -> String {
        guard !items.isEmpty else { return "" }
        return "?" + items.map { "\(escaped($0.0))=\(escaped($0.1))" }.joined(separator: "&")
    }

    /// The URL with further parameters at the end of its query, before a fragment.
    public static func adding(_ items: [(String, String)], to url: String) -> String {
        let added = query(items).dropFirst()
        guard !added.isEmpty else { return url }
        let whole = url.prefix { $0 != "#" }
        let joint = !whole.contains("?") ? "?" : whole.hasSuffix("?") || whole.hasSuffix("&") ? "" : "&"
        return whole + joint + added + url[whole.endIndex...]
    }

    /// `%41` becomes `A`; what is no escape stays as it is.
    public static func unescaped(_ text: some StringProtocol) -> String {
        guard text.contains("%") else { return String(text) }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = hexValue(bytes[index + 1]),
                let low = hexValue(bytes[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Scheme, host and port of an absolute URL, in lower case, without credentials and without the scheme's own port; nil
    /// where it is no absolute URL. Requests with the same one go to the same server.
    static func authority(_ url: String) -> String? {
        guard let (scheme, host) = schemeAndHost(url), !host.isEmpty else { return nil }
        let ownPort = scheme == "https" ? ":443" : ":80"
        return scheme + "://" + (host.hasSuffix(ownPort) ? String(host.dropLast(ownPort.count)) : host)
    }

    /// `https` and `host:port`, in lower case, without credentials.
    static func schemeAndHost(_ url: String) -> (scheme: String, host: String)? {
        guard let mark = url.utf8.firstRange(of: "://".utf8) else { return nil }
        let authority = url[mark.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return (url[..<mark.lowerBound].lowercased(), host.lowercased())
    }

    /// Where a reference in an answer to `base` leads: `Location`, a page's `next`. Nil where it is no URL.
    public static func resolved(_ reference: String, against base: String) -> String? {
        guard let url = curl_url() else { return nil }
        defer { curl_url_cleanup(url) }
        guard curl_url_set(url, CURLUPART_URL, base, 0) == CURLUE_OK,
            // A space or another character that must be escaped is, as browsers do.
            curl_url_set(url, CURLUPART_URL, reference, UInt32(CURLU_URLENCODE)) == CURLUE_OK
        else { return nil }
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x30 && byte <= 0x39)
            || byte == 0x2D || byte == 0x2E || byte == 0x5F || byte == 0x7E
    }
}
