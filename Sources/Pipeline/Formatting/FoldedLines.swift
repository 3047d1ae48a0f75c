/// A plain or quoted scalar that is written on several lines, whose indentation means nothing.
enum FoldedLines {
    /// The lines of a scalar without white space at their ends, the further ones moved together so that the least
    /// indented of them stands at `indent`.
    static func lines(of text: [UInt8], indent: Int, isDoubleQuoted: Bool) -> [[UInt8]] {
        let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
        let further = lines.dropFirst().map { line in (leadingSpaces(line), line.drop { $0 == 0x20 || $0 == 0x09 }) }
        let least = further.filter { !$0.1.isEmpty }.map(\.0).min() ?? 0
        var result = [lines.first.map { ending($0, isLast: lines.count == 1, isDoubleQuoted) } ?? []]
        for (number, (spaces, line)) in further.enumerated() {
            let kept = ending(line, isLast: number == further.count - 1, isDoubleQuoted)
            let indentation = kept.isEmpty ? 0 : indent + spaces - least
            result.append([UInt8](repeating: 0x20, count: indentation) + kept)
        }
        return result
    }

    private static func leadingSpaces(_ line: ArraySlice<UInt8>) -> Int { line.prefix { $0 == 0x20 }.count }

    /// Without white space at the end; a blank behind a backslash is an escape and stays.
    private static func ending(_ line: ArraySlice<UInt8>, isLast: Bool, _ isDoubleQuoted: Bool) -> [UInt8] {
        guard !isLast else { return Array(line) }
        var end = line.endIndex
        while end > line.startIndex, line[end - 1] == 0x20 || line[end - 1] == 0x09 { end -= 1 }
        if isDoubleQuoted, end < line.endIndex {
            let backslashes = line[..<end].reversed().prefix { $0 == UInt8(ascii: "\\") }.count
            if backslashes % 2 == 1 { end += 1 }
        }
        return Array(line[..<end])
    }
}
