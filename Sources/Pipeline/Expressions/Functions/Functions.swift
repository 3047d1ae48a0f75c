import PlumbModel

/// The built-in functions of the language: Terraform's, with Terraform's results.
public enum Functions {
    /// All names that can be called, sorted.
    public static var names: [String] { sortedNames }

    private static let sortedNames = (Array(table.keys) + ["can", "templatefile", "try"]).sorted()

    static let table: [String: Function] = {
        let all =
            NumberFunctions.all + StringFunctions.all + CollectionFunctions.all + ObjectFunctions.all + SetFunctions.all
            + EncodingFunctions.all + HashFunctions.all + NetworkFunctions.all + TimeFunctions.all + FileFunctions.all
            + ConversionFunctions.all + PatternFunctions.all
        return Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }()

    /// Functions of Terraform's that are not here, each with the reason or the way round.
    static let absent: [String: String] = [
        "timestamp": "The time of day would change every plan; declare a time_rotating resource and refer to it.",
        "plantimestamp": "The time of day would change every plan; declare a time_rotating resource and refer to it.",
        "uuid": "A new random id would change every plan; declare a random_uuid resource, or use uuidv5().",
        "bcrypt": "Its random salt would change every plan; hash the password where it is used.",
        "rsadecrypt": "Keep secrets in files encrypted with SOPS instead.",
        "list": "Write [a, b], or tolist([a, b]).",
        "map": "Write {key = value}, or tomap({key = value}).",
        "type": "It only serves Terraform's console.",
    ]
}
