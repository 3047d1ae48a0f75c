import Age
import Foundation
import PlumbModel
import Testing

@testable import Loading
@testable import SOPS

/// Files that sops 3.11 itself has written, and what it makes of them.
enum SOPSCases {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Cases")
    static let names = list("encrypted")
    static let refused = list("refused")

    private static func list(_ name: String) -> [String] {
        let path = folder.appendingPathComponent(name).path
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
    }

    static func identities() throws -> [AgeIdentity] { try AgeIdentity.list(try text("identity.txt")) }

    static func document(_ text: String, _ path: String = "a.yaml") throws -> SpecificationNode {
        try #require(try YAMLReader.read(SourceFile(path: path, text: text)).first)
    }
}

struct SOPSTests {
    @Test(arguments: SOPSCases.names)
    func filesOfSopsAreReadAsSopsReadsThem(_ name: String) throws {
        let document = try SOPSCases.document(try SOPSCases.text("encrypted/\(name)"), name)
        let file = try SOPSFile(document)
        let plain = try file.decrypt(with: try SOPSCases.identities())
        let expected = try SOPSCases.text("clear/\(name)")
        let wanted = try SOPSCases.document(expected, name)
        #expect(plain.plainValue.deeplyUnmarked == wanted.plainValue)
        let clear = String(decoding: try file.clearText(with: try SOPSCases.identities()), as: UTF8.self)
        #expect(try SOPSCases.document(clear, name).plainValue == wanted.plainValue)
        #expect(comments(clear) == comments(expected))
        #expect(!clear.contains("ENC["))
    }

