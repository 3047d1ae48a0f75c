import CLibGit2
import Dispatch
import PlumbModel
import Synchronization

/// How long a server may be silent, and whether anybody still waits for it.
public struct FetchPatience: Sendable {
    /// Seconds without a sign of life after which a server is given up.
    public let seconds: Double
    private let isStopped: @Sendable () -> Bool

    public init(seconds: Double = 60, isStopped: @escaping @Sendable () -> Bool = { false }) {
        self.seconds = seconds
        self.isStopped = isStopped
    }

    /// The same, with less patience where there was more.
    public func shortened(to seconds: Double) -> FetchPatience {
        FetchPatience(seconds: min(seconds, self.seconds), isStopped: isStopped)
    }

    /// While another process fetches into the same folder; its own patience bounds the wait.
    func checkWaiting(_ path: String) throws(Diagnostics) {
        guard isStopped() else { return }
        throw Diagnostics(.error("Fetching was stopped", "Another process fetches into \(path); it goes on."))
    }

    func check(_ url: String, _ watch: FetchWatch) throws(Diagnostics) {
        if isStopped() {
            watch.stop()
            throw Diagnostics(
                .error("Fetching was stopped", "\(url) was not fetched to its end. The next fetch begins anew."))
        }
        guard watch.silence > seconds else { return }
        watch.stop()
        throw Diagnostics(
            .error(
                "Git server does not answer",
                "\(url) has said nothing for \(Int(seconds)) seconds. Check the network and the server, then try again."
            ))
    }
}

/// What libgit2 calls back while it talks to a server: gives credentials, checks certificates, and notes signs of life.
final class FetchWatch: @unchecked Sendable {
    // Unchecked, because only the thread that talks to the server touches what is outside of the mutex, until it has ended.
    private struct Life {
        var last = ContinuousClock.now
        var isStopped = false
    }

    private let life = Mutex(Life())
    private let address: RemoteAddress
    let credentials: CredentialOffer
    private let knownHosts: KnownHosts?
    private(set) var untrusted: String?

    /// - Parameter knownHosts: the file in which keys of SSH servers are looked up; nil for `~/.ssh/known_hosts`.
    init(_ address: RemoteAddress, _ credentials: CredentialOffer, knownHosts: String?) throws(Diagnostics) {
        self.address = address
        self.credentials = credentials
        if let knownHosts { self.knownHosts = try KnownHosts(file: knownHosts) } else { self.knownHosts = nil }
    }

    /// Seconds since the last sign of life.
    var silence: Double { (ContinuousClock.now - life.withLock { $0.last }) / .seconds(1) }

    /// Lets the next call back end the transfer.
    func stop() { life.withLock { $0.isStopped = true } }

    /// Notes a sign of life; nonzero ends the transfer.
    fileprivate func live() -> Int32 {
        life.withLock { life in
            life.last = .now
            return life.isStopped ? GIT_EUSER.rawValue : 0
        }
    }

    /// Sets all callbacks; the watch must outlive the use of them.
    func attach(to callbacks: inout git_remote_callbacks) {
        callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
        callbacks.credentials = { out, _, _, allowed, payload in
            guard let watch = FetchWatch.from(payload), watch.live() == 0 else { return GIT_EUSER.rawValue }
            return watch.credentials.next(out, allowed)
        }
        callbacks.certificate_check = { certificate, isValid, host, payload in
            guard let watch = FetchWatch.from(payload), watch.live() == 0 else { return GIT_EUSER.rawValue }
            return watch.check(certificate, isValid != 0, host.map { String(cString: $0) } ?? "the server")
        }
        callbacks.transfer_progress = { _, payload in FetchWatch.from(payload)?.live() ?? 0 }
        callbacks.sideband_progress = { _, _, payload in FetchWatch.from(payload)?.live() ?? 0 }
        callbacks.pack_progress = { _, _, _, payload in FetchWatch.from(payload)?.live() ?? 0 }
    }

    private static func from(_ payload: UnsafeMutableRawPointer?) -> FetchWatch? {
        payload.map { Unmanaged<FetchWatch>.fromOpaque($0).takeUnretainedValue() }
    }

    /// libgit2 has checked X.509 chains, and SSH host keys against `~/.ssh/known_hosts`; what failed there is refused.
    private func check(_ certificate: UnsafeMutablePointer<git_cert>?, _ isValid: Bool, _ host: String) -> Int32 {
        let isSSH = certificate?.pointee.cert_type == GIT_CERT_HOSTKEY_LIBSSH2
        if isSSH, let knownHosts {
            untrusted = certificate.flatMap { knownHosts.objection(to: $0, of: address) }
            return untrusted == nil ? 0 : GIT_ECERTIFICATE.rawValue
        }
        if isValid { return 0 }
        if isSSH {
            let port = address.host.split(separator: ":").dropFirst().last.map { "-p \($0) " } ?? ""
            untrusted =
                "The host key of \(host) is not in ~/.ssh/known_hosts, or differs from the one there. Compare it with what "
                + "the server's operator publishes, then take it in with `ssh-keyscan \(port)\(host) >> ~/.ssh/known_hosts`."
        } else {
            untrusted =
                "The certificate of \(host) is not valid, or not signed by an authority that this machine trusts. A private "
                + "authority is named by the environment variable SSL_CERT_FILE."
        }
        return GIT_ECERTIFICATE.rawValue
    }

    /// Runs what talks to a server on a thread of its own, and waits as long as patience lasts.
    ///
    /// A thread that hangs in a system call is left behind: libgit2 cannot interrupt it, and the process need not wait.
    static func run<Success: Sendable>(
        _ url: String, _ patience: FetchPatience, _ watch: FetchWatch,
        _ body: @escaping @Sendable () throws(Diagnostics) -> Success
    ) throws(Diagnostics) -> Success {
        let answer = Answer<Success>()
        DispatchQueue.global(qos: .userInitiated).async {
            do throws(Diagnostics) {
                answer.give(.success(try body()))
            } catch {
                answer.give(.failure(error))
            }
        }
        while true {
            if let result = answer.wait(milliseconds: 50) { return try result.get() }
            try patience.check(url, watch)
        }
    }

    /// The result of a thread, once it is there.
    private final class Answer<Success: Sendable>: Sendable {
        private let result = Mutex<Result<Success, Diagnostics>?>(nil)
        private let isThere = DispatchSemaphore(value: 0)

        func give(_ value: Result<Success, Diagnostics>) {
            result.withLock { $0 = value }
            isThere.signal()
        }

        func wait(milliseconds: Int) -> Result<Success, Diagnostics>? {
            _ = isThere.wait(timeout: .now() + .milliseconds(milliseconds))
            return result.withLock { $0 }
        }
    }
}
