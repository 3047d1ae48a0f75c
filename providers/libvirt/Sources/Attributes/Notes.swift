import PlumbModel

/// What is remembered of a resource beside its values.
struct Notes: Sendable {
    /// The version that was read.
    var etag: String?
    /// Of an image's bytes, when we had written them.
    var digest: String?

    init(etag: String? = nil, digest: String? = nil) {
        self.etag = etag
        self.digest = digest
    }

    init(_ text: String?) {
        let value = text.flatMap { try? Value(json: $0) }
        etag = value?.text("etag")
        digest = value?.text("sha256")
    }

    var text: String {
        Value.compact([("etag", etag.map { .string($0) }), ("sha256", digest.map { .string($0) })]).json
    }
}
