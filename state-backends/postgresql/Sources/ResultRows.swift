import CLibPQ
import StateKeeping

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The rows that a statement gave, or how many it changed. Its columns are read by the types that our tables have.
final class ResultRows {
    private let result: OpaquePointer

    /// Takes the result over.
    init(_ result: OpaquePointer) { self.result = result }

    deinit { PQclear(result) }

    var count: Int { Int(PQntuples(result)) }

    /// How many rows an INSERT, UPDATE or DELETE has touched.
    var affected: Int { PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0 }

    /// What the server says that it did: `COMMIT`, `INSERT 0 1`.
    var tag: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }

    func isNull(_ row: Int, _ column: Int) -> Bool { PQgetisnull(result, Int32(row), Int32(column)) == 1 }

    func integer(_ row: Int, _ column: Int) -> Int64 { Int64(bitPattern: bits(row, column)) }

    func double(_ row: Int, _ column: Int) -> Double { Double(bitPattern: bits(row, column)) }

    func bool(_ row: Int, _ column: Int) -> Bool { cell(row, column).first == 1 }

    func text(_ row: Int, _ column: Int) -> String { String(decoding: cell(row, column), as: UTF8.self) }

    func optionalText(_ row: Int, _ column: Int) -> String? { isNull(row, column) ? nil : text(row, column) }

    func optionalDouble(_ row: Int, _ column: Int) -> Double? { isNull(row, column) ? nil : double(row, column) }

    func bytes(_ row: Int, _ column: Int) -> [UInt8]? { isNull(row, column) ? nil : [UInt8](cell(row, column)) }

    private func bits(_ row: Int, _ column: Int) -> UInt64 {
        let cell = cell(row, column)
        precondition(cell.count == 8, "column \(column) is no bigint and no double precision")
        return cell.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func cell(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(result, Int32(row), Int32(column)),
            count: Int(PQgetlength(result, Int32(row), Int32(column))))
    }
}

/// One row of a result.
struct ResultRow: StoredRow {
    let rows: ResultRows
    let row: Int
    let table: String

    var key: String { rows.count > 0 ? "its row \(row + 1)" : "no row" }

    func text(_ column: Int) -> String { rows.text(row, column) }

    func optionalText(_ column: Int) -> String? { rows.optionalText(row, column) }

    func bytes(_ column: Int) -> [UInt8]? { rows.bytes(row, column) }
}
