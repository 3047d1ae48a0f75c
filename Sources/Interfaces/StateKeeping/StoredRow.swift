public import PlumbModel

/// A row of a result, by the numbers of its columns: turned into nouns in one way by all databases.
public protocol StoredRow {
    var table: String { get }
    /// What tells the row from others, for messages.
    var key: String { get }

    func text(_ column: Int) -> String
    func optionalText(_ column: Int) -> String?
    func bytes(_ column: Int) -> [UInt8]?
}

/// What a row holds that cannot be understood.
public struct UnreadableRow: Error {
    public let table: String
    public let key: String
    public let reason: String
}

extension StoredRow {
    public func address(_ column: Int) throws(UnreadableRow) -> ResourceAddress {
        guard let address = ResourceAddress(parsing: text(column)) else {
            throw unreadable("\"\(text(column))\" is no address")
        }
        return address
    }

    public func optionalAddress(_ column: Int) throws(UnreadableRow) -> ResourceAddress? {
        optionalText(column) == nil ? nil : try address(column)
    }

    public func path(_ column: Int) throws(UnreadableRow) -> AttributePath {
        guard let path = AttributePath(parsing: text(column)) else {
            throw unreadable("\"\(text(column))\" is no path")
        }
        return path
    }

    /// The current instance stands under an empty key.
    public func deposedKey(_ column: Int) -> String? {
        let key = text(column)
        return key.isEmpty ? nil : key
    }

    public func value(_ column: Int) throws(UnreadableRow) -> Value { try value(of: text(column)) }

    public func optionalValue(_ column: Int) throws(UnreadableRow) -> Value? {
        guard let text = optionalText(column) else { return nil }
        return try value(of: text)
    }

    /// Private data is the provider's own and may hold what a database's text may not: a NUL.
    public func privateData(_ column: Int) -> String? {
        bytes(column).map { String(decoding: $0, as: UTF8.self) }
    }

    public func dependencies(_ column: Int) throws(UnreadableRow) -> [ResourceAddress] {
        guard let dependencies = DependencyText.read(text(column)) else {
            throw unreadable("its dependencies are no addresses")
        }
        return dependencies
    }

    public func word<Word: RawRepresentable>(_ column: Int) throws(UnreadableRow) -> Word
    where Word.RawValue == String {
        guard let word = Word(rawValue: text(column)) else {
            throw unreadable("\"\(text(column))\" is no \(Word.self)")
        }
        return word
    }

    private func value(of text: String) throws(UnreadableRow) -> Value {
        do throws(JSONError) {
            return try Value(archived: text)
        } catch {
            throw unreadable("its values are no JSON of ours: \(error.message) at byte \(error.offset)")
        }
    }

    private func unreadable(_ reason: String) -> UnreadableRow {
        UnreadableRow(table: table, key: key, reason: reason)
    }
}
