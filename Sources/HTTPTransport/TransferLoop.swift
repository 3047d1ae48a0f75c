internal import CCurl
internal import DequeModule
internal import Glibc
internal import Synchronization

/// The thread that runs libcurl: takes transfers from a queue, hands their results back to the tasks that wait.
final class TransferLoop: Sendable {
    private enum Command: Sendable {
        case start(Transfer)
        case cancel(Transfer)
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

    /// Runs one transfer; a cancelled task ends it.
    func run(_ request: HTTPRequest) async -> Result<HTTPResponse, HTTPError> {
        let transfer = Transfer(request)
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
                }
            }
            if isStopping { break }
            floor.perform()
            curl_multi_poll(multi, nil, 0, 60_000, nil)
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

/// The transfers under way and those that wait for their host; known to the loop's thread alone.
private struct TransferFloor {
    private struct Host {
        var active = 0
        var waiting: Deque<Transfer> = []
    }

    private let multi: UnsafeMutableRawPointer
    private let settings: HTTPClient.Settings
    private var active: [UnsafeMutableRawPointer: Transfer] = [:]
    private var hosts: [String: Host] = [:]
    /// Handles of finished transfers: making one costs more than resetting it.
    private var spare: [UnsafeMutableRawPointer] = []

    init(multi: UnsafeMutableRawPointer, settings: HTTPClient.Settings) {
        self.multi = multi
        self.settings = settings
    }

    mutating func admit(_ transfer: Transfer) {
        if hosts[transfer.host, default: Host()].active < settings.connectionsPerHost {
            start(transfer)
        } else {
            hosts[transfer.host]?.waiting.append(transfer)
        }
    }

    mutating func cancel(_ transfer: Transfer) {
        if let handle = transfer.handle, active[handle] != nil {
            transfer.fail(.cancelled, "cancelled")
            release(handle)
        } else if let index = hosts[transfer.host]?.waiting.firstIndex(where: { $0 === transfer }) {
            hosts[transfer.host]?.waiting.remove(at: index)
            transfer.fail(.cancelled, "cancelled")
        }
    }

    /// Moves bytes, and hands out the results of what has finished.
    mutating func perform() {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            active[handle]?.finish(message.pointee.data.result, settings)
            release(handle)
        }
    }

    mutating func close() {
        for (handle, transfer) in active {
            transfer.fail(.closed, "the HTTP client was closed meanwhile")
            curl_multi_remove_handle(multi, handle)
            curl_easy_cleanup(handle)
            transfer.letGo()
        }
        for host in hosts.values {
            for transfer in host.waiting { transfer.fail(.closed, "the HTTP client was closed meanwhile") }
        }
        for handle in spare { curl_easy_cleanup(handle) }
        active = [:]
        hosts = [:]
        spare = []
    }

    private mutating func start(_ transfer: Transfer) {
        guard let handle = spare.popLast() ?? curl_easy_init() else {
            transfer.fail(.invalid, "libcurl has no memory for another transfer")
            return
        }
        if let fault = transfer.prepare(handle, settings) ?? TransferFloor.fault(curl_multi_add_handle(multi, handle)) {
            transfer.fail(.invalid, fault)
            transfer.letGo()
            curl_easy_cleanup(handle)
            return
        }
        active[handle] = transfer
        hosts[transfer.host, default: Host()].active += 1
    }

    private static func fault(_ code: CURLMcode) -> String? {
        code == CURLM_OK ? nil : String(cString: curl_multi_strerror(code))
    }

    private mutating func release(_ handle: UnsafeMutableRawPointer) {
        curl_multi_remove_handle(multi, handle)
        curl_easy_reset(handle)
        if spare.count < settings.connectionsPerHost { spare.append(handle) } else { curl_easy_cleanup(handle) }
        guard let transfer = active.removeValue(forKey: handle) else { return }
        transfer.letGo()
        hosts[transfer.host]?.active -= 1
        if let next = hosts[transfer.host]?.waiting.popFirst() {
            start(next)
        } else if hosts[transfer.host]?.active == 0 {
            hosts[transfer.host] = nil
        }
    }
}
