import HTTPProvider
import PlumbModel
import ProviderAPI
import Testing

/// Lists with pages, in every style, and servers that lead astray.
@Suite(.timeLimit(.minutes(10))) struct PagingTests {
    private let server: HabitsServer

    init() async throws { server = try await HabitsServer() }

    private static func file(_ path: String, _ page: String, more: String = "") -> String {
        """
        api: habits
        types:
          habits_disk:
            key: [name]
            schema:
              name: {type: string, required: true}
              size_gib: {type: number, default: 1}
              id: {type: string, computed: true}
            list:
              get: \(path)
              items: ${response.body.items}
              page: \(page)
            read: {get: "/disks/${self.id}"}
            create: {post: /disks, body: {name: "${self.name}", size_gib: "${self.size_gib}"}, live: "${response.body}"}
            delete: {delete: "/disks/${self.id}"}
        \(more)
        """
    }

    private func type(_ file: String) throws -> any ResourceType {
        try makeInstance(api: "./habits.yaml", url: server.url, key: "k", files: ["habits.yaml": file]).type(
            "habits_disk")
    }

    private func priors(_ count: Int, of type: any ResourceType) -> [ResourceState] {
        (0..<count).map { index in
            ResourceState(
                type.declared([
                    ("name", .string("disk-\(index)")), ("size_gib", .number(index)), ("id", .string("d\(index + 1)")),
                ]))
        }
    }

    struct Style: Sendable, CustomTestStringConvertible {
        let path: String
        let page: String
        /// Of 45 disks, 20 a page.
        let requests: Int
        var testDescription: String { page }
    }

    static let styles = [
        Style(path: "/number/disks", page: "{number: page, size: size, of: 20}", requests: 3),
        Style(
            path: "/number/disks", page: "{number: page, size: size, of: 20, total: \"${response.body.total}\"}",
            requests: 3),
        Style(path: "/offset/disks", page: "{offset: offset, size: size, of: 20}", requests: 3),
        Style(
            path: "/cursor/disks", page: "{cursor: after, from: \"${response.body.next}\", size: size, of: 20}",
            requests: 3),
        Style(path: "/link/disks", page: "{link: next, size: size, of: 20}", requests: 3),
        Style(path: "/url/disks", page: "{url: \"${response.body.links.next}\", size: size, of: 20}", requests: 3),
    ]

    @Test(arguments: styles) func aListIsReadToItsEnd(_ style: Style) async throws {
        try await server.ask("POST", "/_count", ["count": 45])
        let type = try type(Self.file(style.path, style.page))
        let states = try await #require(type as? any Listing).read(all: priors(45, of: type))
        #expect(states.compactMap { $0?.values.text("size_gib") } == (0..<45).map(String.init))
        #expect(try await server.seen().count == style.requests)
    }

    @Test(arguments: styles) func whatIsOnNoPageIsAskedForBeforeItIsGone(_ style: Style) async throws {
        try await server.ask("POST", "/_count", ["count": 45])
        let type = try type(Self.file(style.path, style.page))
        let states = try await #require(type as? any Listing).read(all: priors(46, of: type))
        #expect(states.last == .some(nil))
        #expect(states.dropLast().allSatisfy { $0 != nil })
        #expect(try await server.seen().contains("GET /disks/d46"))
    }

    /// A server that gives less than what is asked for must not be taken for one that has no more.
    @Test(arguments: styles) func pagesMayBeSmallerThanAskedFor(_ style: Style) async throws {
        try await server.ask("POST", "/_count", ["count": 45])
        try await server.ask("POST", "/_cap", ["cap": 7])
        let type = try type(Self.file(style.path, style.page))
        let scanned = try await #require(type as? any Scanning).scan()
        #expect(scanned.map(\.id) == (0..<45).map { "disk-\($0)" })
    }

    @Test func aServerThatKnowsNoPagesIsAskedOnceMore() async throws {
        try await server.ask("POST", "/_count", ["count": 5])
        let type = try type(Self.file("/whole/disks", "{number: page, size: size, of: 5}"))
        #expect(try await #require(type as? any Scanning).scan().count == 5)
        #expect(try await server.seen().count == 2)
    }

    @Test func aCircleIsNoticed() async throws {
        try await server.ask("POST", "/_count", ["count": 45])
        let type = try type(Self.file("/cursor/disks", "{cursor: aftr, from: \"${response.body.next}\"}"))
        let error = await #expect(throws: ProviderError.self) {
            try await #require(type as? any Scanning).scan()
        }
        #expect(error?.message.contains("the server leads in a circle") == true)
    }

    @Test func pagesHaveABound() async throws {
        try await server.ask("POST", "/_count", ["count": 45])
        let type = try type(Self.file("/number/disks", "{number: page, size: size, of: 5, limit: 3}"))
        let error = await #expect(throws: ProviderError.self) {
            try await #require(type as? any Scanning).scan()
        }
        #expect(error?.message.contains("there are more than 3 pages") == true)
    }

    @Test func credentialsGoToNoOtherServer() async throws {
        try await server.ask("POST", "/_count", ["count": 45])
        let type = try type(
            Self.file("/url/disks", "{url: '${replace(response.body.links.next, \"127.0.0.1\", \"localhost\")}'}"))
        let error = await #expect(throws: ProviderError.self) {
            try await #require(type as? any Scanning).scan()
        }
        #expect(error?.message.contains("names an address of another server, http://localhost:") == true)
    }

    @Test func aListThatWouldTakeMoreRequestsIsGivenUp() async throws {
        try await server.ask("POST", "/_count", ["count": 400])
        let type = try type(Self.file("/number/disks", "{number: page, size: size, of: 20}"))
        let some = [350, 399].map { priors(400, of: type)[$0] }
        let states = try await #require(type as? any Listing).read(all: some)
        #expect(states.compactMap { $0?.values.text("size_gib") } == ["350", "399"])
        #expect(try await server.seen().count == 4)
    }

    /// Without a look-up of its own the list finds what a name stands for; two of a name are told.
    @Test func aListFindsWhatAKeyStandsFor() async throws {
        try await server.ask("POST", "/_count", ["count": 45])
        let type = try type(Self.file("/number/disks", "{number: page, size: size, of: 20}"))
        let importing = try #require(type as? any Importing)
        #expect(try await importing.importResource(id: "disk-41")?.values.text("id") == "d42")
        #expect(try await importing.importResource(id: "disk-45") == nil)
        try await server.ask("POST", "/disks", ["name": "disk-41"])
        let error = await #expect(throws: ProviderError.self) { try await importing.importResource(id: "disk-41") }
        #expect(error?.message.hasPrefix("there are several habits_disk with name disk-41") == true)
    }

    @Test func manyIdsGoIntoOneRequest() async throws {
        try await server.ask("POST", "/_count", ["count": 45])
        let file = Self.file("/number/disks", "{number: page}").replacing(
            "    list:\n", with: "    scan: false\n    list:\n")
        let batch = file.replacing(
            "      page: {number: page}\n",
            with: "      partial: true\n    batch: {get: /whole/disks, query: {ids: '${join(\",\", batch.id)}'}, "
                + "items: \"${response.body.items}\", match: [id], of: 20}\n")
        let type = try type(batch)
        let states = try await #require(type as? any Listing).read(all: priors(46, of: type))
        #expect(states.compactMap { $0?.values.text("size_gib") } == (0..<45).map(String.init))
        #expect(states.last == .some(nil))
        #expect(try await server.seen().count == 4)
    }

    /// A file that says nothing of pages, before a server that has them, must cost nobody a resource.
    @Test func whatAnUnsuspectedPageHidesIsNotGone() async throws {
        try await server.ask("POST", "/_count", ["count": 45])
        let type = try type(
            Self.file("/number/disks", "{number: page}").replacing("      page: {number: page}\n", with: ""))
        let states = try await #require(type as? any Listing).read(all: priors(46, of: type))
        #expect(states.compactMap { $0?.values.text("size_gib") } == (0..<45).map(String.init))
        #expect(states.last == .some(nil))
    }

    /// Two disks of one name are told apart by what the server calls them.
    @Test func aNameThatIsTwiceConfusesNobody() async throws {
        for size in 1...3 { try await server.ask("POST", "/disks", ["name": "same", "size_gib": .number(size)]) }
        let type = try type(Self.file("/number/disks", "{number: page, size: size, of: 20}"))
        let priors = ["d3", "d1"].map { id in
            ResourceState(type.declared([("name", "same"), ("size_gib", 1), ("id", .string(id))]))
        }
        let states = try await #require(type as? any Listing).read(all: priors)
        #expect(states.map { $0?.values.text("size_gib") } == ["3", "1"])
    }

    @Test func aListThatDoesNotSayWhichIsWhichIsRefused() async throws {
        try await server.ask("POST", "/_count", ["count": 3])
        let file = Self.file("/whole/disks", "{number: page}").replacing(
            "items: ${response.body.items}", with: "items: '${[for disk in response.body.items : {name = disk.name}]}'")
        let type = try type(file)
        let error = await #expect(throws: ProviderError.self) {
            try await #require(type as? any Listing).read(all: self.priors(3, of: type))
        }
        #expect(error?.message.contains("does not tell id, which its items are told apart by") == true)
    }
}
