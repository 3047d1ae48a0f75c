import PlumbModel
import Testing

/// Which versions a range takes in, and their order.
struct VersionRangeTests {
    @Test(arguments: [
        (">=1.2 <2", "1.2.0 1.9.9", "1.1.9 2.0.0 2.0.0-rc.1 1.5.0-rc.1"),
        ("^1.4", "1.4.0 1.99.0", "1.3.9 2.0.0"), ("^0.2.3", "0.2.3 0.2.9", "0.2.2 0.3.0"),
        ("^0.0.3", "0.0.3", "0.0.4 0.0.2"), ("^0", "0.0.1 0.9.0", "1.0.0"), ("^0.0", "0.0.9", "0.1.0"),
        ("~1.4.2", "1.4.2 1.4.9", "1.4.1 1.5.0"), ("~1.4", "1.4.0 1.4.9", "1.5.0"), ("~1", "1.0.0 1.9.0", "2.0.0"),
        ("~> 1.4", "1.4.0 1.9.0", "1.3.0 2.0.0"), ("~>1.4.2", "1.4.2 1.4.9", "1.5.0"),
        ("1.x", "1.0.0 1.9.0", "0.9.0 2.0.0"), ("1", "1.0.0 1.9.0", "2.0.0"), ("1.2.*", "1.2.0 1.2.9", "1.3.0"),
        ("*", "0.0.0 9.9.9", "1.0.0-a"), ("1.2.3", "1.2.3 v1.2.3 1.2.3+build", "1.2.4"), ("=v1.2.3", "1.2.3", "1.2.4"),
        ("1.2 || >=3", "1.2.5 3.0.0 4.0.0", "1.3.0 2.0.0"), (">1.2", "1.3.0", "1.2.0 1.2.9"),
        ("<=1.2", "1.2.9 0.1.0", "1.3.0"),
        (">1.2.3, <1.3", "1.2.4", "1.2.3 1.3.0"), ("> 1.2.3", "1.2.4", "1.2.3"), (">*", "", "0.0.0 1.0.0"),
        (">=2.0.0-rc.1", "2.0.0-rc.1 2.0.0-rc.2 2.0.0 2.1.0", "2.0.0-beta 2.1.0-rc.1"),
    ])
    func aRangeTakesIn(_ range: String, _ inside: String, _ outside: String) throws {
        let range = try VersionRange(range)
        for (text, isInside) in [(inside, true), (outside, false)] {
            for version in text.split(separator: " ") {
                #expect(range.contains(try #require(SemanticVersion(String(version)))) == isInside, "\(version)")
            }
        }
    }

    @Test(arguments: [
        "", "||", "1 ||", "a", "1.2.3.4", ">=", "1.-2", "^1.2.x.3", "1.x.2", "1.2-rc", "99999999999999999999999",
        "^x", "~*", "~> x",
    ])
    func whatIsNoRangeIsRefused(_ text: String) {
        let problems = #expect(throws: Diagnostics.self) { try VersionRange(text) }
        #expect(problems?.all.first?.summary == "Invalid version range")
    }

    @Test func versionsAreInOrder() throws {
        let texts = [
            "0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0",
        ]
        let versions = try texts.map { try #require(SemanticVersion($0)) }
        #expect(versions.shuffled().sorted() == versions)
        for wrong in ["1", "1.2", "1.2.x", "1.2.3-", "1.2.3-a..b", "nightly", "1.2.3 ", "release-1.2.3", "+1.2.3"] {
            #expect(SemanticVersion(wrong) == nil, "\(wrong)")
        }
    }
}
