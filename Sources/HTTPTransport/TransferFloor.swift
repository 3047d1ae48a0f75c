internal import CCurl
internal import DequeModule

/// The transfers under way and those that wait for their host; known to the loop's thread alone.
struct TransferFloor {
    /// A class, because a queue of thousands is not to be copied for each change.
    private final class Host {
        var gate: HostGate
        var active = 0
        var streams = 0
        var waiting: Deque<Transfer> = []
        var waitingStreams: Deque<Transfer> = []
        /// Those that were tried before: they have waited already.
        var repeated: Deque<Transfer> = []

        init(gate: HostGate) {
            self.gate = gate
        }

        var isIdle: Bool {
            active == 0 && streams == 0 && waiting.isEmpty && waitingStreams.isEmpty && repeated.isEmpty
        }

        /// The transfer whose turn it is, if there is a place for it.
        func next(_ streamsPerHost: Int) -> Transfer? {
            let first = gate.prefersNew
            while active < gate.places,
                let transfer = (first ? waiting.popFirst() : nil) ?? repeated.popFirst() ?? waiting.popFirst()
            {
                if !transfer.isOver { return transfer }
            }
            while streams < streamsPerHost, let transfer = waitingStreams.popFirst() {
                if !transfer.isOver { return transfer }
            }
            return nil
        }

        func note(_ transfer: Transfer) {
            guard let answer = transfer.answer, gate.note(answer, now: .now) else { return }
            let reason = gate.reason(transfer.host, isReading: answer.isReading)
            func abandon(_ queue: inout Deque<Transfer>) {
                queue.removeAll { waiting in
                    guard waiting.isReading == answer.isReading else { return false }
                    if !waiting.isOver { waiting.fail(.throttled, reason) }
                    return true
                }
            }
            abandon(&repeated)
            abandon(&waiting)
            abandon(&waitingStreams)
        }
    }

    private let multi: UnsafeMutableRawPointer
    private let settings: HTTPClient.Settings
    private var active: [UnsafeMutableRawPointer: Transfer] = [:]
    private var hosts: [String: Host] = [:]
    /// Hosts that something waits for although no transfer of theirs will end and let it go on.
    private var closedHosts: Set<String> = []
    /// Handles of finished transfers: making one costs more than resetting it.
    private var spare: [UnsafeMutableRawPointer] = []
    private let alarm = SilenceAlarm()

    private static let spareHandles = 64

    init(multi: UnsafeMutableRawPointer, settings: HTTPClient.Settings) {
        self.multi = multi
        self.settings = settings
    }

    mutating func admit(_ transfer: Transfer) {
        transfer.isAdmitted = true
        let host = hosts[transfer.host] ?? newHost
        hosts[transfer.host] = host
        if let objection = host.gate.objection(transfer.host, isReading: transfer.isReading, now: .now) {
            return transfer.fail(.throttled, objection)
        }
        if transfer.isRepeated {
            host.repeated.append(transfer)
        } else if transfer.isStream {
            host.waitingStreams.append(transfer)
        } else {
            host.waiting.append(transfer)
        }
        startWaiting(transfer.host)
    }

    mutating func cancel(_ transfer: Transfer) {
        guard transfer.isAdmitted, !transfer.isOver else { return }
        transfer.fail(.cancelled, "cancelled")
        // One that waits stays in its queue, and is passed over when its turn comes.
        if let handle = transfer.handle { release(handle) }
    }

    /// Lets a transfer go on that had no room for its answer, or nothing more to send.
    func resume(_ transfer: Transfer) {
        guard let handle = transfer.handle, !transfer.isOver, active[handle] != nil else { return }
        curl_easy_pause(handle, CURLPAUSE_CONT)
    }

