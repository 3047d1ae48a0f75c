import PlumbModel
import ProviderAPI

/// `random_pet`: a name that people can remember.
struct RandomPet: CountedRandomType {
    let name = "random_pet"
    let schema = Schema([
        AttributeSchema(
            "length", .number, .optional, default: 2, forcesReplacement: true,
            "How many words, from 1 to 16: adjectives, and an animal at the end."),
        AttributeSchema(
            "separator", .string, .optional, default: "-", forcesReplacement: true, "Stands between the words."),
        AttributeSchema(
            "prefix", .string, .optional, forcesReplacement: true, "A word before the others, with a separator."),
        .keepers,
        AttributeSchema("id", .string, .computed, derivedFrom: ["prefix", "separator"], "The name."),
    ])

    static let count = "length"
    static let counts = 1...16

    func draw(_ count: Int, for planned: Value) -> Value {
        var generator = SystemRandomNumberGenerator()
        var words = PetWords.adjectives.shuffled(using: &generator).prefix(count - 1).map(String.init)
        words.append(String(PetWords.animals[Int.random(in: PetWords.animals.indices, using: &generator)]))
        if let prefix = planned.attribute("prefix").asString { words.insert(prefix, at: 0) }
        let separator = planned.attribute("separator").asString ?? "-"
        return planned.setting(["id": .string(words.joined(separator: separator))])
    }
}
