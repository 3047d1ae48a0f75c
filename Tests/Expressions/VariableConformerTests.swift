import Expressions
import PlumbModel
import Testing

/// One variable's value by itself: as a stack and as a module give it, known or not.
struct VariableConformerTests {
    private static let place = SourceRange(file: SourceFile(path: "main.yaml", text: "x"), start: 0, end: 1)

    private func conformer(
        _ type: ValueType?, default value: Value? = nil, nullable: Bool = true, sensitive: Bool = false,
        ephemeral: Bool = false
    ) -> VariableConformer {
        let node = value.map { value in
            SpecificationNode(
                .scalar(Scalar(text: value.asString ?? value.json, style: .plain, value: value)), at: Self.place)
        }
        return VariableConformer(
            VariableDeclaration(
                name: "v", nameRange: Self.place, type: type, defaultValue: node, isSensitive: sensitive,
                isNullable: nullable, isEphemeral: ephemeral))
    }

    private func conform(_ conformer: VariableConformer, _ value: Value) throws -> Value {
        try conformer.conform(value, from: "a module", at: nil)
    }

    @Test func valuesTakeTheTypesOfTheirVariables() throws {
        #expect(try conform(conformer(.number), "12") == 12)
        #expect(try conform(conformer(nil), ["a": 1]) == ["a": 1])
        let list = try conform(conformer(.list(.string)), .tuple([1, "b"]))
        #expect(list == .list(["1", "b"]))
        #expect(throws: Diagnostics.self) { try conform(conformer(.list(.string)), "x") }
    }

    @Test func whatIsUnknownKeepsWhatIsKnownOfIt() throws {
        #expect(try conform(conformer(.number), .unknown()) == .unknown(.number))
        #expect(try conform(conformer(.string, default: "d", nullable: false), .unknown()) == .unknown(.string))
        #expect(try conform(conformer(.list(.number)), .tuple([.unknown(), "1"])) == .list([.unknown(.number), 1]))
        #expect(throws: Diagnostics.self) { try conform(conformer(.number), .unknown(.list(.string))) }
    }

    @Test func nullIsTheDefaultWhereItMustNotBe() throws {
        #expect(try conform(conformer(.number, default: 3, nullable: false), .null) == 3)
        #expect(try conform(conformer(.number, default: 3), .null) == .null)
        #expect(throws: Diagnostics.self) { try conform(conformer(.number, nullable: false), .null) }
    }

    @Test func secretsAreMarkedHoweverTheyCome() throws {
        for conformer in [
            conformer(.string, default: "d", sensitive: true), conformer(nil, default: "d", ephemeral: true),
        ] {
            #expect(try conform(conformer, "x").isSensitive)
            #expect(try conform(conformer, .unknown()).isSensitive)
            #expect(try conformer.defaultValue()?.isSensitive == true)
        }
    }
}
