import Foundation
import LibvirtFixtures

/// A connection without any HTTP of its own.
enum RawConnection {
    static func open(_ path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if status == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    /// Over TCP, to this machine.
    static func open(port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if status == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    /// One after the other, on a thread of its own because that waits. What this process may open bounds how many are there at
    /// once; the others come and go.
    static func open(
        _ count: Int, keeping kept: Int, _ open: @escaping @Sendable () -> Int32?
    ) async -> (opened: Int, held: [Int32]) {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var (opened, held) = (0, [Int32]())
                for _ in 0..<count {
                    guard let descriptor = open() else { continue }
                    opened += 1
                    if held.count < kept { held.append(descriptor) } else { close(descriptor) }
                }
                continuation.resume(returning: (opened, held))
            }
        }
    }

    /// False: the other side has closed.
    static func send(_ descriptor: Int32, _ byte: UInt8) -> Bool {
        var byte = byte
        return Foundation.send(descriptor, &byte, 1, Int32(MSG_NOSIGNAL)) == 1
    }

    /// Sends one byte a second until the other side closes; how many it took.
    static func drips(_ bytes: [UInt8], into descriptor: Int32) async throws -> Int {
        var sent = 0
        for byte in bytes {
            guard send(descriptor, byte) else { break }
            sent += 1
            try await Task.sleep(for: .seconds(1))
        }
        return sent
    }

    /// One byte a second of a head that never ends, after a real handshake; the seconds until the other side closes.
    static func dripsOverTLS(_ port: Int, _ certificates: Certificates) async throws -> Int {
        let script = """
            begin=$(date +%s)
            { printf 'GET /health HTTP/1.1\\r\\nX-Slow: '; for n in $(seq 60); do printf a; sleep 1; done; } |
                timeout 60 openssl s_client -quiet -connect 127.0.0.1:\(port) -CAfile '\(certificates.path("ca.pem"))' \
                    -cert '\(certificates.path("client.pem"))' -key '\(certificates.path("client.key"))' >/dev/null 2>&1 &
            client=$!
            while kill -0 $client 2>/dev/null && [ $(($(date +%s) - begin)) -lt 50 ]; do sleep 0.2; done
            echo $(($(date +%s) - begin))
            """
        let text = try await LibvirtServer.run(URL(fileURLWithPath: "/bin/sh"), ["-c", script])
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? .max
    }
}
