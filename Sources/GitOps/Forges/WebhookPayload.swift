internal import PlumbModel

/// One place in a webhook's payload, which may be missing: only what is asked for must be there.
struct WebhookPayload {
    private let value: Value?
    private let event: String
    private let path: String

    init(_ value: Value?, _ event: String, path: String = "") {
        self.value = value
        self.event = event
        self.path = path
    }

    subscript(name: String) -> WebhookPayload {
        var found: Value?
        if case .map(let map, _) = value?.kind { found = map[name] }
        return WebhookPayload(found, event, path: path.isEmpty ? name : "\(path).\(name)")
    }

    /// Whether it stands there and is not null.
    var isThere: Bool { value.map { !$0.isNull } ?? false }

    var text: String? {
        if case .string(let text) = value?.kind { return text }
        return nil
    }

    var flag: Bool? {
        if case .bool(let flag) = value?.kind { return flag }
        return nil
    }

    func string() throws(ForgeError) -> String {
        guard let text else { throw missing("text") }
        return text
    }

    func number() throws(ForgeError) -> Int {
        guard case .number(let number) = value?.kind, let whole = Int(number.description) else {
            throw missing("whole number")
        }
        return whole
    }

    /// A commit's digest; nil for the zeros that stand for none.
    func commit() throws(ForgeError) -> String? {
        let text = try string()
        guard text.utf8.count >= 40, text.utf8.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) })
        else { throw missing("commit") }
        return text.utf8.allSatisfy { $0 == UInt8(ascii: "0") } ? nil : text
    }

    func user(_ name: String) throws(ForgeError) -> ForgeUser {
        ForgeUser(id: try self["id"].number(), name: try self[name].string())
    }

    private func missing(_ what: String) -> ForgeError {
        ForgeError(.unreadable, "\(event) has no \(what) at \"\(path)\": it is not what its kind of forge sends.")
    }
}
