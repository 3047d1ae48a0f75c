import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The two streams of the process: the only way by which anything of Plumbline's reaches a person or a pipe.
public struct Console: Sendable {
    public let isQuiet: Bool
    private let noColorFlag: Bool
    private let outputChannel: StreamChannel
    private let errorChannel: StreamChannel

    /// From here on a closed pipe no longer ends the process: an apply must not die because its reader has.
    public init(noColorFlag: Bool, quiet: Bool) {
        signal(SIGPIPE, SIG_IGN)
        self.noColorFlag = noColorFlag
        isQuiet = quiet
        outputChannel = StreamChannel(Stream.output.descriptor)
        errorChannel = StreamChannel(Stream.error.descriptor)
    }

    /// Looked up anew each time: a window may have another size by the end of a long run.
    public var output: TerminalStyle { TerminalStyle.detect(noColorFlag: noColorFlag, stream: .output) }
    public var error: TerminalStyle { TerminalStyle.detect(noColorFlag: noColorFlag, stream: .error) }

    /// Writes results, to the standard output, as they are.
    public func write(_ text: String) {
        outputChannel.write(text)
    }

    /// Writes what need not be text.
    public func write(_ bytes: [UInt8]) {
        outputChannel.write(bytes)
    }

    /// Writes problems and progress, to the standard error, as they are.
    public func writeError(_ text: String) {
        errorChannel.write(text)
    }

    /// Tells something that is good to know, on a line of its own, on the standard error; nothing when quiet.
    public func note(_ text: String) {
        guard !isQuiet else { return }
        var canvas = Canvas(error)
        canvas.paragraph(text, indent: 0)
        errorChannel.write(canvas.text)
    }
}

/// Writes texts to a descriptor whole and one after the other; once the reader has gone, nothing more.
final class StreamChannel: Sendable {
    private let descriptor: Int32
    private let isClosed = Mutex(false)

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    func write(_ text: String) {
        isClosed.withLock { isClosed in
            guard !isClosed else { return }
            var text = text
            isClosed = !text.withUTF8 { StreamChannel.write(UnsafeRawBufferPointer($0), to: descriptor) }
        }
    }

    func write(_ bytes: [UInt8]) {
        isClosed.withLock { isClosed in
            guard !isClosed else { return }
            isClosed = !bytes.withUnsafeBytes { StreamChannel.write($0, to: descriptor) }
        }
    }

    /// False where the stream takes no more.
    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: rest))
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if written < 0, errno == EAGAIN {
                // Somebody who shares the terminal made it non-blocking.
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, -1)
            } else if written < 0, errno != EINTR {
                return false
            }
        }
        return true
    }
}

/// `write(2)`, told apart from the methods of the same name.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
