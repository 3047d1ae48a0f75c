import HTTPProvider
import PlumbModel
import ProviderAPI
import Testing

/// Documents that stand for far more than is written in them: each ends soon, with a file or with the reason and its place.
@Suite(.timeLimit(.minutes(3))) struct LargeDocumentTests {
    /// Forty fields that are each two schemas of forty fields, seven levels deep.
    @Test func aWebOfCompositionsIsToldApartNoFurtherThanItIsRead() throws {
        var schemas = "Thing: {allOf: [{$ref: '#/components/schemas/A0'}, {$ref: '#/components/schemas/B0'}]}\n"
        for level in 0..<7 {
            for side in ["A", "B"] {
                let fields = (0..<40).map { field in
                    let next = ["A", "B"].map { "{$ref: '#/components/schemas/\($0)\(level + 1)'}" }
                    return "f\(field): \(level < 6 ? "{allOf: [\(next.joined(separator: ", "))]}" : "{type: string}")"
                }
                schemas += "    \(side)\(level): {type: object, properties: {name: {type: string}, "
                schemas += fields.joined(separator: ", ") + "}}\n"
            }
        }
        let imported = try importDocument(schemas)
        #expect(imported.text.contains("      f39:"))
        #expect(imported.text.utf8.count < 1_000_000)
    }

    /// Each of two hundred schemas has a field of each: a million ways lead three levels down.
    @Test func aWebOfFieldsIsToldApartNoFurtherThanItIsRead() throws {
        let names = (0..<200).map { "S\($0)" }
        let fields = names.map { "\($0.lowercased()): {$ref: '#/components/schemas/\($0)'}" }.joined(separator: ", ")
        let schemas = names.map { "\($0): {type: object, properties: {name: {type: string}, \(fields)}}" }
        let imported = try importDocument(
            "Thing: {$ref: '#/components/schemas/S0'}\n    " + schemas.joined(separator: "\n    "))
        #expect(imported.text.contains("      s199:"))
        #expect(imported.text.utf8.count < 1_000_000)
    }

    @Test func aLongLineOfSchemasIsRefused() throws {
        var schemas = "Thing: {$ref: '#/components/schemas/S0'}\n"
        for place in 0..<5000 { schemas += "    S\(place): {allOf: [{$ref: '#/components/schemas/S\(place + 1)'}]}\n" }
        try expectRefusal(of: schemas + "    S5000: {type: object}", summary: "Nesting is too deep")
    }

    @Test func aMappingThatIsMergedIntoThousandsIsRefused() throws {
        let fields = (0..<2000).map { "f\($0): {type: string}" }.joined(separator: ", ")
        let copies = (0..<2000).map { "    C\($0): {<<: *all}\n" }.joined()
        try expectRefusal(
            of: "Thing: {type: object, properties: &all {\(fields)}}\n" + copies, summary: "Document is too large")
    }

    /// An example of a hundred million parts, by aliases of aliases.
    @Test func anExampleOfAliasesIsToldApartNoFurtherThanItIsRead() throws {
        var schemas = "x0: &a0 {" + (0..<100).map { "k\($0): 1" }.joined(separator: ", ") + "}\n"
        for level in 1..<5 {
            let fields = (0..<100).map { "k\($0): *a\(level - 1)" }.joined(separator: ", ")
            schemas += "    x\(level): &a\(level) {\(fields)}\n"
        }
        schemas += "    Thing: {type: object, example: {id: 1, name: a, all: *a4}}"
        let imported = try importDocument(schemas)
        #expect(imported.text.utf8.count < 1_000_000)
    }

    private func expectRefusal(of schemas: String, summary: String) throws {
        let problems = #expect(throws: Diagnostics.self) { try importDocument(schemas) }
        let first = try #require(problems?.all.first)
        #expect(first.summary == summary)
        #expect(first.source.map { "\($0)".hasPrefix("api.yaml:") } == true)
    }

    private func importDocument(_ schemas: String) throws -> ImportedAPI {
        let text = """
            openapi: 3.0.0
            info: {title: Large}
            components:
              schemas:
                \(schemas)
            paths:
              /things:
                post: {requestBody: &body {content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}, responses: &ok {200: {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}}}
              /things/{name}: {get: {responses: *ok}, put: {requestBody: *body, responses: *ok}, delete: {responses: {204: {description: gone}}}}
            """
        return try HTTPProvider().importAPI(
            APIImportRequest(path: "api.yaml", contents: { $0 == "api.yaml" ? Array(text.utf8) : nil }))
    }
}
