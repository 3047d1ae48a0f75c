import CLibGit2

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The connections of libgit2, in the place of its own, which nobody can end from outside: a server that falls silent would
/// keep a thread and a socket for ever. These are shut down when their `FetchWatch` stops.
enum InterruptibleSocket {
    private typealias Stream = UnsafeMutablePointer<git_stream>

    static func register() {
        var registration = git_stream_registration(
            version: GIT_STREAM_VERSION, init: { out, host, port in InterruptibleSocket.make(out, host, port) },
            wrap: nil)
        git_stream_register(GIT_STREAM_STANDARD, &registration)
    }

    private static func make(
        _ out: UnsafeMutablePointer<UnsafeMutablePointer<git_stream>?>?, _ host: UnsafePointer<CChar>?,
        _ port: UnsafePointer<CChar>?
    ) -> Int32 {
        guard let host, let port, let memory = calloc(1, MemoryLayout<plumb_git_socket>.size) else {
            return fail("out of memory")
        }
        let socket = memory.bindMemory(to: plumb_git_socket.self, capacity: 1)
        socket.pointee.parent.version = GIT_STREAM_VERSION
        socket.pointee.parent.connect = { InterruptibleSocket.connect($0) }
        socket.pointee.parent.read = { InterruptibleSocket.read($0, $1, $2) }
        socket.pointee.parent.write = { stream, bytes, count, _ in InterruptibleSocket.write(stream, bytes, count) }
        socket.pointee.parent.close = { InterruptibleSocket.close($0) }
        socket.pointee.parent.free = { InterruptibleSocket.free($0) }
        socket.pointee.host = strdup(host)
        socket.pointee.port = strdup(port)
        socket.pointee.socket = -1
        out?.pointee = UnsafeMutableRawPointer(socket).assumingMemoryBound(to: git_stream.self)
        return 0
    }

    /// The stream is the first part of the socket's memory.
    private static func socket(_ stream: Stream?) -> UnsafeMutablePointer<plumb_git_socket>? {
        stream.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: plumb_git_socket.self) }
    }

    private static func fail(_ reason: String) -> Int32 {
        git_error_set_str(Int32(GIT_ERROR_NET.rawValue), reason)
        return -1
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

    // MARK: Connecting

    private static func connect(_ stream: Stream?) -> Int32 {
        guard let socket = socket(stream), let host = socket.pointee.host, let port = socket.pointee.port else {
            return fail("there is no address")
        }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, port, &hints, &found)
        guard code == 0 else {
            return fail("the name \(String(cString: host)) cannot be resolved: \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(found) }
        var failure: Int32 = 0
        var next = found
        while let address = next {
            next = address.pointee.ai_next
            let descriptor = connected(to: address.pointee, &failure)
            guard descriptor >= 0 else { continue }
            socket.pointee.socket = descriptor
            return 0
        }
        return fail("\(String(cString: host)):\(String(cString: port)) cannot be connected to: \(reason(failure))")
    }

    /// - Returns: an open socket, or -1 and why.
    private static func connected(to address: addrinfo, _ failure: inout Int32) -> Int32 {
        let descriptor = systemSocket(address.ai_family, address.ai_socktype, address.ai_protocol)
        guard descriptor >= 0 else {
            failure = errno
            return -1
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        #if canImport(Darwin)
            var yes: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
        #endif
        FetchWatch.current?.opened(descriptor)
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        let code = systemConnect(descriptor, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno
        failure = code == EINPROGRESS ? awaitConnection(descriptor) : code
        guard failure == 0 else {
            end(descriptor)
            return -1
        }
        _ = fcntl(descriptor, F_SETFL, flags)
        return descriptor
    }

    /// - Returns: why it did not come about; 0 if it did.
    private static func awaitConnection(_ descriptor: Int32) -> Int32 {
        while true {
            if FetchWatch.current?.isStopped == true { return ETIMEDOUT }
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let ready = poll(&wait, 1, 100)
            if ready < 0, errno != EINTR { return errno }
            guard ready > 0 else { continue }
            var code: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
        }
    }

    // MARK: Talking

    #if canImport(Darwin)
        private static let quietly: Int32 = 0
    #else
        /// A server that has gone away is an error, and no signal that ends the process.
        private static let quietly = Int32(MSG_NOSIGNAL)
    #endif

    private static func read(_ stream: Stream?, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        guard let socket = socket(stream) else { return Int(fail("there is no connection")) }
        while true {
            let read = recv(socket.pointee.socket, buffer, count, 0)
            if read < 0, errno == EINTR { continue }
            guard read >= 0 else { return Int(fail("reading from the server: \(reason(errno))")) }
            FetchWatch.current?.live()
            return read
        }
    }

    private static func write(_ stream: Stream?, _ bytes: UnsafePointer<CChar>?, _ count: Int) -> Int {
        guard let socket = socket(stream) else { return Int(fail("there is no connection")) }
        while true {
            let written = send(socket.pointee.socket, bytes, count, quietly)
            if written < 0, errno == EINTR { continue }
            guard written >= 0 else { return Int(fail("writing to the server: \(reason(errno))")) }
            return written
        }
    }

    private static func close(_ stream: Stream?) -> Int32 {
        guard let socket = socket(stream), socket.pointee.socket >= 0 else { return 0 }
        end(socket.pointee.socket)
        socket.pointee.socket = -1
        return 0
    }

    private static func end(_ descriptor: Int32) {
        if let watch = FetchWatch.current { watch.close(descriptor) } else { systemClose(descriptor) }
    }

    private static func free(_ stream: Stream?) {
        guard let socket = socket(stream) else { return }
        _ = close(stream)
        systemFree(socket.pointee.host)
        systemFree(socket.pointee.port)
        systemFree(socket)
    }
}

// The system's calls that methods of the same names hide.
private func systemClose(_ descriptor: Int32) { _ = close(descriptor) }
private func systemFree(_ memory: UnsafeMutableRawPointer?) { free(memory) }
private func systemSocket(_ family: Int32, _ type: Int32, _ proto: Int32) -> Int32 {
    #if canImport(Glibc)
        // From the first moment on, for another thread may start a program at any time.
        socket(family, type | Int32(SOCK_CLOEXEC.rawValue), proto)
    #else
        socket(family, type, proto)
    #endif
}
private func systemConnect(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>?, _ size: socklen_t) -> Int32 {
    connect(descriptor, address, size)
}
