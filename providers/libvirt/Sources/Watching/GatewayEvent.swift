import PlumbModel

/// What the gateway says has happened.
struct GatewayEvent: Sendable, Hashable {
    /// `domain`, `device`, `network`, `pool`, `volume`, `gateway`; `reset` where some were lost.
    let kind: String
    let action: String
    let uuid: String?
    let name: String?
    /// The UUID of a volume's pool.
    let pool: String?

    static let reset = GatewayEvent(kind: "reset", .null)

    init(kind: String, _ data: Value) {
        self.kind = kind
        action = data.text("action") ?? ""
        uuid = data.text("uuid")
        name = data.text("name")
        pool = data.text("pool")
    }
}

/// Puts the lines of a stream of server-sent events together.
struct EventReader {
    /// What one blank line ends.
    enum Message: Hashable {
        /// The stream's beginning: events come from here on.
        case position
        case event(GatewayEvent)
    }

    /// The id of the last message that has become whole; nil where none was told that could be sent back.
    private(set) var lastID: String?
    private var id: String?
    private var kind = ""
    private var data: [UInt8] = []
    private var hasID = false
    private var hasData = false

    private static let longestID = 100

    /// - Parameter last: the id of the message that the stream goes on after.
    init(after last: String? = nil) {
        (lastID, id) = (last, last)
    }

    /// - Parameter line: without its end.
    /// - Returns: a message that has become whole.
    mutating func take(_ line: [UInt8]) -> Message? {
        guard !line.isEmpty else { return finish() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "id":
            // It goes into a header.
            let isPlain = value.count <= Self.longestID && value.allSatisfy { (0x21...0x7E).contains($0) }
            id = isPlain && !value.isEmpty ? String(decoding: value, as: UTF8.self) : nil
            hasID = true
        case "event": kind = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { data.append(UInt8(ascii: "\n")) }
            data += value
            hasData = true
        // Comments, and what a later gateway adds.
        default: break
        }
        return nil
    }

    private mutating func finish() -> Message? {
        defer { (kind, data, hasID, hasData) = ("", [], false, false) }
        lastID = id
        guard hasData else { return hasID ? .position : nil }
        guard kind != "reset", let value = try? Value(json: data) else { return .event(.reset) }
        return .event(GatewayEvent(kind: kind, value))
    }
}