    private func comments(_ text: String) -> [Substring] {
        text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("#") }
    }

    /// Every value that was encrypted is sensitive, and stands at the place of its encrypted form.
    @Test func whatWasEncryptedIsMarkedAndKeepsItsPlace() throws {
        let document = try SOPSCases.document(try SOPSCases.text("encrypted/encrypted-regex.yaml"))
        let plain = try SOPSFile(document).decrypt(with: try SOPSCases.identities())
        let spec = try #require(plain["resources"]?["local_file.a"]?["spec"])
        let sealed = try #require(document["resources"]?["local_file.a"]?["spec"])
        for (one, other) in zip(spec.mapping ?? [], sealed.mapping ?? []) {
            #expect(one.value.range == other.value.range)
            guard let scalar = one.value.scalar, !scalar.text.isEmpty, !scalar.value.isNull else { continue }
            #expect(scalar.isDecrypted, "\(one.key) is not marked")
            #expect(one.value.range(ofText: 0..<1) == one.value.range)
        }
        #expect(plain["region_unencrypted"]?.scalar?.isDecrypted == false)
        #expect(plain["sops"] == nil)
    }

    @Test(arguments: SOPSCases.names)
    func anUnchangedTextKeepsEveryEncryptedForm(_ name: String) throws {
        let text = try SOPSCases.text("encrypted/\(name)")
        let file = try SOPSFile(try SOPSCases.document(text, name))
        let identities = try SOPSCases.identities()
        let clear = String(decoding: try file.clearText(with: identities), as: UTF8.self)
        let writer = try SOPSWriter(replacing: file, with: identities)
        let again = String(
            decoding: try writer.encrypt(try SOPSCases.document(clear, name), at: "2026-01-02T03:04:05Z"),
            as: UTF8.self)
        func forms(_ text: String) -> [String] {
            text.matches(of: /ENC\[[^\]]*\]/).map { String($0.output) }.filter { !$0.contains("type:comment") }
        }
        // The last one is the code, which is new.
        #expect(forms(again).dropLast().count == forms(text).dropLast().count)
        #expect(Set(forms(again)).subtracting(forms(text)).count == 1)
        let read = try SOPSFile(try SOPSCases.document(again, name))
        let before = try file.decrypt(with: identities).plainValue
        #expect(try read.decrypt(with: identities).plainValue == before)
    }

    @Test func onlyWhatChangedGetsAnotherForm() throws {
        let text = try SOPSCases.text("encrypted/usual.yaml")
        let file = try SOPSFile(try SOPSCases.document(text))
        let identities = try SOPSCases.identities()
        let clear = String(decoding: try file.clearText(with: identities), as: UTF8.self)
        let changed = clear.replacing("filename: out/a", with: "filename: out/b")
        #expect(changed != clear)
        let writer = try SOPSWriter(replacing: file, with: identities)
        let again = String(
            decoding: try writer.encrypt(try SOPSCases.document(changed), at: "2026-01-02T03:04:05Z"), as: UTF8.self)
        func lines(_ text: String) -> [Substring] {
            text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { $0.contains("ENC[") }
        }
        let differing = Set(lines(again)).subtracting(lines(text)).compactMap { $0.split(separator: ":").first }
        #expect(Set(differing) == ["filename", "mac", "lines"] || Set(differing) == ["filename", "mac"])
    }

    /// One letter of any value, key or rule is enough.
    @Test func whateverIsChangedIsNoticed() throws {
        let text = try SOPSCases.text("encrypted/usual.yaml")
        let identities = try SOPSCases.identities()
        var changes: [String] = []
        for match in text.matches(of: /data:([A-Za-z0-9+\/]{2})/) where !text[match.range.upperBound...].isEmpty {
            let line = text[match.range.upperBound...].prefix { $0 != "\n" }
            guard !line.contains("type:comment") else { continue }
            let letters = match.output.1
            let other = letters.first == "A" ? "B" : "A"
            changes.append(
                text.replacingCharacters(in: letters.startIndex..<text.index(after: letters.startIndex), with: other))
        }
        #expect(changes.count > 20)
        changes += [
            text.replacing("eu-west-1", with: "eu-west-2"), text.replacing("size_unencrypted: 511\n", with: ""),
            text.replacing("            filename:", with: "            filenames:"),
            text.replacing("unencrypted_suffix: _unencrypted", with: "unencrypted_suffix: e"),
            text.replacing("null_unencrypted: null", with: "null_unencrypted: 1"),
        ]
        for changed in changes {
            #expect(changed != text)
            #expect(throws: Diagnostics.self) {
                try SOPSFile(try SOPSCases.document(changed)).decrypt(with: identities)
            }
        }
    }

    @Test(arguments: SOPSCases.refused)
    func whatCannotBeDecryptedIsRefusedInWords(_ name: String) throws {
        let text = try SOPSCases.text("refused/\(name)")
        let words = ["key-groups": "key groups", "comment-regex": "comments choose", "another-recipient": "age1"]
        let problems = #expect(throws: Diagnostics.self) {
            try SOPSFile(try SOPSCases.document(text, name)).decrypt(with: try SOPSCases.identities())
        }
        let word = try #require(words[name.replacing(".yaml", with: "")])
        #expect(problems?.all.first?.detail.contains(word) == true, "\(problems?.all.first?.detail ?? "")")
    }

    @Test func otherKeyServicesAreNamed() throws {
        let text =
            "a: ENC[AES256_GCM,data:aa==,iv:aa==,tag:aa==,type:str]\nsops:\n  kms: [{arn: x}]\n  pgp: [{fp: y}]\n"
        let problems = #expect(throws: Diagnostics.self) {
            try SOPSFile(try SOPSCases.document(text)).decrypt(with: try SOPSCases.identities())
        }
        #expect(problems?.all.first?.detail.contains("AWS KMS, PGP") == true)
    }

    @Test(arguments: [
        "a: &x 1\nb: *x\n", "a: &x 1\n", "base: &b {x: 1}\nc:\n  <<: *b\n", "a: !!str 1\n", "a: | # comment\n  text\n",
        "- a\n", "sops: {x: 1}\n", "a: 1\n...\n",
    ])
    func whatCannotBeEncryptedIsRefused(_ text: String) throws {
        let recipient = try #require(AgeIdentity.make().recipient)
        let writer = try SOPSWriter(recipients: [recipient], rules: try SOPSRules())
        #expect(throws: Diagnostics.self) {
            try writer.encrypt(try SOPSCases.document(text), at: "2026-01-02T03:04:05Z")
        }
    }

    /// Whatever stands in a text comes back, in block and in flow.
    @Test(arguments: [
        "plain", "with space", "", "null", "true", "yes", "0777", "1_000", "2001-01-01", "1e3", "~", "-", "#x", "a: b",
        "a #b", "\"q\"", "it's", "line\n", "two\nlines", "two\nlines\n", "two\n\n\nlines\n\n", " leading", "trailing ",
        "\n", "\nx", "tab\tx", "a\r\nb", "dëp ⛵ 😀", "\u{1}\u{7F}\u{85}\u{2028}\u{FEFF}", "${var.x}", "%{if}", "[a]",
        "{a: b}", "*a", "&a", "!a", "|", ">", "@a", "`a`", "line\n  indented\n", "x\n \ny", "ENC[no", "=", "a,b",
    ])
    func everyTextComesBack(_ text: String) throws {
        let identity = AgeIdentity.make()
        let recipient = try #require(identity.recipient)
        for isFlow in [false, true] {
            let quoted = ScalarWriting.quoted(text)
            let clear =
                isFlow ? "{\"a\": [\(quoted)], \"b\": {\"c\": \(quoted)}}" : "a:\n  - \(quoted)\nb:\n    c: \(quoted)\n"
            let writer = try SOPSWriter(recipients: [recipient], rules: try SOPSRules())
            let sealed = try writer.encrypt(try SOPSCases.document(clear), at: "2026-01-02T03:04:05Z")
            let file = try SOPSFile(try SOPSCases.document(String(decoding: sealed, as: UTF8.self)))
            let plain = try file.decrypt(with: [identity]).plainValue.deeplyUnmarked
            #expect(plain == ["a": [.string(text)], "b": ["c": .string(text)]])
            let again = String(decoding: try file.clearText(with: [identity]), as: UTF8.self)
            #expect(try SOPSCases.document(again).plainValue == plain, "\(again)")
        }
    }

    @Test(arguments: [
        ("0777", "511"), ("1_000", "1000"), ("0x1F", "31"), ("1.50", "1.5"), ("1e3", "1000"),
        ("1e21", "1000000000000000000000"), ("1e-7", "0.0000001"), ("-5", "-5"), ("+5", "5"), ("08", "8"),
        ("0b11", "3"),
        ("0o17", "15"), ("yes", "yes"), ("TRUE", "True"), ("2001-01-01", "2001-01-01T00:00:00Z"),
        ("2001-13-01", "2001-13-01"), ("2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43.1-05:00"),
        ("2001-12-14 21:59:43", "2001-12-14T21:59:43Z"), ("1.2.3", "1.2.3"), ("-", "-"), (".5", "0.5"), ("5.", "5"),
        ("1-2", "1-2"), ("10.0.0.1", "10.0.0.1"),
    ])
    func unquotedTextIsReadAsSopsReadsIt(_ text: String, _ expected: String) {
        #expect(GoScalar.codeText(text) == expected)
    }
}
