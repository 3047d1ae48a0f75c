/// The lossless text form of a value, for state rows and plan files: JSON in which what JSON cannot say (marks,
/// unknowns, sets, typed maps) stands in an object with the single tag `$plumb`.
///
///     {"$plumb":"unknown","type":"string"}   {"$plumb":"sensitive","value":…}   {"$plumb":"set","value":[…]}
extension Value {
    public var archived: String {
        var writer = JSONWriter(isArchive: true)
        writer.write(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    public init(archived text: String) throws(JSONError) {
        self = try Value.read(text, isArchive: true)
    }
}

/// What an object that begins with the key `$plumb` stands for; its other entry has what it marks.
enum ArchiveTag: String {
    case sensitive, unknown, list, set, map
    /// An object that has the key `$plumb` itself.
    case object

    static let key = "$plumb"
}

extension Value: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            self = try Value(archived: try container.decode(String.self))
        } catch let error as JSONError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(archived)
    }
}
