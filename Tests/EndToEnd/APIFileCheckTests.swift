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

    /// What is doubtful in a stack's own file is told where it is used, once.
    @Test func aStackWarnsOfTheTypesThatItUses() async throws {
        let other = Self.file.replacing("shop_disk", with: "shop_other").split(separator: "\n").dropFirst(2)
        let file = Self.file + other.joined(separator: "\n") + "\nvariables: {spare: {default: x}}\n"
        let stack = try Stack([
            "shop.yaml": file,
            "stack.yaml": """
            stack: warned
            providers:
              http:
                one: {api: ./shop.yaml, base_url: "http://127.0.0.1:1"}
                two: {api: ./shop.yaml, base_url: "http://127.0.0.1:1"}
                three: {api: powerdns, key: k}

            """,
            "main.yaml": """
            resources:
              shop_disk.a: {provider: http.one, spec: {name: a}}
              shop_disk.b: {provider: http.two, spec: {name: b}}

            """,
        ])
        for command in ["validate", "plan"] {
            let result = try await stack.plumb(command)
            #expect(result.code == 0, "\(result.errors)")
            let told = result.words
            #expect(told.ranges(of: "Type that cannot be looked up").count == 1, "\(told)")
            #expect(told.contains("shop.yaml:3:3") && told.contains("Unused variable"), "\(told)")
        }
    }

    @Test func aMissingFileIsTold() async throws {
        let stack = try Stack(["shop.yaml": Self.file])
        let result = try await stack.plumb("api", "check", "shp.yaml")
        #expect(result.code == 1)
        #expect(result.errors.contains("There is no file \"shp.yaml\""), "\(result.errors)")
        #expect(result.errors.contains("Did you mean \"shop.yaml\"?"), "\(result.errors)")
    }
}
