import PlumbModel
import Testing

/// Which attributes of a provider's answer are secret: by the schema, like what was asked for, and what is made of it.
struct SchemaMarkingTests {
    private let schema = Schema([
        AttributeSchema("text", .string, .optional),
        AttributeSchema("other", .string, .optional),
        AttributeSchema("hidden", .string, .optional, sensitive: true),
        AttributeSchema("copy", .string, .computed),
        AttributeSchema("digest", .string, .computed, derivedFrom: ["text", "hidden"]),
        AttributeSchema("id", .string, .computed),
    ])

    private func answer(digest: Value = "d1") -> Value {
        ["text": "open sesame", "other": "x", "hidden": .null, "copy": "open sesame", "digest": digest, "id": "i"]
    }

    private func secrets(_ value: Value) -> [String] {
        (value.asMap ?? ValueMap()).filter { $0.value.isSensitive }.map(\.key).sorted()
    }

    @Test func nothingIsMarkedWhereNothingIsSecret() {
        #expect(secrets(schema.marked(answer(), like: answer())) == [])
        #expect(secrets(schema.marked(answer(), like: nil)) == [])
    }

    @Test func whatIsDerivedFromASecretInputIsMarkedAndNothingElse() {
        let asked: Value = ["text": Value.string("open sesame").sensitive(), "other": "x", "hidden": .null]
        #expect(secrets(schema.marked(answer(), like: asked)) == ["copy", "digest", "text"])
        let another: Value = ["text": "open sesame", "other": Value.string("x").sensitive(), "hidden": .null]
        #expect(secrets(schema.marked(answer(), like: another)) == ["other"])
    }

    @Test func whatIsDerivedIsMarkedBeforeItIsKnown() {
        let asked: Value = ["text": Value.string("open sesame").sensitive(), "other": "x", "hidden": .null]
        let planned = schema.marked(answer(digest: .unknown(.string)), like: asked)
        #expect(planned[key: "digest"]?.isSensitive == true)
        #expect(planned[key: "digest"]?.isUnknown == true)
        #expect(schema.marked(answer(digest: .null), like: asked)[key: "digest"]?.isSensitive == false)
    }

    @Test func aSourceThatTheSchemaHidesCountsToo() {
        let values: Value = ["text": .null, "other": "x", "hidden": "h", "copy": "c", "digest": "d", "id": "i"]
        #expect(secrets(schema.marked(values, like: nil)) == ["digest", "hidden"])
    }
}
