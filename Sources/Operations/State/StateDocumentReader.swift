internal import PlumbModel

/// Reads the JSON text of a state, and says where it is not one.
struct StateDocumentReader {
    /// Of the file, for people.
    let name: String

    func read(_ text: String) throws(Diagnostics) -> StateContents {
        let document: Value
        do throws(JSONError) {
            document = try Value(archived: text)
        } catch {
            throw malformed("it is no JSON of a state: \(error.message) at byte \(error.offset)")
        }
        guard let format = document[key: "plumbline_state"]?.asInt else {
            throw malformed("it has no \"plumbline_state\"; write one with `plumb state pull` or `plumb state backup`")
        }
        guard format == StateDocument.format else {
            throw malformed(
                "it has the format \(format), and this version of Plumbline reads the format \(StateDocument.format)")
        }
        let top = Part(document, "the document", self)
        return StateContents(
            stack: try top.string("stack"), lineage: try top.string("lineage"),
            generation: try top.integer("generation"), revision: try top.optionalString("revision"),
            resources: try top.list("resources", resource), outputs: try top.list("outputs", output),
            openIntents: try top.list("open_intents", intent), history: try top.list("history", change),
            runs: try top.list("runs", run), drift: try top.laterList("drift", drift),
            holds: try top.laterList("holds", hold))
    }

    fileprivate func malformed(_ reason: String) -> Diagnostics {
        Diagnostics(.error("Not a state file", "\(name) cannot be read as a state: \(reason). Nothing was changed."))
    }

    private func resource(_ part: Part) throws(Diagnostics) -> ResourceRecord {
        ResourceRecord(
            address: try part.address("address"), deposedKey: try part.optionalString("deposed_key"),
            provider: try part.string("provider"), values: try part.value("values"),
            privateData: try part.optionalString("private_data"), bookkeeping: try bookkeeping(part),
            status: try part.word("status"), generation: try part.integer("generation"))
    }

    private func output(_ part: Part) throws(Diagnostics) -> OutputRecord {
        OutputRecord(name: try part.string("name"), value: try part.value("value"))
    }

    private func intent(_ part: Part) throws(Diagnostics) -> Intent {
        Intent(
            id: try part.string("id"), run: try part.string("run"), address: try part.address("address"),
            deposedKey: try part.optionalString("deposed_key"), provider: try part.string("provider"),
            action: try part.word("action"), planned: part.wrapped("planned"), prior: part.wrapped("prior"),
            privateData: try part.optionalString("private_data"), bookkeeping: try bookkeeping(part))
    }

    private func change(_ part: Part) throws(Diagnostics) -> HistoryEntry {
        let movedFrom = try part.optionalString("moved_from") == nil ? nil : try part.address("moved_from")
        return HistoryEntry(
            address: try part.address("address"), deposedKey: try part.optionalString("deposed_key"),
            generation: try part.integer("generation"), run: try part.optionalString("run"),
            changedAt: try part.seconds("changed_at"), before: part.wrapped("before"), after: part.wrapped("after"),
            movedFrom: movedFrom)
    }

    private func run(_ part: Part) throws(Diagnostics) -> RunRecord {
        let isOver = part.isPresent("finished_at")
        return RunRecord(
            id: try part.string("id"), kind: try part.string("kind"), trigger: try part.string("trigger"),
            revision: try part.optionalString("revision"), actor: try part.string("actor"),
            startedAt: try part.seconds("started_at"), finishedAt: isOver ? try part.seconds("finished_at") : nil,
            outcome: try part.word("outcome"), summary: try part.optionalString("summary"))
    }

    private func drift(_ part: Part) throws(Diagnostics) -> DriftRecord {
        DriftRecord(
            address: try part.address("address"), path: try part.path("path"),
            fingerprint: try part.string("fingerprint"), expected: try part.value("expected"),
            live: try part.value("live"), firstSeen: try part.seconds("first_seen"),
            lastSeen: try part.seconds("last_seen"), occurrences: Int(try part.integer("occurrences")),
            status: try part.word("status"), heals: Int(try part.integer("heals")),
            acknowledgedUntil: part.isPresent("acknowledged_until") ? try part.seconds("acknowledged_until") : nil,
            reason: try part.optionalString("reason"), actor: try part.optionalString("actor"),
            writer: try writer(part))
    }

