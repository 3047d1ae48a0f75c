import CLibPQ
import StateBackendAPI
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Tells the thread that works on a call that nobody waits for it any more.
final class CallCancellation: Sendable {
    private let isSet = Atomic(false)

    var isCancelled: Bool { isSet.load(ordering: .relaxed) }

    func cancel() { isSet.store(true, ordering: .relaxed) }
}

/// One connection to a server, over libpq in pipeline mode: commands are sent together and answered together.
///
/// For one thread at a time. Nothing waits without end: every answer has a deadline.
final class ServerConnection {
    private let handle: OpaquePointer
    private let address: ServerAddress
    /// The names under which SQL is prepared.
    private var prepared: [String: String] = [:]
    private var nameCount = 0
    /// Seconds that an answer may take.
    var answerSeconds: Double
    /// Of the call that is being worked on.
    var cancellation: CallCancellation

    /// Connects; returns when the server has let us in.
    init(
        _ address: ServerAddress, connectSeconds: Double, answerSeconds: Double, cancellation: CallCancellation
    ) throws(ServerFailure) {
        self.address = address
        self.answerSeconds = answerSeconds
        self.cancellation = cancellation
        var keywords: [UnsafePointer<CChar>?] = []
        var values: [UnsafePointer<CChar>?] = []
        for parameter in address.parameters {
            keywords.append(UnsafePointer(strdup(parameter.keyword)))
            values.append(UnsafePointer(strdup(parameter.value)))
        }
        defer { for text in keywords + values { free(UnsafeMutablePointer(mutating: text)) } }
        guard let handle = PQconnectStartParams(keywords + [nil], values + [nil], 0) else {
            throw .lost("no memory for a connection")
        }
        self.handle = handle
        // With it the reason of a refusal has its code, which does not depend on the server's language.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        // What the server remarks would go to the standard error.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        try connect(within: address.connectSeconds(byDefault: connectSeconds))
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else { throw lost() }
    }

    deinit { PQfinish(handle) }

    var serverVersion: Int32 { PQserverVersion(handle) }

    var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

    func setting(_ name: String) -> String? { PQparameterStatus(handle, name).map { String(cString: $0) } }

    /// What the commands of one pipeline gave, up to the first that was refused or gave what it must not.
    struct Answer {
        var rows: [ResultRows] = []
        /// The failure of the command that follows the rows; commands after it were not carried out, or are to be undone.
        var failure: ServerFailure?
    }

    /// Sends all, reads all; throws only when the connection is lost or the call cancelled.
    func answer(_ commands: [Command]) throws(ServerFailure) -> Answer {
        guard !commands.isEmpty else { return Answer() }
        var newNames: [String: String] = [:]
        var isPreparation: [Bool] = []
        for command in commands {
            if command.isPrepared, prepared[command.sql] == nil, newNames[command.sql] == nil {
                nameCount += 1
                let name = "plumb_\(nameCount)"
                newNames[command.sql] = name
                guard PQsendPrepare(handle, name, command.sql, 0, nil) == 1 else { throw lost() }
                isPreparation.append(true)
            }
            try send(command, name: prepared[command.sql] ?? newNames[command.sql])
            isPreparation.append(false)
            // Keeps what waits in memory small, and the server's answers from filling the network's buffers.
            _ = try flush()
        }
        guard PQpipelineSync(handle) == 1 else { throw lost() }
        return try collect(commands, isPreparation, newNames)
    }

    /// As `answer`, for commands that must all succeed.
    @discardableResult
    func run(_ commands: [Command]) throws(ServerFailure) -> [ResultRows] {
        let answer = try answer(commands)
        if let failure = answer.failure { throw failure }
        return answer.rows
    }

    // MARK: - Sending

    private func send(_ command: Command, name: String?) throws(ServerFailure) {
        // Never empty, so that an empty text is not taken for null.
        var bytes: [UInt8] = [0]
        var starts: [Int?] = []
        var lengths: [Int32] = []
        for parameter in command.parameters {
            let start = bytes.count
            starts.append(parameter.write(to: &bytes) ? start : nil)
            lengths.append(Int32(clamping: bytes.count - start))
        }
        let count = Int32(command.parameters.count)
        let formats = [Int32](repeating: 1, count: command.parameters.count)
        let sent = bytes.withUnsafeBytes { (buffer) -> Int32 in
            let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = starts.map { start in start.flatMap { base?.advanced(by: $0) } }
            if command.isPrepared, let name {
                return PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
            }
            return PQsendQueryParams(handle, command.sql, count, nil, values, lengths, formats, 1)
        }
        guard sent == 1 else { throw lost() }
    }

