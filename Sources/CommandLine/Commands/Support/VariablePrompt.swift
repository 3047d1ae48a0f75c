internal import Operations
internal import Reporting

#if canImport(Glibc)
    internal import Glibc
#endif

/// Asks the person at the terminal for the value of a variable.
struct VariablePrompt: Sendable {
    let console: Console

    /// Whether somebody can see the question and answer it.
    static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Blocks until the line is complete. Nil at the end of the input: the person gives no value.
    func ask(_ question: VariableQuestion) -> String? {
        let text = PromptText(name: question.name, summary: question.summary, type: question.type)
        console.writeError(text.render(console.error))
        let answer = question.isSensitive ? HiddenLine.read() : readLine()
        // What was typed unseen has not ended its line, nor has the end of the input.
        if question.isSensitive || answer == nil { console.writeError("\n") }
        return answer
    }
}

/// Asks the person at the terminal for a secret that is no variable's value.
enum HiddenPrompt {
    /// Blocks until the line is complete. Nil where there is nobody to ask, or no answer.
    static func ask(_ question: String) -> String? {
        guard VariablePrompt.isPossible else { return nil }
        let console = Console(noColorFlag: false, quiet: false)
        console.writeError(question)
        let answer = HiddenLine.read()
        console.writeError("\n")
        return answer
    }
}

/// Reads a line from the terminal without showing it.
private enum HiddenLine {
    private enum Key {
        static let interrupt: UInt8 = 0x03
        static let endOfInput: UInt8 = 0x04
        static let eraseLine: UInt8 = 0x15
        static let erase: [UInt8] = [0x08, 0x7F]
        static let end: [UInt8] = [0x0A, 0x0D]
    }

    static func read() -> String? {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        var hidden = before
        // Key by key and without signals: whatever ends the line, the terminal is put back first.
        hidden.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        guard tcsetattr(STDIN_FILENO, TCSADRAIN, &hidden) == 0 else { return nil }
        let (line, isInterrupted) = keys()
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before)
        if isInterrupted {
            // To the process, since this thread may not take signals; then it ends, unless it was told to ignore them.
            kill(getpid(), SIGINT)
            sleep(1)
        }
        return line
    }

    private static func keys() -> (line: String?, isInterrupted: Bool) {
        var bytes: [UInt8] = []
        while true {
            var byte: UInt8 = 0
            let count = Glibc.read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return (nil, false) }
            switch byte {
            case Key.interrupt: return (nil, true)
            case Key.endOfInput: return (bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self), false)
            case Key.eraseLine: bytes = []
            case _ where Key.erase.contains(byte): eraseLast(&bytes)
            case _ where Key.end.contains(byte): return (String(decoding: bytes, as: UTF8.self), false)
            default: bytes.append(byte)
            }
        }
    }

    /// A character may be several bytes.
    private static func eraseLast(_ bytes: inout [UInt8]) {
        while let byte = bytes.popLast(), byte & 0xC0 == 0x80 {}
    }
}
