#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One file's text as it was read, with the places where its lines begin: what positions are told from.
///
/// Paths are relative to the root of what was loaded (a stack's directory or a revision's tree).
public final class SourceFile: Sendable {
    public let path: String
    /// The file's bytes; valid UTF-8 once loading has accepted the file.
    public let bytes: [UInt8]
    /// Byte offset of the first byte of each line.
    private let lineStarts: [Int32]

    public init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        lineStarts = bytes.withUnsafeBytes(SourceFile.lineStarts)
    }

    private static func lineStarts(in bytes: UnsafeRawBufferPointer) -> [Int32] {
        var starts: [Int32] = [0]
        guard let base = bytes.baseAddress else { return starts }
        var offset = 0
        while offset < bytes.count, let found = memchr(base + offset, 0x0A, bytes.count - offset) {
            offset = UnsafeRawPointer(found) - base + 1
            starts.append(Int32(truncatingIfNeeded: offset))
        }
        return starts
    }

    public convenience init(path: String, text: String) {
        self.init(path: path, bytes: Array(text.utf8))
    }

    public var lineCount: Int { lineStarts.count }

    /// The byte offset at which a line begins. `line` counts from 0 and is clamped to the file.
    public func offset(ofLine line: Int) -> Int {
        line < lineStarts.count ? Int(lineStarts[max(0, line)]) : bytes.count
    }

    /// The byte offset of a line and a column counted in characters, both from 0.
    public func offset(line: Int, column: Int) -> Int {
        var offset = offset(ofLine: line)
        var remaining = column
        while remaining > 0, offset < bytes.count {
            offset += 1
            while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
            remaining -= 1
        }
        return min(offset, bytes.count)
    }

    /// Line and column of a byte offset, both from 1, the column in characters.
    public func position(at offset: Int) -> SourcePosition {
        let offset = min(max(0, offset), bytes.count)
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if Int(lineStarts[middle]) <= offset { low = middle } else { high = middle }
        }
        let start = Int(lineStarts[low])
        let column = bytes[start..<offset].reduce(into: 1) { $0 += $1 & 0xC0 == 0x80 ? 0 : 1 }
        return SourcePosition(line: low + 1, column: column)
    }

    /// What of a line (from 1), without its line end, stands within `reach` bytes of a place in the file, and the column at
    /// which that begins: a line may be a whole document.
    public func text(ofLine line: Int, near place: Int, reach: Int) -> (text: String, column: Int) {
        let start = offset(ofLine: line - 1)
        var end = offset(ofLine: line)
        while end > start, bytes[end - 1] == UInt8(ascii: "\n") || bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        let place = min(max(place, start), end)
        var (first, last) = (max(start, place - reach), min(end, place + reach))
        while first > start, first < end, bytes[first] & 0xC0 == 0x80 { first -= 1 }
        while last < end, bytes[last] & 0xC0 == 0x80 { last += 1 }
        let column = bytes[start..<first].reduce(into: 1) { $0 += $1 & 0xC0 == 0x80 ? 0 : 1 }
        return (String(decoding: bytes[first..<last], as: UTF8.self), column)
    }
}

/// A line and a column, both counted from 1, the column in characters.
public struct SourcePosition: Hashable, Sendable {
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}