    /// Whether something is still to be sent.
    private func flush() throws(ServerFailure) -> Bool {
        switch PQflush(handle) {
        case 0: return false
        case 1:
            // A server that waits for us to read its answers does not read our questions.
            guard PQconsumeInput(handle) == 1 else { throw lost() }
            return true
        default: throw lost()
        }
    }

    // MARK: - Receiving

    private func collect(
        _ commands: [Command], _ isPreparation: [Bool], _ newNames: [String: String]
    ) throws(ServerFailure) -> Answer {
        var answer = Answer()
        var pending = commands[...]
        for isPreparation in isPreparation {
            guard let result = try nextResult() else { throw .lost("the server's answers are out of step") }
            let rows = ResultRows(result)
            let status = PQresultStatus(result)
            if status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE {
                if PQstatus(handle) == CONNECTION_BAD { throw lost() }
                if answer.failure == nil { answer.failure = refusal(result) }
            }
            while try nextResult(discarding: true) != nil {}
            guard !isPreparation else {
                if status == PGRES_COMMAND_OK, let sql = pending.first?.sql { prepared[sql] = newNames[sql] }
                continue
            }
            guard let command = pending.popFirst(), answer.failure == nil else { continue }
            if let objection = command.objection?(rows) {
                answer.failure = .state(objection)
            } else {
                answer.rows.append(rows)
            }
        }
        guard let synchronised = try nextResult() else { throw .lost("the server's answers are out of step") }
        PQclear(synchronised)
        return answer
    }

    private func nextResult(discarding: Bool) throws(ServerFailure) -> OpaquePointer? {
        let result = try nextResult()
        if discarding, let result { PQclear(result) }
        return result
    }

    private func nextResult() throws(ServerFailure) -> OpaquePointer? {
        let deadline = ContinuousClock.now + .seconds(answerSeconds)
        while PQisBusy(handle) == 1 {
            let isSending = try flush()
            try wait(for: isSending ? Int16(POLLIN | POLLOUT) : Int16(POLLIN), until: deadline, "answer")
            guard PQconsumeInput(handle) == 1 else { throw lost() }
        }
        return PQgetResult(handle)
    }

    private func connect(within seconds: Double) throws(ServerFailure) {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var event = Int16(POLLOUT)
        while PQstatus(handle) != CONNECTION_BAD {
            try wait(for: event, until: deadline, "let us in")
            switch PQconnectPoll(handle) {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: event = Int16(POLLIN)
            case PGRES_POLLING_WRITING: event = Int16(POLLOUT)
            default: throw connectFailure()
            }
        }
        throw connectFailure()
    }

    /// Wakes up ten times a second to see whether the call was cancelled.
    private func wait(
        for events: Int16, until deadline: ContinuousClock.Instant, _ what: String
    ) throws(ServerFailure) {
        while true {
            if cancellation.isCancelled { throw .cancelled }
            let socket = PQsocket(handle)
            guard socket >= 0 else { throw lost() }
            var descriptor = pollfd(fd: socket, events: events, revents: 0)
            let ready = poll(&descriptor, 1, 100)
            if ready > 0 { return }
            if ready < 0, errno != EINTR { throw .lost(String(cString: strerror(errno))) }
            if ContinuousClock.now > deadline { throw .lost("it did not \(what) in time") }
        }
    }

    // MARK: - What went wrong

    private func lost() -> ServerFailure { .lost(text(PQerrorMessage(handle)) ?? "the connection was closed") }

    private func refusal(_ result: OpaquePointer) -> ServerFailure {
        // From the codes of libpq's C macros: 'C' is the SQLSTATE, 'M' the message without the values it is about.
        let code = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
        let message = text(PQresultErrorField(result, Int32(UInt8(ascii: "M"))))
        guard let code else { return .lost(message ?? "the connection was closed") }
        return .refused(code: code, message: message ?? "nothing")
    }

    /// libpq has the SQLSTATE of a refused connection only in its text: `FATAL:  28P01: password ...`.
    private func connectFailure() -> ServerFailure {
        let message = text(PQerrorMessage(handle)) ?? "no reason is known"
        // The first of several tries, with and without encryption, tells as much as all of them.
        guard let match = message.firstMatch(of: /:\s+([0-9][0-9A-Z]{4}):\s+([^;]*)/) else { return .lost(message) }
        return .refused(code: String(match.output.1), message: String(match.output.2))
    }

    private func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        guard let pointer else { return nil }
        let lines = String(cString: pointer).split(separator: "\n").map { line in
            line.drop(while: \.isWhitespace)
        }.filter { !$0.hasPrefix("LOCATION:") }
        var text = address.redacted(lines.joined(separator: "; "))
        while let last = text.last, last == "." || last.isWhitespace { text.removeLast() }
        return text.isEmpty ? nil : text
    }
}
