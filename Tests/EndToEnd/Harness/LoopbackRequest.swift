import Foundation

/// One request to a server on a loopback port, without a process of its own: for tests that look often.
struct LoopbackRequest: Sendable {
    struct Answer: Sendable {
        let status: Int
        let body: String
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let method: String
    private let url: String
    private let headers: [String: String]
    private let body: String

    /// - Parameter url: of a server on 127.0.0.1, with its port.
    init(_ method: String, _ url: String, headers: [String: String] = [:], body: String = "") {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    func send() async throws -> Answer {
        // A thread of its own: the cooperative pool must not block.
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result { try exchange() }) }
            thread.start()
        }
    }

    private func exchange() throws -> Answer {
        guard let place = URL(string: url), let port = place.port else { throw Failure(description: "no URL: \(url)") }
        let socket = try connect(UInt16(port))
        defer { close(socket) }
        let target = (place.path.isEmpty ? "/" : place.path) + (place.query.map { "?\($0)" } ?? "")
        var text = "\(method) \(target) HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: \(body.utf8.count)\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        try write(Array((text + "\r\n" + body).utf8), to: socket)
        return try read(from: socket)
    }

    private func connect(_ port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw Failure(description: "no connection to \(url): \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    private func write(_ bytes: [UInt8], to socket: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(description: "\(url) took no request") }
            rest = rest.dropFirst(count)
        }
    }

    /// Ends with the body's length where the server tells it: it may keep the connection open.
    private func read(from socket: Int32) throws -> Answer {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let gap = Array("\r\n\r\n".utf8)
        while true {
            if let end = bytes.firstRange(of: gap) {
                let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                let body = bytes[end.upperBound...]
                let lines = head.split(separator: "\r\n")
                let status = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
                let length = lines.lazy.compactMap { line -> Int? in
                    guard line.lowercased().hasPrefix("content-length:") else { return nil }
                    return Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces))
                }.first
                if status == 204 || length.map({ body.count >= $0 }) ?? false {
                    return Answer(status: status, body: String(decoding: body, as: UTF8.self))
                }
            }
            let count = Glibc.recv(socket, &buffer, buffer.count, 0)
            if count > 0 {
                bytes += buffer[..<count]
            } else if count == 0, let end = bytes.firstRange(of: gap) {
                let status = Int(String(decoding: bytes.dropFirst(9).prefix(3), as: UTF8.self)) ?? 0
                return Answer(status: status, body: String(decoding: bytes[end.upperBound...], as: UTF8.self))
            } else {
                throw Failure(description: "\(url) gave no whole answer")
            }
        }
    }
}
