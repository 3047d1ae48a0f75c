import PlumbModel
import ProviderAPI

/// `random_password`: random characters from the classes that are asked for.
struct RandomPassword: StateOnlyType, Importing {
    let name = "random_password"
    let schema = Schema(
        [
            AttributeSchema(
                "length", .number, .required, forcesReplacement: true, "How many characters, from 1 to 4096.")
        ]
            + CharacterClass.all.flatMap { kind in
                [
                    AttributeSchema(
                        kind.name, .bool, .optional, default: true, forcesReplacement: true,
                        "Whether there may be \(kind.plural)."),
                    AttributeSchema(
                        "min_" + kind.name, .number, .optional, default: 0, forcesReplacement: true,
                        "How many \(kind.plural) there are at least."),
                ]
            } + [
                AttributeSchema(
                    "override_special", .string, .optional, forcesReplacement: true,
                    "The special characters to choose from, instead of \(CharacterClass.specials)"),
                .keepers,
                AttributeSchema("result", .string, .computed, sensitive: true, "The password."),
                AttributeSchema("id", .string, .computed, "Always `none`: the password itself must not be an id."),
            ])

    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        _ = try PasswordRule(request.declared)
        return schema.plan(request)
    }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        guard let rule = try PasswordRule(request.planned) else {
            throw ProviderError(
                .invalid, "The length and classes of a random_password must be known when it is created.")
        }
        return ResourceState(request.planned.setting(["result": .string(rule.generate()), "id": "none"]))
    }

    /// `id` is the password itself.
    func importResource(id: String) async throws(ProviderError) -> ResourceState? {
        guard (1...PasswordRule.longest).contains(id.count) else {
            throw ProviderError(
                .invalid, "random_password is imported by the password: 1 to \(PasswordRule.longest) characters.")
        }
        let values = schema.attributes.map { ($0.name, $0.defaultValue ?? .null) }
        return ResourceState(
            Value.object(ValueMap(values)).setting([
                "length": .number(id.count), "result": .string(id), "id": "none",
            ]))
    }
}

/// A class of characters that a password is made of.
struct CharacterClass: Sendable {
    let name: String
    let plural: String
    let characters: [Character]

    static let specials = "!@#$%&*()-_=+[]{}<>:?"

    static let all = [
        CharacterClass(name: "lower", plural: "lower-case letters", characters: Array("abcdefghijklmnopqrstuvwxyz")),
        CharacterClass(name: "upper", plural: "upper-case letters", characters: Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")),
        CharacterClass(name: "numeric", plural: "digits", characters: Array("0123456789")),
        CharacterClass(name: "special", plural: "special characters", characters: Array(specials)),
    ]
}

/// How a password is made: its length, and how many characters of which class.
struct PasswordRule {
    private let length: Int
    private var classes: [(characters: [Character], minimum: Int)] = []

    static let longest = 4096

    /// Nil while something that matters is unknown.
    init?(_ values: Value) throws(ProviderError) {
        var isKnown = !values.attribute("override_special").isUnknown
        var required = 0
        for kind in CharacterClass.all {
            let minimum = try values.wholeNumber("min_" + kind.name, in: 0...PasswordRule.longest) ?? 0
            let isAllowed = values.attribute(kind.name).asBool ?? true
            if values.attribute(kind.name).isUnknown || values.attribute("min_" + kind.name).isUnknown {
                isKnown = false
            }
            guard isAllowed || minimum == 0 else {
                throw ProviderError(
                    .invalid, "min_\(kind.name) is \(minimum), but \(kind.name) is false. Remove one of the two.")
            }
            required += minimum
            if isAllowed { classes.append((PasswordRule.characters(kind, values), minimum)) }
        }
        guard !classes.isEmpty else {
            throw ProviderError(
                .invalid, "lower, upper, numeric and special are all false: there is no character to choose.")
        }
        guard let length = try values.wholeNumber("length", in: 1...PasswordRule.longest), isKnown else { return nil }
        guard length >= required else {
            throw ProviderError(
                .invalid,
                "length is \(length), but min_lower, min_upper, min_numeric and min_special add up to \(required).")
        }
        self.length = length
    }

    private static func characters(_ kind: CharacterClass, _ values: Value) -> [Character] {
        guard kind.name == "special", let own = values.attribute("override_special").asString, !own.isEmpty else {
            return kind.characters
        }
        return Array(own)
    }

    func generate() -> String {
        var generator = SystemRandomNumberGenerator()
        var result: [Character] = []
        for (characters, minimum) in classes {
            result += draw(minimum, from: characters, &generator)
        }
        result += draw(length - result.count, from: classes.flatMap(\.characters), &generator)
        result.shuffle(using: &generator)
        return String(result)
    }

    /// `Int.random` draws without modulo bias.
    private func draw(
        _ count: Int, from characters: [Character], _ generator: inout SystemRandomNumberGenerator
    ) -> [Character] {
        (0..<count).map { _ in characters[Int.random(in: characters.indices, using: &generator)] }
    }
}
