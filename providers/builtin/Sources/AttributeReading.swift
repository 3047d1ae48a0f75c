import PlumbModel
import ProviderAPI

// What providers need of declared values, with errors that name the attribute, the value and what is allowed.
extension Value {
    /// A whole number; nil while it is null or unknown.
    func wholeNumber(_ name: String, in range: ClosedRange<Int>) throws(ProviderError) -> Int? {
        let value = attribute(name)
        guard let number = value.asNumber else { return nil }
        guard let whole = number.asInt else {
            throw ProviderError(.invalid, "\(name) is \(number); it must be a whole number of at most 64 bits.")
        }
        guard range.contains(whole) else {
            throw ProviderError(
                .invalid, "\(name) is \(whole); it must be from \(range.lowerBound) to \(range.upperBound).")
        }
        return whole
    }

    /// One of a few words; nil while it is null or unknown.
    func word(_ name: String, among words: [String]) throws(ProviderError) -> String? {
        guard let word = attribute(name).asString else { return nil }
        guard words.contains(word) else {
            throw ProviderError(
                .invalid,
                "\(name) is \"\(word)\"; it must be one of \(words.joined(separator: ", "))."
                    + Suggestion.didYouMean(word, among: words))
        }
        return word
    }

    /// The texts of a list; empty while it is null or unknown.
    func texts(_ name: String) -> [String] { (attribute(name).asList ?? []).compactMap(\.asString) }
}
