import PlumbModel
import Synchronization

/// Remembers that reading has met damage in a cache, which can be fetched anew.
final class DamageNote: Sendable {
    private let met = Mutex(false)
    private let url: String
    private let path: String

    init(url: String, path: String) {
        self.url = url
        self.path = path
    }

    var isMet: Bool { met.withLock { $0 } }

    func set(_ isMet: Bool) { met.withLock { $0 = isMet } }

    /// Takes note of problems that damage has caused.
    ///
    /// - Returns: the problems, saying what happens next in the place of what one does with a clone of one's own.
    func examine(_ problems: Diagnostics) -> Diagnostics {
        guard problems.all.contains(where: { GitFailure.isDamage($0) }) else { return problems }
        set(true)
        return Diagnostics(
            problems.all.map { problem in
                guard GitFailure.isDamage(problem) else { return problem }
                return .error(
                    "Repository cache is damaged",
                    "The copy of \(url) in \(path) does not hold what it should. The next look at the server fetches it "
                        + "anew; until then nothing is changed. If this comes again, check the disk.",
                    notes: [.init(problem.detail)])
            })
    }
}
