import PlumbModel
import ProviderAPI

/// `data.local_file`: what a file on this machine holds.
struct LocalFileData: DataType {
    let directory: String

    let name = "local_file"
    let schema = Schema(
        [
            AttributeSchema(
                "filename", .string, .required,
                "Where the file is: relative to the stack's directory, or absolute. Symbolic links are refused."),
            AttributeSchema("content", .string, .computed, "The content as text; null where it is not UTF-8."),
            AttributeSchema("content_base64", .string, .computed, "The content as base64."),
            AttributeSchema("id", .string, .computed, "The same as `filename`."),
        ] + ContentDigests.schema)

    /// Larger files do not belong into a plan.
    private static let largest = 16 * 1024 * 1024

    func read(_ declared: Value) async throws(ProviderError) -> Value {
        guard let filename = declared.attribute("filename").asString else {
            throw ProviderError(.invalid, "The filename of data.local_file must be known when it is read.")
        }
        let place = try FilePlace(filename, in: directory)
        return try await BlockingCalls.run { () throws(ProviderError) in
            switch try place.occupant() {
            case .nothing: throw ProviderError(.notFound, "There is no file \(filename).")
            case .file: break
            case .link(let target):
                throw ProviderError(.invalid, "\(filename) is a symbolic link to \(target). Give its target instead.")
            case .directory, .special: throw ProviderError(.invalid, "\(filename) is not a file.")
            }
            guard let live = try LiveContent(place, limit: LocalFileData.largest) else {
                throw ProviderError(.notFound, "There is no file \(filename).")
            }
            guard live.isWhole else {
                throw ProviderError(
                    .invalid, "\(filename) has \(live.size) bytes; at most \(LocalFileData.largest) can be read.")
            }
            return Value.object(ValueMap(live.digests.attributes)).setting([
                "filename": .string(filename), "id": .string(filename),
                "content": live.text.map(Value.string) ?? .null, "content_base64": .string(Base64.encode(live.bytes)),
            ])
        }
    }
}
