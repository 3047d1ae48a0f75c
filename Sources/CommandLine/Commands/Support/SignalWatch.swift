internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// Hears Ctrl-C and SIGTERM: the first time and every further one are told apart, so that the first can be gentle.
final class SignalWatch: Sendable {
    private struct Sources: @unchecked Sendable {
        // Dispatch sources may be used from any thread; the type does not say so on Linux.
        let all: [any DispatchSourceSignal]
    }

    private let sources: Sources

    /// - Parameter heard: called with 1 the first time, 2 the second, and so on.
    init(_ heard: @escaping @Sendable (Int) -> Void) {
        sources = Sources(
            all: [SIGINT, SIGTERM].map { number in
                signal(number, SIG_IGN)
                return DispatchSource.makeSignalSource(signal: number, queue: .global())
            })
        let counter = SignalCounter()
        for source in sources.all {
            source.setEventHandler { heard(counter.next()) }
            source.resume()
        }
    }

    func stop() {
        for source in sources.all { source.cancel() }
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    }
}

/// Counts signals across the sources that hear them.
private final class SignalCounter: Sendable {
    private let count = Atomic<Int>(0)

    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}
