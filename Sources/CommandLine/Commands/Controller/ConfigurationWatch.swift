internal import Dispatch
internal import PlumbModel
internal import Reconciling

#if canImport(Glibc)
    internal import Glibc
#endif

/// Reads a controller's configuration anew when its file changes, or when the process is told to (SIGHUP).
final class ConfigurationWatch: Sendable {
    private struct Source: @unchecked Sendable {
        // Dispatch sources may be used from any thread; the type does not say so on Linux.
        let signal: any DispatchSourceSignal
    }

    private let source: Source
    private let looking: Task<Void, Never>

    /// Seconds between two looks at the file.
    private static let interval = 5.0

    init(
        _ file: ControllerFile,
        changed: @escaping @Sendable (Result<ControllerConfiguration, Diagnostics>) async -> Void
    ) {
        let read = { @Sendable in
            do throws(Diagnostics) {
                await changed(.success(try await file.read()))
            } catch {
                await changed(.failure(error))
            }
        }
        signal(SIGHUP, SIG_IGN)
        source = Source(signal: DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global()))
        source.signal.setEventHandler { Task { await read() } }
        source.signal.resume()
        looking = Task {
            var known = file.stamp()
            while !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(Self.interval)) } catch { return }
                let now = file.stamp()
                // A file that is just being replaced is looked at again.
                guard let now, now != known else { continue }
                known = now
                await read()
            }
        }
    }

    func stop() {
        looking.cancel()
        source.signal.cancel()
        signal(SIGHUP, SIG_DFL)
    }
}
