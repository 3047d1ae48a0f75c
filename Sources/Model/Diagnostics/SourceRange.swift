/// Where something was written: a half-open range of bytes in one file.
public struct SourceRange: Sendable {
    public let file: SourceFile
    private let startOffset: Int32
    private let endOffset: Int32

    public init(file: SourceFile, start: Int, end: Int) {
        self.file = file
        self.startOffset = Int32(truncatingIfNeeded: start)
        self.endOffset = Int32(truncatingIfNeeded: max(start, end))
    }

    public var start: Int { Int(startOffset) }
    public var end: Int { Int(endOffset) }
    public var startPosition: SourcePosition { file.position(at: start) }
    public var endPosition: SourcePosition { file.position(at: end) }
    public var location: SourceLocation {
        let position = startPosition
        return SourceLocation(path: file.path, line: position.line, column: position.column)
    }

    /// How many bytes of it stand on its first line.
    public var firstLineLength: Int {
        let bytes = file.bytes[min(start, file.bytes.count)..<min(end, file.bytes.count)]
        return bytes.firstIndex { $0 == 0x0A || $0 == 0x0D }.map { $0 - start } ?? bytes.count
    }

    /// The same place, but no further than the end of its first line.
    public var firstLine: SourceRange { SourceRange(file: file, start: start, end: start + firstLineLength) }

    /// The written text.
    public var text: String {
        String(decoding: file.bytes[min(start, file.bytes.count)..<min(end, file.bytes.count)], as: UTF8.self)
    }
}

extension SourceRange: Equatable {
    public static func == (left: SourceRange, right: SourceRange) -> Bool {
        left.file.path == right.file.path && left.start == right.start && left.end == right.end
    }
}

extension SourceRange: CustomStringConvertible {
    /// `file:line:column`
    public var description: String { location.description }
}

/// The place of a declaration without its text: what a saved plan keeps of a `SourceRange`.
public struct SourceLocation: Hashable, Codable, Sendable, CustomStringConvertible {
    public let path: String
    public let line: Int
    public let column: Int

    public init(path: String, line: Int, column: Int) {
        self.path = path
        self.line = line
        self.column = column
    }

    /// `file:line:column`
    public var description: String { "\(path):\(line):\(column)" }
}