    private func writer(_ part: Part) throws(Diagnostics) -> DriftAuthor? {
        guard let name = try part.optionalString("writer") else { return nil }
        return DriftAuthor(name, at: part.isPresent("written_at") ? try part.seconds("written_at") : nil)
    }

    private func hold(_ part: Part) throws(Diagnostics) -> HoldRecord {
        HoldRecord(
            address: try part.string("address"), reason: try part.string("reason"),
            placedBy: try part.string("placed_by"), placedAt: try part.seconds("placed_at"),
            until: part.isPresent("until") ? try part.seconds("until") : nil)
    }

    private func bookkeeping(_ part: Part) throws(Diagnostics) -> Bookkeeping {
        Bookkeeping(
            dependencies: try part.addresses("dependencies"), isProtected: try part.flag("is_protected"),
            createsBeforeDestroy: try part.flag("creates_before_destroy"))
    }
}

/// One object of a state's document.
private struct Part {
    private let map: ValueMap
    private let place: String
    private let reader: StateDocumentReader

    init(_ value: Value, _ place: String, _ reader: StateDocumentReader) {
        map = value.asMap ?? ValueMap()
        self.place = place
        self.reader = reader
    }

    func isPresent(_ key: String) -> Bool { map[key].map { !$0.isNull } ?? false }

    func list<Element>(
        _ key: String, _ read: (Part) throws(Diagnostics) -> Element
    ) throws(Diagnostics) -> [Element] {
        guard let elements = map[key]?.asList else { throw missing(key, "a list") }
        var result: [Element] = []
        for (index, element) in elements.enumerated() {
            result.append(try read(Part(element, "\(key)[\(index)]", reader)))
        }
        return result
    }

    /// A list that documents of earlier versions do not have.
    func laterList<Element>(
        _ key: String, _ read: (Part) throws(Diagnostics) -> Element
    ) throws(Diagnostics) -> [Element] {
        map[key] == nil ? [] : try list(key, read)
    }

    func path(_ key: String) throws(Diagnostics) -> AttributePath {
        guard let path = AttributePath(parsing: try string(key)) else { throw missing(key, "a path") }
        return path
    }

    func value(_ key: String) throws(Diagnostics) -> Value {
        guard let value = map[key] else { throw missing(key, "a value") }
        return value
    }

    func string(_ key: String) throws(Diagnostics) -> String {
        guard let text = map[key]?.asString else { throw missing(key, "a string") }
        return text
    }

    func optionalString(_ key: String) throws(Diagnostics) -> String? { isPresent(key) ? try string(key) : nil }

    func integer(_ key: String) throws(Diagnostics) -> Int64 {
        guard let number = map[key]?.asInt else { throw missing(key, "a whole number") }
        return Int64(number)
    }

    func seconds(_ key: String) throws(Diagnostics) -> Double {
        guard let number = map[key]?.asNumber else { throw missing(key, "a number of seconds since 1970") }
        return number.asDouble
    }

    func flag(_ key: String) throws(Diagnostics) -> Bool {
        guard let flag = map[key]?.asBool else { throw missing(key, "true or false") }
        return flag
    }

    func address(_ key: String) throws(Diagnostics) -> ResourceAddress {
        guard let address = ResourceAddress(parsing: try string(key)) else { throw missing(key, "an address") }
        return address
    }

    func addresses(_ key: String) throws(Diagnostics) -> [ResourceAddress] {
        guard let elements = map[key]?.asList else { throw missing(key, "a list of addresses") }
        var addresses: [ResourceAddress] = []
        for element in elements {
            guard let address = element.asString.flatMap(ResourceAddress.init(parsing:)) else {
                throw missing(key, "a list of addresses")
            }
            addresses.append(address)
        }
        return addresses
    }

    func word<Word: RawRepresentable>(_ key: String) throws(Diagnostics) -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: try string(key)) else { throw missing(key, "one of the words that it can be") }
        return word
    }

    func wrapped(_ key: String) -> Value? { map[key]?.asList?.first }

    private func missing(_ key: String, _ kind: String) -> Diagnostics {
        reader.malformed("\"\(key)\" of \(place) must be \(kind)")
    }
}
