import Foundation
import HTTPProvider
import Loading
import PlumbModel
import ProviderAPI
import StackFixtures
import Testing

/// OpenAPI documents in the shapes of well-known APIs and frameworks, each with the API file that is made of it.
@Suite(.timeLimit(.minutes(10))) struct OpenAPIImportTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Cases/OpenAPI").path

    static var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
        }
    }

    @Test func manyCases() throws {
        #expect(try Self.names.count >= 26)
    }

    @Test(arguments: try names)
    func theFileIsAsExpected(_ name: String) throws {
        let folder = Self.folder + "/" + name
        let imported = try importDocument(in: folder)
        try ExpectedText(at: folder + "/expected.yaml").check(imported.text)
    }

    @Test(arguments: try names)
    func whatIsToldIsAsExpected(_ name: String) throws {
        let folder = Self.folder + "/" + name
        let imported = try importDocument(in: folder)
        let left = imported.leftOut.map { "\($0.reason): \($0.operations.joined(separator: ", "))\n" }
        let advice = imported.advice.map { "- \($0)\n" }
        let warnings = imported.warnings.all.map { "! \($0.detail)\n" }
        try ExpectedText(at: folder + "/expected.txt").check((left + advice + warnings).joined())
    }

    /// What is made is a file that the provider takes, with a type for each that was told.
    @Test(arguments: try names)
    func theProviderTakesIt(_ name: String) throws {
        let imported = try importDocument(in: Self.folder + "/" + name)
        var settings: [(String, Value)] = [("api", "./api.yaml"), ("base_url", "http://localhost"), ("key", "k")]
        let variables = ["client_id", "user", "server_id", "tenant", "account_id", "owner"].filter {
            imported.text.contains("var.\($0)")
        }
        settings.append(("variables", .map(ValueMap(variables.map { ($0, "x") }))))
        let instance = try HTTPProvider().configure(configuration(settings, files: ["api.yaml": imported.text]))
        #expect(instance.resourceTypes.map(\.name) == imported.types.map(\.name))
    }

    @Test func onlyWhatIsAskedFor() throws {
        let imported = try importDocument(in: Self.folder + "/github", include: ["repo", "/repos/*/protection"])
        #expect(
            imported.types.map(\.path) == [
                "/repos/{owner}/{repo}", "/repos/{owner}/{repo}/branches/{branch}/protection",
            ])
        #expect(imported.leftOut.contains { $0.reason.contains("--include") })
    }

    @Test func itIsTheSameEachTime() throws {
        let first = try importDocument(in: Self.folder + "/cloudflare").text
        for _ in 0..<5 { #expect(try importDocument(in: Self.folder + "/cloudflare").text == first) }
    }

    // MARK: - Hostile documents

    @Test(arguments: [
        "openapi: 3.0.0\npaths: {$ref: '#/paths'}\n",
        "openapi: 3.0.0\npaths: {/a: {$ref: '#/paths/~1b'}, /b: {$ref: '#/paths/~1a'}}\n",
        "openapi: 3.0.0\npaths: {/a/{}: {delete: {}, put: {}, get: {}}}\n",
        "openapi: 3.0.0\npaths: [1, 2]\n", "openapi: {a: 1}\npaths: {}\n", "- openapi\n", "\"text\"\n", "{}", "",
        "a: &a [*a]\n", "openapi: 3.0.0\npaths:\n\t/x: 1\n", "\u{0}", "openapi: 4.0.0\npaths: {/a: {}}\n",
    ])
    func aStrangeDocumentIsRefused(_ text: String) {
        let problems = #expect(throws: Diagnostics.self) { try importText(text) }
        #expect(problems?.all.allSatisfy { !$0.detail.isEmpty && !$0.detail.contains("defect") } == true, "\(text)")
    }

    /// Schemas that contain themselves, by properties, compositions and items.
    @Test func schemasWithoutEndHaveAnEnd() throws {
        let imported = try importText(
            """
            openapi: 3.1.0
            info: {title: Trees}
            paths:
              /nodes:
                post: {requestBody: &body {content: {application/json: {schema: {$ref: "#/components/schemas/Node"}}}}, responses: &ok {200: {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Node"}}}}}}
              /nodes/{name}: {get: {responses: *ok}, put: {requestBody: *body, responses: *ok}, delete: {responses: {204: {description: gone}}}}
            components:
              schemas:
                Node:
                  allOf: [{$ref: "#/components/schemas/Base"}, {$ref: "#/components/schemas/Node"}]
                  properties:
                    name: {type: string}
                    left: {$ref: "#/components/schemas/Node"}
                    all: {type: array, items: {anyOf: [{$ref: "#/components/schemas/Node"}, {type: "null"}]}}
                    self: {$ref: "#/components/schemas/Self"}
                    map: {type: object, additionalProperties: {$ref: "#/components/schemas/Node"}}
                Base: {type: object, oneOf: [{$ref: "#/components/schemas/Node"}], properties: {base: {type: boolean}}}
                Self: {$ref: "#/components/schemas/Self"}
            """)
        #expect(imported.types.map(\.name) == ["trees_node"])
        #expect(imported.text.contains("      base: {type: bool"))
        #expect(imported.text.utf8.count < 10_000)
    }

    @Test func namesCannotBreakTheFile() throws {
        let imported = try importText(
            """
            {"openapi": "3.0.0", "info": {"title": "Odd: \\"names\\" # and\\n- more"}, "paths": {
              "/${x}/%{y}/things": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/definitions/T"}}}}, "responses": {"201": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/definitions/T"}}}}}}},
              "/${x}/%{y}/things/{name}": {"get": {"responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/definitions/T"}}}}}}, "delete": {"responses": {"204": {"description": "gone"}}}}},
             "definitions": {"T": {"type": "object", "required": ["name"], "description": "Says: \\"${no}\\" # {of} [any] \\u0007kind", "properties": {"name": {"type": "string"}, "${self.name}": {"type": "string"}, "a: b": {"type": "string", "default": "${1}"}, "true": {"type": "boolean"}, "9": {"type": "number"}, "": {"type": "string"}, "schließen": {"type": "string"}}}}}
            """)
        #expect(imported.types.count == 1)
        #expect(imported.leftOut.allSatisfy { !$0.reason.contains("defect") }, "\(imported.leftOut)")
    }

    // MARK: - By reference

    @Test func aSchemaIsTakenByReference() throws {
        let api = """
            api: pets
            base_url: http://localhost
            types:
              pets_pet:
                key: [name]
                schema:
                  $ref: "openapi.yaml#/components/schemas/Pet"
                  name: {forces_replacement: true}
                  extra: {type: string}
                read: {get: "/pets/${self.name}"}
                create: {post: /pets, body: {name: "${self.name}", age: "${self.age}", extra: "${self.extra}"}}
                delete: {delete: "/pets/${self.name}"}
            """
        let document = """
            components:
              schemas:
                Pet:
                  required: [name]
                  properties:
                    name: {type: string, description: What it is called. It listens to it.}
                    age: {type: integer, default: 1}
                    born: {type: string, readOnly: true}
                    home: {$ref: "parts.yaml#/Home"}
            """
        let files = [
            "apis/pets.yaml": api, "apis/openapi.yaml": document,
            "apis/parts.yaml": "Home: {type: object, properties: {town: {type: string}}}\n",
        ]
        let instance = try HTTPProvider().configure(configuration([("api", "apis/pets.yaml")], files: files))
        let schema = try #require(instance.resourceTypes.first).schema
        #expect(schema.attributes.map(\.name) == ["name", "age", "born", "home", "extra"])
        #expect(schema["name"]?.presence == .required && schema["name"]?.forcesReplacement == true)
        #expect(schema["name"]?.summary == "What it is called.")
        #expect(schema["age"]?.defaultValue == 1)
        #expect(schema["born"]?.presence == .computed)
        #expect(schema["home"]?.type == ValueType(parsing: "object({town = optional(string)})"))
        for (wrong, text) in [
            ("openapi.yaml#/components/schemas/Pat", "Did you mean \"Pet\"?"), ("none.yaml#/a", "There is no file"),
            ("openapi.yaml", "must be the path of an OpenAPI document"),
            ("https://x/y#/a", "must be the path|no path relative"),
            ("openapi.yaml#/components/schemas/Pet/properties/name", "no object with properties"),
        ] {
            let broken = files.merging([
                "apis/pets.yaml": api.replacing("openapi.yaml#/components/schemas/Pet", with: wrong)
            ]) {
                $1
            }
            let problems = #expect(throws: Diagnostics.self) {
                try HTTPProvider().configure(configuration([("api", "apis/pets.yaml")], files: broken))
            }
            let told = problems?.all.first
            #expect(text.split(separator: "|").contains { told?.detail.contains($0) == true }, "\(told?.detail ?? "")")
            #expect(told?.source?.file.path == "apis/pets.yaml")
        }
    }

    // MARK: - Importing

    private func importDocument(in folder: String, include: [String] = []) throws -> ImportedAPI {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        let document = try #require(names.first { $0.hasPrefix("openapi.") })
        let source = try DirectorySource(path: folder)
        return try HTTPProvider().importAPI(
            APIImportRequest(path: document, include: include) { (path) throws(Diagnostics) in
                try source.contents(of: path)
            })
    }

    private func importText(_ text: String) throws -> ImportedAPI {
        try HTTPProvider().importAPI(
            APIImportRequest(path: "openapi.yaml") { path in path == "openapi.yaml" ? Array(text.utf8) : nil })
    }
}
