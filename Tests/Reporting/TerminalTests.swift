import Glibc
import Testing

@testable import Reporting

@Suite struct TerminalTests {
    @Test func countsColumns() {
        #expect(TextWidth.columns(of: "abc") == 3)
        #expect(TextWidth.columns(of: "日本語") == 6)
        #expect(TextWidth.columns(of: "e\u{301}") == 1)
        #expect(TextWidth.columns(of: "👨‍👩‍👧🇩🇪") == 4)
        #expect(TextWidth.columns(of: "❤\u{FE0F}") == 2)
        #expect(TextWidth.clip("日本語", to: 5) == "日本…")
    }

    @Test func escapesWhatDrivesTerminals() {
        #expect(VisibleText.quote("a\"\\\u{1B}[0m\u{7F}\u{85}\u{202E}") == #""a\"\\\u001b[0m\u007f\u0085\u202e""#)
        #expect(VisibleText.quote("é 日") == "\"é 日\"")
    }

    @Test(arguments: [
        (0.04, "0.0s"), (0.96, "1.0s"), (9.96, "10s"), (59.6, "1m 00s"), (185, "3m 05s"), (3725, "1h 02m"),
    ])
    func tellsDurations(_ seconds: Double, _ text: String) {
        #expect(Wording.duration(seconds) == text)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"), (1_741_529_100.9, "2025-03-09T14:05:00Z"),
    ])
    func tellsInstants(_ seconds: Double, _ text: String) {
        #expect(Wording.instant(seconds) == text)
    }

    @Test func writesWholeTextToSlowPipe() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (reader, writer) = (ends[0], ends[1])
        _ = fcntl(writer, F_SETFL, fcntl(writer, F_GETFL) | O_NONBLOCK)
        let text = String(repeating: "0123456789", count: 50_000)
        let handle = PipeReader(descriptor: reader)
        handle.start()
        StreamChannel(writer).write(text)
        close(writer)
        #expect(handle.wait() == text.utf8.count)
    }

    @Test func staysQuietWhenTheReaderHasGone() throws {
        _ = Console(noColorFlag: true, quiet: true)
        var gone: [Int32] = [0, 0]
        var next: [Int32] = [0, 0]
        try #require(pipe(&gone) == 0 && pipe(&next) == 0)
        close(gone[0])
        let channel = StreamChannel(gone[1])
        channel.write("lost")
        // A reader who comes later does not get the rest of what another one left.
        dup2(next[1], gone[1])
        channel.write("lost as well")
        close(gone[1])
        close(next[1])
        var byte: UInt8 = 0
        #expect(read(next[0], &byte, 1) == 0)
        close(next[0])
    }
}

/// Reads a pipe to its end on a thread of its own and counts the bytes.
private final class PipeReader: @unchecked Sendable {
    private let descriptor: Int32
    private var thread = pthread_t()
    private var count = 0

    init(descriptor: Int32) { self.descriptor = descriptor }

    func start() {
        let box = Unmanaged.passRetained(self)
        pthread_create(
            &thread, nil,
            { box in
                guard let box else { return nil }
                let reader = Unmanaged<PipeReader>.fromOpaque(box).takeRetainedValue()
                var buffer = [UInt8](repeating: 0, count: 4096)
                while true {
                    let count = read(reader.descriptor, &buffer, buffer.count)
                    guard count > 0 else { return nil }
                    reader.count += count
                }
            }, box.toOpaque())
    }

    func wait() -> Int {
        pthread_join(thread, nil)
        close(descriptor)
        return count
    }
}
