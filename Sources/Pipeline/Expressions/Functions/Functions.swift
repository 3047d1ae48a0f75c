import PlumbModel

/// The built-in functions of the language: Terraform's, with Terraform's results.
public enum Functions {
    /// All names that can be called, sorted.
    public static var names: [String] { sortedNames }

    private static let sortedNames = (Array(table.keys) + ["can", "templatefile", "templatestring", "try"]).sorted()

    static let table: [String: Function] = {
        let all =
            NumberFunctions.all + StringFunctions.all + CollectionFunctions.all + ObjectFunctions.all + SetFunctions.all
            + EncodingFunctions.all + HashFunctions.all + NetworkFunctions.all + TimeFunctions.all + FileFunctions.all
            + ConversionFunctions.all + PatternFunctions.all + SecretFunctions.all
        return Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }()

    /// Functions of Terraform's that are not here, each with the reason or the way round.
    static let absent: [String: String] = [
        "list": "Write [a, b], or tolist([a, b]).",
        "map": "Write {key = value}, or tomap({key = value}).",
        "type": "It only serves Terraform's console.",
    ]
}
