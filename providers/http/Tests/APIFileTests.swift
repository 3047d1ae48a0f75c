import HTTPProvider
import PlumbModel
import ProviderAPI
import Testing

@Suite(.timeLimit(.minutes(10))) struct APIFileTests {
    /// One line of a good file is replaced by a bad one; what is wrong must be told, at its place.
    struct Fault: Sendable, CustomTestStringConvertible {
        let old: String
        let new: String
        let place: String
        let text: String
        var testDescription: String { new }
    }

    static let good = """
        api: test
        base_url: http://localhost
        variables: {region: {default: eu}}
        auth: {header: X-Key, value: "${var.key}"}
        errors: {message: "${response.body.error}"}
        types:
          test_thing:
            key: [name]
            schema:
              name: {type: string, required: true, normalise: [lowercase]}
              size: {type: number, default: 1}
            attributes: {size: "${live.bytes}"}
            read: {get: "/${var.region}/things/${canonical.name}"}
            create: {post: /things, body: {name: "${self.name}", size: "${self.size}"}}
            delete: {delete: "/things/${self.name}"}

        """

    @Test func aGoodFileGivesItsTypes() throws {
        let instance = try make(Self.good)
        #expect(instance.resourceTypes.map(\.name) == ["test_thing"])
        let schema = try #require(instance.resourceTypes.first).schema
        #expect(schema.attributes.map(\.name) == ["name", "size"])
        #expect(schema["size"]?.defaultValue == 1)
        // The file cannot update things, so that each change replaces.
        #expect(schema["size"]?.forcesReplacement == true)
    }

    @Test(arguments: [
        Fault(old: "types:", new: "typse:", place: "6:1", text: "Did you mean \"types\"?"),
        Fault(old: "http://localhost", new: "[1]", place: "2:11", text: "base_url must be a string, not a list"),
        Fault(old: "{type: number, default: 1}", new: "{type: nmber}", place: "11:20", text: "\"nmber\" is no type"),
        Fault(
            old: "{type: number, default: 1}", new: "{type: number, default: big}", place: "11:37",
            text: "The default of size"),
        Fault(old: "[lowercase]", new: "[lowercas]", place: "10:56", text: "Did you mean \"lowercase\"?"),
        Fault(old: "key: [name]", new: "key: [nam]", place: "8:11", text: "Did you mean \"name\"?"),
        Fault(old: "${self.size}", new: "${self.siez}", place: "14:67", text: "Did you mean \"size\"?"),
        Fault(old: "${var.region}", new: "${var.regoin}", place: "13:21", text: "Did you mean \"region\"?"),
        Fault(old: "${canonical.name}", new: "${prior.name}", place: "13:42", text: "\"prior\" means nothing here."),
        Fault(old: "${live.bytes}", new: "${live.bytes", place: "12:", text: "}"),
        Fault(old: "post: /things", new: "post: things", place: "14:20", text: "begins with \"/\""),
        Fault(old: "post: /things, body", new: "body", place: "14:13", text: "must have one method with its path"),
        Fault(old: "    delete: {", new: "    remove: {", place: "15:5", text: "has no key \"remove\""),
        Fault(old: "    delete: {delete: \"/things/${self.name}\"}\n", new: "", place: "7:3", text: "how to delete"),
        Fault(old: "required: true", new: "required: yes", place: "10:38", text: "required must be true or false"),
    ])
    func aFaultIsToldAtItsPlace(_ fault: Fault) {
        #expect(Self.good.contains(fault.old))
        let file = Self.good.replacing(fault.old, with: fault.new)
        let problems = #expect(throws: Diagnostics.self) { try make(file) }
        let told = (problems?.all ?? []).map { "\($0.source?.description ?? "") \($0.detail)" }
        #expect(told.contains { $0.hasPrefix("my.yaml:\(fault.place)") && $0.contains(fault.text) }, "\(told)")
    }

    @Test func allFaultsAreToldInOneGo() {
        let file = Self.good.replacing("self.name", with: "self.nam").replacing("errors:", with: "erors:")
        let problems = #expect(throws: Diagnostics.self) { try make(file) }
        #expect(problems?.errorCount == 3)
    }

    struct WrongSetting: Sendable {
        let key: String
        let value: Value
        let text: String
    }

    @Test(arguments: [
        WrongSetting(key: "api", value: "pwerdns", text: "Did you mean \"powerdns\"?"),
        WrongSetting(key: "api", value: "./none.yaml", text: "There is no file \"none.yaml\""),
        WrongSetting(key: "base_url", value: "localhost", text: "must begin with http:// or https://"),
        WrongSetting(key: "timeout", value: "soon", text: "`timeout` must be a duration"),
        WrongSetting(key: "parallelism", value: 0, text: "`parallelism` must be a whole number"),
        WrongSetting(key: "variables", value: ["serve": "x"], text: "Did you mean \"server\"?"),
    ])
    func aWrongConfigurationIsTold(_ setting: WrongSetting) {
        let problems = #expect(throws: Diagnostics.self) {
            try HTTPProvider().configure(
                configuration([("api", "powerdns"), (setting.key, setting.value)]))
        }
        #expect(problems?.all.contains { $0.detail.contains(setting.text) } == true)
    }

    @discardableResult
    private func make(_ file: String) throws -> any ProviderInstance {
        try HTTPProvider().configure(configuration([("api", "./my.yaml")], files: ["my.yaml": file]))
    }
}
