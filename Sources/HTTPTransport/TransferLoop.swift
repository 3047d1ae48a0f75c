internal import CCurl
internal import Glibc
internal import Synchronization

/// The thread that runs libcurl: takes transfers from a queue, hands their results back to the tasks that wait.
final class TransferLoop: Sendable {
    private enum Command: Sendable {
        case start(Transfer)
        case cancel(Transfer)
        case resume(Transfer)
    }

    private struct Inbox: Sendable {
        var commands: [Command] = []
        var isStopping = false
        var hasEnded = false
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    }

    private let settings: HTTPClient.Settings
    private let inbox = Mutex(Inbox())
    /// libcurl allows one call from other threads, `curl_multi_wakeup`; it is made with the inbox locked and before its end.
    nonisolated(unsafe) private let multi: UnsafeMutableRawPointer?

    /// Loads libcurl's tables once in a process.
    private static let isCurlReady: Bool = plumb_curl_global_init() == CURLE_OK

    init(_ settings: HTTPClient.Settings) {
        self.settings = settings
        multi = TransferLoop.isCurlReady ? curl_multi_init() : nil
        guard let multi else {
            inbox.withLock { $0.hasEnded = true }
            return
        }
        plumb_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.idleConnections)
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(self)
        let failed = pthread_create(&thread, nil, TransferLoop.main, retained.toOpaque())
        if failed == 0 {
            pthread_detach(thread)
        } else {
            retained.release()
            curl_multi_cleanup(multi)
            inbox.withLock { $0.hasEnded = true }
        }
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument else { return nil }
        let loop = Unmanaged<TransferLoop>.fromOpaque(argument).takeRetainedValue()
        loop.work()
        return nil
    }

    /// OpenSSL writes to sockets in a way that a server's closing would end the whole process with a signal.
    private static func ignoreBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Runs one transfer; a cancelled task ends it.
    ///
    /// With a channel the result is the head of the answer, and the body goes on to come through the channel.
    func run(
        _ request: HTTPRequest, isRepeated: Bool, into channel: ResponseChannel? = nil
    ) async -> Result<HTTPResponse, HTTPError> {
        let transfer = Transfer(request, isRepeated: isRepeated, channel: channel)
        channel?.connect(
            resume: { [weak self, weak transfer] in self?.post(Command.resume, transfer) },
            cancel: { [weak self, weak transfer] in self?.post(Command.cancel, transfer) })
        if let body = request.bodyStream {
            transfer.upload?.start(body) { [weak self, weak transfer] in self?.post(Command.resume, transfer) }
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.setContinuation(continuation)
                guard post(.start(transfer)) else {
                    transfer.fail(.closed, "the HTTP client has been closed or could not start")
                    return
                }
                // A cancellation that came before the transfer was posted has found nothing to cancel.
                if Task.isCancelled { _ = post(.cancel(transfer)) }
            }
        } onCancel: {
            _ = post(.cancel(transfer))
        }
    }

    /// Lets the thread end soon.
    func stop() {
        inbox.withLock { inbox in
            guard !inbox.hasEnded else { return }
            inbox.isStopping = true
            if let multi { curl_multi_wakeup(multi) }
        }
    }

    /// Ends the thread and waits until it has ended.
    func end() async {
        stop()
        await withCheckedContinuation { continuation in
            let hasEnded = inbox.withLock { inbox in
                if !inbox.hasEnded { inbox.waitingForEnd.append(continuation) }
                return inbox.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    private func post(_ command: (Transfer) -> Command, _ transfer: Transfer?) {
        if let transfer { _ = post(command(transfer)) }
    }

    /// False if the thread will not see the command.
    private func post(_ command: Command) -> Bool {
        inbox.withLock { inbox in
            guard !inbox.hasEnded, !inbox.isStopping else { return false }
            inbox.commands.append(command)
            // An inbox that was not empty has woken the thread already.
            if inbox.commands.count == 1, let multi { curl_multi_wakeup(multi) }
            return true
        }
    }

    private func work() {
        guard let multi else { return }
        TransferLoop.ignoreBrokenPipes()
        var floor = TransferFloor(multi: multi, settings: settings)
        while true {
            let (commands, isStopping) = inbox.withLock { inbox in
                defer { inbox.commands.removeAll(keepingCapacity: true) }
                return (inbox.commands, inbox.isStopping)
            }
            for command in commands {
                switch command {
                case .start(let transfer): floor.admit(transfer)
                case .cancel(let transfer): floor.cancel(transfer)
                case .resume(let transfer): floor.resume(transfer)
                }
            }
            if isStopping { break }
            floor.perform()
            curl_multi_poll(multi, nil, 0, floor.patience, nil)
        }
        floor.close()
        let waiting = inbox.withLock { inbox in
            inbox.hasEnded = true
            curl_multi_cleanup(multi)
            return inbox.waitingForEnd
        }
        for continuation in waiting { continuation.resume() }
    }
}
