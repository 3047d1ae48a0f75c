#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Which of the two standard streams a text goes to.
public enum Stream: Sendable {
    case output, error

    var descriptor: Int32 { self == .output ? 1 : 2 }
}

/// What a text may use where it is shown: colours, columns, and whether a person watches it.
public struct TerminalStyle: Sendable {
    public var usesColor: Bool
    /// Columns.
    public var width: Int
    /// A terminal, not a pipe or a file: long values are folded at the width, and live lines may be redrawn.
    public var isInteractive: Bool

    public init(usesColor: Bool, width: Int, isInteractive: Bool) {
        self.usesColor = usesColor
        self.width = max(TerminalStyle.minimumWidth, width)
        self.isInteractive = isInteractive
    }

    /// What a pipe gets: no colours, 80 columns.
    public static let plain = TerminalStyle(usesColor: false, width: 80, isInteractive: false)

    /// Below this nothing of ours can be laid out, and the terminal folds lines itself.
    static let minimumWidth = 40

    /// Asks the stream and the environment (`NO_COLOR`, `TERM`, `COLUMNS`).
    public static func detect(noColorFlag: Bool, stream: Stream) -> TerminalStyle {
        let isTerminal = isatty(stream.descriptor) == 1
        let isDumb = environment("TERM").map { $0 == "dumb" } ?? true
        return TerminalStyle(
            usesColor: isTerminal && !isDumb && !noColorFlag && environment("NO_COLOR") == nil,
            width: environment("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
                ?? (isTerminal ? TerminalSize.current(stream)?.columns : nil) ?? 80,
            isInteractive: isTerminal && !isDumb)
    }

    /// An empty variable counts as none, as no-color.org has it.
    private static func environment(_ name: String) -> String? {
        guard let text = getenv(name), text.pointee != 0 else { return nil }
        return String(cString: text)
    }
}

/// How many rows and columns a terminal has now; it may change at any moment.
struct TerminalSize: Equatable {
    var rows: Int
    var columns: Int

    /// Nil where the stream is no terminal, or one that does not tell.
    static func current(_ stream: Stream) -> TerminalSize? {
        var size = winsize()
        guard ioctl(stream.descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return nil
        }
        return TerminalSize(rows: Int(size.ws_row), columns: Int(size.ws_col))
    }
}
