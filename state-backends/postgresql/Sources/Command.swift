import StateBackendAPI

/// What a statement is given: sent in PostgreSQL's binary form.
enum Parameter: Sendable {
    case integer(Int64)
    case double(Double)
    case optionalDouble(Double?)
    case text(String)
    case optionalText(String?)
    case bool(Bool)
    case optionalBytes([UInt8]?)

    /// Appends the value's bytes; false for null.
    func write(to bytes: inout [UInt8]) -> Bool {
        switch self {
        case .integer(let number): Parameter.append(UInt64(bitPattern: number), to: &bytes)
        case .double(let number): Parameter.append(number.bitPattern, to: &bytes)
        case .optionalDouble(let number):
            guard let number else { return false }
            Parameter.append(number.bitPattern, to: &bytes)
        case .text(let text): bytes.append(contentsOf: text.utf8)
        case .optionalText(let text):
            guard let text else { return false }
            bytes.append(contentsOf: text.utf8)
        case .bool(let isTrue): bytes.append(isTrue ? 1 : 0)
        case .optionalBytes(let data):
            guard let data else { return false }
            bytes.append(contentsOf: data)
        }
        return true
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

/// One statement with what it is given and what it must bring about.
struct Command: Sendable {
    let sql: String
    let parameters: [Parameter]
    /// Prepared once a connection, unless it is used only once.
    let isPrepared: Bool
    /// What is wrong with its result; nil if it is as it must be.
    let objection: (@Sendable (ResultRows) -> StateBackendError?)?

    init(
        _ sql: String, _ parameters: [Parameter] = [], isPrepared: Bool = true,
        objection: (@Sendable (ResultRows) -> StateBackendError?)? = nil
    ) {
        self.sql = sql
        self.parameters = parameters
        self.isPrepared = isPrepared
        self.objection = objection
    }

    /// The server answers the commit of a transaction that it has given up with "ROLLBACK", and without an error.
    static let commit = Command("COMMIT") { rows in
        rows.tag == "COMMIT"
            ? nil : StateBackendError(.failed, "The database has undone the transaction instead of committing it.")
    }
    static let rollback = Command("ROLLBACK")
}
