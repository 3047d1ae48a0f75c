import Testing

/// `plumb api check`: an API file by itself, without a stack.
struct APIFileCheckTests {
    private static let file = """
        api: shop
        types:
          shop_disk:
            key: [name]
            schema: {name: {type: string, required: true}, id: {type: string, computed: true}}
            read: {get: "/disks/${self.id}"}
            create: {post: /disks, body: {name: "${self.name}"}, live: "${response.body}"}
            delete: {delete: "/disks/${self.id}"}

        """

    @Test func aGoodFileIsSummedUp() async throws {
        let stack = try Stack(["apis/shop.yaml": Self.file])
        let result = try await stack.plumb("api", "check", "apis/shop.yaml")
        #expect(result.code == 0, "\(result.errors)")
        #expect(
            result.output == """
                Valid: the API "shop" has 1 type.
                  shop_disk  2 attributes; read, create, delete; imported by <id>
                      No update: every change replaces.
                      No list and no batch: a refresh asks once for each resource.
                      No lookup: a creation that was interrupted waits for a person.
                      No list: `plumb scan` cannot find what nobody manages.
                Each instance must say where its API is: base_url.

                """)
        #expect(result.errors.contains("warning: Type that cannot be looked up\n  shop.yaml:3:3\n"), "\(result.errors)")
    }

    @Test func aWrongFileIsRefusedAtItsPlace() async throws {
        let stack = try Stack(["shop.yaml": Self.file.replacing("self.name", with: "self.nam")])
        let result = try await stack.plumb("api", "check", "shop.yaml")
        #expect(result.code == 1)
        #expect(result.errors.contains("error: Unknown name\n  shop.yaml:7:44\n"), "\(result.errors)")
        #expect(result.errors.contains("Did you mean \"name\"?"))
        let json = try await stack.plumb("api", "check", "shop.yaml", "--json")
        #expect(json.code == 1)
        #expect(json.output.contains("Unknown name"))
    }

    @Test func aMissingFileIsTold() async throws {
        let stack = try Stack(["shop.yaml": Self.file])
        let result = try await stack.plumb("api", "check", "shp.yaml")
        #expect(result.code == 1)
        #expect(result.errors.contains("There is no file \"shp.yaml\""), "\(result.errors)")
        #expect(result.errors.contains("Did you mean \"shop.yaml\"?"), "\(result.errors)")
    }
}
