import PlumbModel
import ProviderAPI

/// `random_pet`: a name that people can remember.
struct RandomPet: StateOnlyType {
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
        AttributeSchema("id", .string, .computed, "The name."),
    ])

    private static let lengths = 1...16

    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        _ = try request.declared.wholeNumber("length", in: RandomPet.lengths)
        return schema.plan(request)
    }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        guard let length = try request.planned.wholeNumber("length", in: RandomPet.lengths) else {
            throw ProviderError(.invalid, "length of random_pet must be known when it is created.")
        }
        var generator = SystemRandomNumberGenerator()
        var words = PetWords.adjectives.shuffled(using: &generator).prefix(length - 1).map(String.init)
        words.append(String(PetWords.animals[Int.random(in: PetWords.animals.indices, using: &generator)]))
        if let prefix = request.planned.attribute("prefix").asString { words.insert(prefix, at: 0) }
        let separator = request.planned.attribute("separator").asString ?? "-"
        return ResourceState(request.planned.setting(["id": .string(words.joined(separator: separator))]))
    }
}
