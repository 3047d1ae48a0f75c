/// The secrets in a resource's values, to find copies of them in what its provider has computed: an attribute that
/// gives back an input, or a program's output that prints one.
struct SecretCopies {
    private var texts: [String] = []
    private var numbers: [Number] = []

    init(of value: Value) { collect(value, isSecret: false) }

    private mutating func collect(_ value: Value, isSecret: Bool) {
        let isSecret = isSecret || value.isSensitive
        guard isSecret || value.containsSensitive else { return }
        switch value.kind {
        case .string(let text): if !text.isEmpty { texts.append(text) }
        case .number(let number): numbers.append(number)
        case .list(let elements, _): for element in elements { collect(element, isSecret: isSecret) }
        case .map(let map, _): for entry in map { collect(entry.value, isSecret: isSecret) }
        default: break
        }
    }

    /// The same content with each copy marked as sensitive.
    func marked(_ value: Value) -> Value {
        if value.isSensitive { return value }
        switch value.kind {
        case .string(let text): return value.sensitive(texts.contains { isCopy($0, in: text) })
        case .number(let number): return value.sensitive(numbers.contains(number))
        case .list(let elements, let sequencing): return Value(.list(elements.map(marked), sequencing))
        case .map(let map, let mapping): return Value(.map(map.mapValues(marked), mapping))
        default: return value
        }
    }

    /// Very short secrets are found in too much by chance, so they count only as a whole.
    private func isCopy(_ secret: String, in text: String) -> Bool {
        secret.utf8.count < 4 ? text == secret : text.contains(secret)
    }
}
