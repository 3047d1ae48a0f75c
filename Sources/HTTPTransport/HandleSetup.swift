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