    /// Moves bytes, and hands out the results of what has finished.
    mutating func perform() {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            active[handle]?.finish(code, settings)
            release(handle)
        }
        let now = ContinuousClock.now
        endSilentTransfers(now)
        openGates(now)
    }

    /// Milliseconds until something is to be done though nothing has happened on the network.
    var patience: Int32 {
        let gates = closedHosts.compactMap { hosts[$0]?.gate.closedUntil }
        guard let next = (gates + [alarm.time].compactMap(\.self)).min() else { return 60_000 }
        return Int32(min(max((next - .now).wholeMilliseconds, 1), 60_000))
    }

    mutating func close() {
        for (handle, transfer) in active {
            transfer.fail(.closed, "the HTTP client was closed meanwhile")
            curl_multi_remove_handle(multi, handle)
            curl_easy_cleanup(handle)
            transfer.letGo()
        }
        for host in hosts.values {
            for transfer in [host.waiting, host.waitingStreams, host.repeated].joined() where !transfer.isOver {
                transfer.fail(.closed, "the HTTP client was closed meanwhile")
            }
        }
        for handle in spare { curl_easy_cleanup(handle) }
        active = [:]
        hosts = [:]
        spare = []
    }

    // MARK: - Starting and ending

    private var newHost: Host { Host(gate: HostGate(limit: settings.connectionsPerHost, policy: settings.retry)) }

    /// Starts what may go now.
    private mutating func startWaiting(_ name: String) {
        guard let host = hosts[name] else { return }
        guard host.gate.isOpen(.now) else {
            if !host.isIdle { closedHosts.insert(name) }
            return
        }
        while let transfer = host.next(settings.streamsPerHost) {
            guard start(transfer) else { continue }
            if transfer.isStream { host.streams += 1 } else { host.active += 1 }
        }
        if host.isIdle, host.gate.isPristine { hosts[name] = nil }
    }

    /// False: it has failed already.
    private mutating func start(_ transfer: Transfer) -> Bool {
        guard let handle = spare.popLast() ?? curl_easy_init() else {
            transfer.fail(.invalid, "libcurl has no memory for another transfer")
            return false
        }
        if let fault = transfer.prepare(handle, settings, alarm)
            ?? TransferFloor.fault(curl_multi_add_handle(multi, handle))
        {
            transfer.fail(.invalid, fault)
            transfer.letGo()
            curl_easy_cleanup(handle)
            return false
        }
        active[handle] = transfer
        keepConnections()
        return true
    }

    private static func fault(_ code: CURLMcode) -> String? {
        code == CURLM_OK ? nil : String(cString: curl_multi_strerror(code))
    }

    /// libcurl counts connections in use as kept ones, and would close as many too early.
    private func keepConnections() {
        plumb_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.idleConnections + active.count)
    }

    private mutating func release(_ handle: UnsafeMutableRawPointer) {
        curl_multi_remove_handle(multi, handle)
        curl_easy_reset(handle)
        if spare.count < TransferFloor.spareHandles { spare.append(handle) } else { curl_easy_cleanup(handle) }
        guard let transfer = active.removeValue(forKey: handle) else { return }
        keepConnections()
        transfer.letGo()
        // Also of one that was ended early: a refused stream is let go of as soon as its head says so.
        hosts[transfer.host]?.note(transfer)
        if transfer.isStream { hosts[transfer.host]?.streams -= 1 } else { hosts[transfer.host]?.active -= 1 }
        startWaiting(transfer.host)
    }

    // MARK: - Time

    private mutating func endSilentTransfers(_ now: ContinuousClock.Instant) {
        guard alarm.hasRung(now) else { return }
        var silent: [UnsafeMutableRawPointer] = []
        for (handle, transfer) in active where transfer.isTimed {
            if let reason = transfer.silence(now) {
                transfer.fail(.timeout, reason)
                silent.append(handle)
            } else {
                transfer.setAlarm()
            }
        }
        for handle in silent { release(handle) }
    }

    private mutating func openGates(_ now: ContinuousClock.Instant) {
        guard !closedHosts.isEmpty else { return }
        for name in closedHosts where hosts[name]?.gate.closedUntil.map({ $0 <= now }) ?? true {
            closedHosts.remove(name)
            startWaiting(name)
        }
    }
}

/// When a transfer may next have been silent for too long: the earliest of all their times.
final class SilenceAlarm {
    private(set) var time: ContinuousClock.Instant?

    func set(_ time: ContinuousClock.Instant) {
        self.time = min(self.time ?? time, time)
    }

    /// True once its time has come; it is off then.
    func hasRung(_ now: ContinuousClock.Instant) -> Bool {
        guard let time, time <= now else { return false }
        self.time = nil
        return true
    }
}
