import PlumbModel

/// Reads comma-separated values (RFC 4180) whose first line names the columns.
enum CSVReader {
    static func read(_ bytes: [UInt8]) throws(FunctionError) -> Value {
        var records = try records(bytes)[...]
        guard let header = records.popFirst() else {
            throw FunctionError("the text has no line with columns", argument: 0)
        }
        guard Set(header).count == header.count else {
            throw FunctionError("two columns have the same name", argument: 0)
        }
        var rows: [Value] = []
        for record in records {
            guard record.count == header.count else {
                throw FunctionError(
                    "row \(rows.count + 1) has \(record.count) fields, but there are \(header.count) columns",
                    argument: 0)
            }
            rows.append(.object(ValueMap(zip(header, record).map { ($0, .string($1)) })))
        }
        return .list(rows)
    }

    private static func records(_ bytes: [UInt8]) throws(FunctionError) -> [[String]] {
        var records: [[String]] = []
        var offset = 0
        while offset < bytes.count {
            if bytes[offset] == 0x0A || (bytes[offset] == 0x0D && offset + 1 < bytes.count && bytes[offset + 1] == 0x0A)
            {
                offset += bytes[offset] == 0x0A ? 1 : 2
                continue
            }
            records.append(try record(bytes, &offset, number: records.count))
        }
        return records
    }

    private static func record(_ bytes: [UInt8], _ offset: inout Int, number: Int) throws(FunctionError) -> [String] {
        var fields: [String] = []
        while true {
            let isQuoted = offset < bytes.count && bytes[offset] == UInt8(ascii: "\"")
            fields.append(isQuoted ? try quoted(bytes, &offset, number) : try plain(bytes, &offset, number))
            guard offset < bytes.count else { return fields }
            let byte = bytes[offset]
            offset += 1
            if byte == UInt8(ascii: ",") { continue }
            if byte == 0x0D, offset < bytes.count, bytes[offset] == 0x0A { offset += 1 }
            return fields
        }
    }

    private static func plain(_ bytes: [UInt8], _ offset: inout Int, _ number: Int) throws(FunctionError) -> String {
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: ","), bytes[offset] != 0x0A {
            guard bytes[offset] != UInt8(ascii: "\"") else {
                throw FunctionError(
                    "record \(number + 1) has a quote inside a field that does not begin with one", argument: 0)
            }
            offset += 1
        }
        var end = offset
        if end > start, bytes[end - 1] == 0x0D, offset == bytes.count || bytes[offset] == 0x0A { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private static func quoted(_ bytes: [UInt8], _ offset: inout Int, _ number: Int) throws(FunctionError) -> String {
        var text: [UInt8] = []
        offset += 1
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            guard byte == UInt8(ascii: "\"") else {
                text.append(byte)
                continue
            }
            if offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") {
                text.append(byte)
                offset += 1
                continue
            }
            guard offset == bytes.count || [0x2C, 0x0A, 0x0D].contains(bytes[offset]) else {
                throw FunctionError("record \(number + 1) has text behind the closing quote of a field", argument: 0)
            }
            return String(decoding: text, as: UTF8.self)
        }
        throw FunctionError("record \(number + 1) has a quote that is never closed", argument: 0)
    }
}
