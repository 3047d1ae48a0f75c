import Foundation
import Testing

/// `plumb api import`: from the document of a running service to resources that are managed, with no hand on the file.
struct APIImportTests {
    private static let specs = """
        resources:
          shop_item.chair:
            spec: {name: chair, price: 12.5, tags: [a, b], size: {width: 3}, labels: {x: "1"}}
          shop_item.table:
            spec: {name: table, price: 100, color: blue}
          shop_user.ada:
            spec: {username: ada, email: ada@example.org, password: hidden-word}
          shop_team.core:
            spec: {slug: core, title: Core}
          shop_member.ada:
            spec: {team_slug: "${shop_team.core.slug}", user_id: "${shop_user.ada.id}", role: admin}

        """

    @Test(.enabled(if: ShopServer.isExpected, "FastAPI and uvicorn are not installed"))
    func anUnseenServiceIsImportedAndUsed() async throws {
        let server = try await ShopServer()
        let stack = try Stack([
            "stack.yaml": """
            stack: shop
            providers:
              http:
                shop: {api: ./shop.yaml, base_url: "\(server.url)", key: k}

            """,
            "main.yaml": Self.specs,
        ])
        try await stack.shell(
            "for try in 1 2 3 4 5 6 7 8 9; do curl -sf \(server.url)/openapi.json -o doc.json && break; sleep 1; done")
        let imported = try await stack.plumb("api", "import", "doc.json", "--output", "shop.yaml")
        #expect(imported.code == 0 && imported.output == "", "\(imported.errors)")
        #expect(imported.errors.contains("4 types written to shop.yaml:"))
        #expect(imported.errors.contains("POST /items/{item_id}/publish"))

        let applied = try await stack.plumb("apply", "--auto-approve")
        #expect(applied.code == 0, "\(applied.errors)")
        #expect(applied.output.contains("5 created") || applied.errors.contains("5 created"))
        try await expectNoChanges(stack)

        // Somebody changes it; the next apply puts it right.
        try await stack.shell(
            "curl -sf -X PATCH -H 'Authorization: Bearer k' -H 'Content-Type: application/json' "
                + "-d '{\"price\": 1, \"tags\": [\"z\"]}' $(curl -sf -H 'Authorization: Bearer k' '\(server.url)/items?name=chair'"
                + " | sed 's|.*\"id\":\\([0-9]*\\).*|\(server.url)/items/\\1|')")
        #expect(try await stack.plumb("plan", "--detailed-exitcode").code == 2)
        #expect(try await stack.plumb("apply", "--auto-approve").code == 0)
        try await expectNoChanges(stack)

        // In place, by PATCH and by PUT, and by replacement where the API has no update.
        try stack.write(
            "main.yaml",
            Self.specs.replacingOccurrences(of: "price: 100", with: "price: 101")
                .replacingOccurrences(of: "example.org", with: "example.com")
                .replacingOccurrences(of: "title: Core", with: "title: Kern"))
        let changed = try await stack.plumb("apply", "--auto-approve")
        #expect(changed.code == 0, "\(changed.errors)")
        #expect((changed.output + changed.errors).contains("2 changed, 1 replaced"))
        try await expectNoChanges(stack)

        // What the API makes otherwise than asked is told with both values.
        try stack.write(
            "main.yaml", Self.specs + "  shop_team.odd:\n    spec: {slug: odd, title: ' Odd '}\n")
        let odd = try await stack.plumb("apply", "--auto-approve")
        let told = (odd.output + odd.errors).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(odd.code == 1 && told.contains(#""title" was to be " Odd " and is "Odd"."#), "\(told)")

        #expect(try await stack.plumb("destroy", "--auto-approve").code == 0)
        let left = try await stack.shell("curl -sf -H 'Authorization: Bearer k' \(server.url)/items")
        #expect(left.contains("\"total\":0"))
    }

    /// One API in the many styles of real ones: envelopes, operations that are waited for, ETags, every way of paging,
    /// slugs, secrets that are told once.
    @Test(.timeLimit(.minutes(10))) func manyStylesAreImportedAndUsed() async throws {
        let server = try await StylesServer()
        let stack = try Stack([
            "stack.yaml": """
            stack: styles
            providers:
              http:
                acme: {api: ./acme.yaml, base_url: "\(server.url)/api/v2", key: k}

            """,
            "main.yaml": StylesServer.specs,
        ])
        try await stack.shell("curl -sf \(server.url)/openapi.yaml -o doc.yaml")
        #expect(try await stack.plumb("api", "import", "doc.yaml", "-q", "--output", "acme.yaml").code == 0)
        let applied = try await stack.plumb("apply", "--auto-approve")
        #expect(applied.code == 0, "\(applied.output)\(applied.errors)")
        try await expectNoChanges(stack)
        #expect(try await stack.plumb("output", "secret", "--raw").output.contains("told-once"))

        // Somebody changes them; the next apply puts them right.
        let curl = "curl -sf -H 'Authorization: Bearer k' -H 'Content-Type: application/"
        try await stack.shell(
            curl + "merge-patch+json' -X PATCH -d '{\"settings\": {\"sso\": false}}' \(server.url)/api/v2/orgs/acme")
        try await stack.shell(curl + "json' -X PUT -d '{\"max_orgs\": 1}' \(server.url)/api/v2/settings/quota")
        #expect(try await stack.plumb("plan", "--detailed-exitcode").code == 2)
        #expect(try await stack.plumb("apply", "--auto-approve").code == 0)
        try await expectNoChanges(stack)

        var specs = StylesServer.specs
        for (old, new) in [
            ("size_gb: 10", "size_gb: 11"), ("nodeCount: 3", "nodeCount: 4"), ("name: chat,", "name: chatter,"),
            ("displayName: Beta", "displayName: Betty"), ("privacy: secret", "privacy: closed"),
            ("role: maintainer", "role: member"),
        ] {
            specs = specs.replacingOccurrences(of: old, with: new)
        }
        try stack.write("main.yaml", specs)
        let changed = try await stack.plumb("apply", "--auto-approve")
        #expect((changed.output + changed.errors).contains("6 changed"), "\(changed.output)\(changed.errors)")
        try await expectNoChanges(stack)
        let scan = try await stack.plumb("scan", "--detailed-exitcode")
        #expect(scan.code == 0, "\(scan.output)\(scan.errors)")

        #expect(try await stack.plumb("destroy", "--auto-approve").code == 0)
        for place in ["volumes", "clusters", "databases", "api-keys", "channels"] {
            let left = try await stack.shell(curl + "json' \(server.url)/api/v2/\(place)")
            #expect(!left.contains("\"name\"") && !left.contains("display-name"), "\(place): \(left)")
        }
    }

    private func expectNoChanges(_ stack: Stack, at place: SourceLocation = #_sourceLocation) async throws {
        let plan = try await stack.plumb("plan", "--detailed-exitcode")
        #expect(plan.code == 0, "\(plan.output)\(plan.errors)", sourceLocation: place)
    }

    private static let document = """
        openapi: 3.0.3
        info: {title: Notes}
        paths:
          /notes:
            get: {responses: {200: {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}}
            post: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}, responses: {201: {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}}
          /notes/{name}:
            get: {responses: {200: {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}}
            delete: {responses: {204: {description: gone}}}
        components: {schemas: {Note: {type: object, required: [name], properties: {name: {type: string}, text: {type: string}}}}}

        """

    @Test func theFileGoesWhereItIsAskedFor() async throws {
        let stack = try Stack(["docs/notes.yaml": Self.document], environment: ["PLUMB": Plumb.path])
        let shown = try await stack.plumb("api", "import", "docs/notes.yaml", "--base-url", "http://localhost:1")
        #expect(shown.code == 0 && shown.output.contains("base_url: http://localhost:1\n"), "\(shown.errors)")
        let quiet = try await stack.plumb(
            "api", "import", "docs/notes.yaml", "--quiet", "--name", "my", "--output", "my.yaml")
        #expect(quiet.code == 0 && quiet.errors == "" && quiet.output == "", "\(quiet.errors)")
        #expect(stack.read("my.yaml")?.contains("  my_note:\n") == true)
        let again = try await stack.plumb("api", "import", "docs/notes.yaml", "--output", "my.yaml")
        #expect(again.code == 1 && again.errors.contains("File exists already"), "\(again.errors)")
        #expect(stack.read("my.yaml")?.contains("  my_note:\n") == true)
        let over = try await stack.plumb("api", "import", "docs/notes.yaml", "--output", "my.yaml", "--overwrite")
        #expect(over.code == 0 && stack.read("my.yaml")?.contains("  notes_note:\n") == true)
        #expect(try await stack.shell("\"$PLUMB\" api import - -q < docs/notes.yaml").contains("  notes_note:\n"))
        #expect(try await stack.plumb("api", "check", "my.yaml").code == 0)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        let text: String
        var testDescription: String { text }
    }

    @Test(arguments: [
        Refusal(arguments: ["none.yaml"], text: "No such document"),
        Refusal(arguments: ["broken.json"], text: "Document cannot be read"),
        Refusal(arguments: ["stack.yaml"], text: "Not an OpenAPI document"),
        Refusal(arguments: ["notes.yaml", "--include", "/note/*"], text: "Pattern that matches nothing"),
        Refusal(arguments: ["notes.yaml", "--base-url", "localhost"], text: "Invalid base URL"),
        Refusal(arguments: ["notes.yaml", "--name", "7"], text: "Invalid name"),
        Refusal(arguments: ["empty.yaml"], text: "No resources found"),
    ])
    func whatCannotBeIsToldAndWritesNothing(_ refusal: Refusal) async throws {
        let stack = try Stack([
            "notes.yaml": Self.document, "broken.json": "{\"openapi\": \"3.0.0\", ",
            "empty.yaml": "openapi: 3.1.0\npaths: {/health: {get: {responses: {200: {description: ok}}}}}\n",
        ])
        let process = try stack.start(["api", "import"] + refusal.arguments + ["--output", "out.yaml"])
        let result = await process.result()
        #expect(result.code == 1 && result.errors.contains(refusal.text), "\(result.errors)")
        #expect(!stack.exists("out.yaml"))
    }
}
