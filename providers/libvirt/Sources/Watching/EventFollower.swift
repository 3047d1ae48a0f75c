import HTTPTransport
import PlumbModel
import ProviderAPI

/// Keeps the stream of the gateway's events open, and says what is to be read because of them.
struct EventFollower {
    private let gateway: GatewayClient
    private let register: WatchRegister
    private let agenda: WatchAgenda
    private let board: DriftBoard
    private var reader = EventReader()
    private var pause = WatchPause()
    /// When the stream of now had begun to tell.
    private var opened: ContinuousClock.Instant?

    /// A stream that has lived for so long is no part of a series of failures.
    private static let steadyTime = Duration.seconds(5)

    init(gateway: GatewayClient, register: WatchRegister, agenda: WatchAgenda, board: DriftBoard) {
        self.gateway = gateway
        self.register = register
        self.agenda = agenda
        self.board = board
    }

    /// Until its task is cancelled, or it is clear from the beginning that there can be no watch.
    mutating func run() async -> ProviderError {
        while true {
            opened = nil
            do throws(ProviderError) {
                try await follow()
                // The gateway stops, or was not read fast enough; what came meanwhile it tells to whoever comes back.
                noteEnd()
                try await pause.wait()
            } catch {
                noteEnd()
                guard !Task.isCancelled, error.code != .cancelled else { return .watchCancelled }
                let isHopeless = [.unauthorized, .invalid, .notFound].contains(error.code)
                if isHopeless, !board.hasBegun { return error }
                // A stream that broke may be no more than a gateway that is started anew at once.
                if pause.failures > 0 || error.code == .timeout || isHopeless { board.note(breakFor: error.message) }
                do throws(ProviderError) { try await pause.wait() } catch { return error }
            }
        }
    }

    private mutating func noteEnd() {
        agenda.close()
        if let opened, opened.duration(to: .now) > Self.steadyTime { pause.reset() }
    }

    private mutating func follow() async throws(ProviderError) {
        let isNew = reader.lastID == nil
        reader = EventReader(after: reader.lastID)
        let stream = try await gateway.events(after: reader.lastID)
        guard (200...299).contains(stream.status) else { throw try await gateway.refusal(of: stream) }
        var lines = stream.body.lines(maximumBytes: 1 << 20).makeAsyncIterator()
        while let line = try await next(&lines) {
            guard let message = reader.take(line) else { continue }
            if opened == nil {
                // From here on nothing is missed, so that what is read from now on stays true.
                if isNew || board.isInterrupted { agenda.addEverything() }
                agenda.open()
                opened = .now
            }
            if case .event(let event) = message { take(event) }
        }
        guard opened != nil else {
            throw ProviderError(
                .unexpected, "GET /v1/events: the answer is no stream of events that a gateway would give.",
                isRetryable: true)
        }
    }

    private func next(
        _ lines: inout HTTPResponseStream.Lines.Iterator
    ) async throws(ProviderError) -> [UInt8]? {
        do {
            return try await lines.next()
        } catch {
            throw ProviderError(error, changes: false, gateway.settings)
        }
    }

    private func take(_ event: GatewayEvent) {
        switch (event.kind, event.action) {
        case ("reset", _): agenda.addEverything()
        case ("gateway", "disconnected"):
            board.note(breakFor: "The gateway has lost its connection to libvirt.")
            agenda.postpone()
        // What has happened before that was told to nobody.
        case ("gateway", _): agenda.addEverything()
        default:
            switch register.concern(of: event) {
            case .nothing: break
            case .some(let indexes): agenda.add(indexes)
            case .everything: agenda.addEverything()
            }
        }
    }
}
