import PlumbModel
import Testing

@testable import HTTPProvider

/// Which names are one name, and which only look alike.
@Suite struct IdentityTests {
    struct Pair: Sendable, CustomTestStringConvertible {
        let wanted: Value
        let told: Value
        var around: [String] = []
        var testDescription: String { "\(wanted.json), \(told.json)" }
    }

    @Test(arguments: [
        Pair(wanted: "Web", told: "web"), Pair(wanted: "example.org", told: "example.org."),
        Pair(wanted: "things/", told: "things"), Pair(wanted: "a b/c", told: "a%20b%2Fc"),
        Pair(wanted: 7, told: "7"), Pair(wanted: "7", told: 7),
        Pair(wanted: "7", told: "https://host/v1/things/7"), Pair(wanted: "7", told: "https://host/things/7?view=full"),
        Pair(wanted: "7", told: "/v1/things/7/"), Pair(wanted: "projects/p/things/web", told: "web"),
        Pair(wanted: "https://host/things/7", told: 7), Pair(wanted: "web", told: "acme/web"),
        Pair(wanted: "things/web", told: "projects/p/things/web"),
        Pair(wanted: "orders", told: "arn:aws:sqs:eu-central-1:123456789012:orders"),
        Pair(wanted: "6f9619ff-8b86-d011-b42d-00cf4fc964ff", told: "6F9619FF8B86D011B42D00CF4FC964FF"),
        Pair(wanted: "www", told: "www.example.org.", around: ["Example.org"]),
        Pair(wanted: "www.example.org", told: "www", around: ["example.org."]),
    ])
    func oneName(_ pair: Pair) {
        #expect(IdentityComparison(surroundings: pair.around).areSame(pair.wanted, pair.told))
    }

    @Test(arguments: [
        Pair(wanted: "web", told: "web2"), Pair(wanted: "web2", told: "web"), Pair(wanted: "web", told: "my-web"),
        Pair(wanted: "1", told: "11"), Pair(wanted: 1, told: 21), Pair(wanted: "7", told: "https://host/things/17"),
        Pair(wanted: "7", told: "https://host/things/7/parts/8"),
        Pair(wanted: "7", told: "https://host/things/9?id=/7"),
        Pair(wanted: "example.org", told: "www.example.org"), Pair(wanted: "www", told: "www.example.org"),
        Pair(wanted: "www", told: "www.example.com", around: ["example.org"]),
        Pair(wanted: "things/web", told: "other/web"), Pair(wanted: "1", told: "2001:db8::1"),
        Pair(wanted: "web", told: ""), Pair(wanted: "web", told: .null), Pair(wanted: "", told: "web"),
        Pair(wanted: "a..", told: "a"), Pair(wanted: "/", told: "web/"),
        Pair(wanted: "6f9619ff-8b86-d011-b42d-00cf4fc964ff", told: "6f9619ff-8b86-d011-b42d-00cf4fc964fe"),
    ])
    func anotherName(_ pair: Pair) {
        #expect(!IdentityComparison(surroundings: pair.around).areSame(pair.wanted, pair.told))
    }
}
