internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import PlumbModel
internal import Synchronization

/// A request whose path and sender are known.
struct Call: Sendable {
    /// What is known of a request, for the logs: it grows while the request is worked on.
    final class Trace: Sendable {
        struct Facts: Sendable {
            var operation = "none"
            var actor = ""
            var stack = ""
            /// Of what is asked for; empty where nothing is to be changed.
            var action = ""
            var reason = ""
        }

        private let facts = Mutex(Facts())

        var known: Facts { facts.withLock { $0 } }

        func note(_ change: (inout Facts) -> Void) { facts.withLock { change(&$0) } }
    }

    let path: [String: String]
    let query: [String: String]
    let request: Request
    /// An IP address, or `unix`.
    let address: String
    /// Nil where the operation is for everybody.
    let caller: Caller?
    /// Seconds since 1970.
    let now: Double
    /// How long the whole body may take: each piece in time is not enough.
    let bodySeconds: Double
    let trace: Trace

    var headers: HTTPFields { request.headers }

    /// A number in the query, held to a range.
    func integer(_ name: String, in range: ClosedRange<Int64>) throws(Problem) -> Int64? {
        guard let text = query[name] else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw .malformed("`\(name)` has to be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// Reads the body whole; refuses a longer one without reading on.
    func body(upTo limit: Int) async throws(Problem) -> [UInt8] {
        let tooLong = Problem(.contentTooLarge, "The body is too long", "At most \(limit) bytes are read.")
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLong }
        let (body, seconds) = (request.body, bodySeconds)
        let result = await withTaskGroup(of: Result<[UInt8], Problem>.self) { group in
            group.addTask {
                do {
                    return .success(Array(try await body.collect(upTo: limit).readableBytesView))
                } catch is NIOTooManyBytesError {
                    return .failure(tooLong)
                } catch {
                    return .failure(.malformed("The body ended too early."))
                }
            }
            group.addTask {
                do {
                    try await Task.sleep(for: .seconds(seconds))
                } catch {
                    // The body is there.
                }
                return .failure(
                    Problem(.requestTimeout, "The body took too long", "It has to be there within \(Int(seconds)) s."))
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .failure(.malformed("The body ended too early."))
        }
        return try result.get()
    }

    /// Refuses a body that is not said to be JSON.
    func requireJSON() throws(Problem) {
        let type = (headers[.contentType] ?? "").prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
        guard type == "application/json" else {
            throw Problem(
                .unsupportedMediaType, "The body has another type", "Content-Type has to be application/json.")
        }
    }
}
