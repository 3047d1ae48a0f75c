/// Which pull request: a number of a followed repository.
struct PullRequestPlace: Hashable, Sendable {
    /// Its name in the configuration.
    let repository: String
    let number: Int

    init(_ repository: String, _ number: Int) {
        self.repository = repository
        self.number = number
    }

    /// `infra#7`: as its record is called, and by which controllers share the work.
    var key: String { "\(repository)#\(number)" }

    init?(key: String) {
        guard let sign = key.lastIndex(of: "#"), let number = Int(key[key.index(after: sign)...]) else { return nil }
        self.init(String(key[..<sign]), number)
    }
}
