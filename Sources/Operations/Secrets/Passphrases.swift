internal import Synchronization

/// Where passphrases of age come from: `PLUMB_AGE_PASSPHRASE`, else a person at the terminal, who is asked once for each
/// thing that is locked.
public enum Passphrases {
    private struct State {
        var asking: (@Sendable (String) -> String?)?
        var answers: [String: String] = [:]
    }

    static let variable = "PLUMB_AGE_PASSPHRASE"
    /// For what is locked anew, where that is to be another one.
    private static let newVariable = "PLUMB_AGE_NEW_PASSPHRASE"
    private static let state = Mutex(State())

    /// - Parameter asking: asks a person in words of ours, without showing the answer; nil where the answer is none.
    public static func ask(with asking: @escaping @Sendable (String) -> String?) {
        state.withLock { $0.asking = asking }
    }

    /// What opens something that exists; nil where nobody can say.
    ///
    /// - Parameter what: for the question, such as a path.
    static func existing(_ what: String, _ environment: [String: String]) -> String? {
        let (known, asking) = state.withLock { ($0.answers[what], $0.asking) }
        if let known { return known }
        if let given = environment[variable], !given.isEmpty { return given }
        guard let answer = asking?("Passphrase of \(what): "), !answer.isEmpty else { return nil }
        state.withLock { $0.answers[what] = answer }
        return answer
    }

    /// What shall lock something new; a person says it twice. Nil where nobody can say, or said two things.
    static func new(_ what: String, _ environment: [String: String]) -> String? {
        let (known, asking) = state.withLock { ($0.answers[what], $0.asking) }
        if let known { return known }
        for name in [newVariable, variable] {
            guard let given = environment[name], !given.isEmpty else { continue }
            state.withLock { $0.answers[what] = given }
            return given
        }
        guard let asking, let answer = asking("New passphrase for \(what): "), !answer.isEmpty,
            asking("The same again: ") == answer
        else { return nil }
        state.withLock { $0.answers[what] = answer }
        return answer
    }

    /// Lets the next question be asked, although one was answered before.
    static func forget(_ what: String) { state.withLock { $0.answers[what] = nil } }
}
