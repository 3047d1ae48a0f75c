// Sends many small requests and says what they cost: http-bench URL REQUESTS IN-FLIGHT [CA-FILE]
import Glibc
import HTTPTransport

/// What the process has used so far.
struct Usage {
    let time = ContinuousClock.now
    let processorSeconds: Double
    let residentMebibytes: Int

    init() {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        processorSeconds = [usage.ru_utime, usage.ru_stime].reduce(0) {
            $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
        }
        residentMebibytes = usage.ru_maxrss / 1024
    }
}

func say(_ text: String, to descriptor: Int32 = STDOUT_FILENO) {
    _ = Array((text + "\n").utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
}

let arguments = CommandLine.arguments
guard arguments.count >= 4, let requests = Int(arguments[2]), let inFlight = Int(arguments[3]), inFlight > 0 else {
    say("usage: http-bench URL REQUESTS IN-FLIGHT [CA-FILE]", to: STDERR_FILENO)
    exit(2)
}
let url = arguments[1]
let authorities = arguments.count > 4 ? PEMSource.file(arguments[4]) : nil
let client = HTTPClient(
    .init(connectionsPerHost: inFlight, tls: TLSSettings(authorities: authorities), proxy: .none, retry: .none))
_ = try await client.send(HTTPRequest("GET", url))

let before = Usage()
let share = requests / inFlight
try await withThrowingTaskGroup(of: Void.self) { group in
    for _ in 0..<inFlight {
        group.addTask {
            for _ in 0..<share {
                let answer = try await client.send(HTTPRequest("GET", url))
                guard answer.status == 200 else { throw HTTPError(.unreadable, answer.statusText) }
            }
        }
    }
    try await group.waitForAll()
}
let after = Usage()
await client.close()

let done = Double(share * inFlight)
let perSecond = Int(done / ((after.time - before.time) / .seconds(1)))
let processor = (after.processorSeconds - before.processorSeconds) / done * 10_000
let hundredths = Int((processor * 100).rounded())
say(
    "\(perSecond) requests/s, \(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) CPU s per 10,000, "
        + "\(after.residentMebibytes) MiB")
