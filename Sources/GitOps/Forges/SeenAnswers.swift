internal import HTTPTransport
internal import Synchronization

/// Remembers answers with their entity tags, so that what has not changed need not be sent again.
///
/// Bounded: what was not asked for the longest goes first.
final class SeenAnswers: Sendable {
    struct Answer: Sendable {
        let tag: String
        let response: HTTPResponse
    }

    private struct State {
        var answers: [String: (answer: Answer, use: Int)] = [:]
        var bytes = 0
        var uses = 0
    }

    private static let mostBytes = 8 << 20
    private static let most = 256
    private let state = Mutex(State())

    subscript(url: String) -> Answer? {
        get {
            state.withLock { state in
                state.uses += 1
                state.answers[url]?.use = state.uses
                return state.answers[url]?.answer
            }
        }
        set {
            state.withLock { state in
                if let old = state.answers.removeValue(forKey: url) { state.bytes -= old.answer.response.body.count }
                guard let newValue, newValue.response.body.count <= SeenAnswers.mostBytes / 4 else { return }
                state.uses += 1
                state.answers[url] = (newValue, state.uses)
                state.bytes += newValue.response.body.count
                while state.bytes > SeenAnswers.mostBytes || state.answers.count > SeenAnswers.most {
                    guard let oldest = state.answers.min(by: { $0.value.use < $1.value.use }) else { return }
                    state.answers[oldest.key] = nil
                    state.bytes -= oldest.value.answer.response.body.count
                }
            }
        }
    }
}

/// Reads where a list goes on (RFC 8288).
enum LinkHeader {
    /// `<https://api.github.com/…?page=2>; rel="next", <…>; rel="last"`: the first address; nil on the last page.
    static func next(_ headers: HTTPHeaders) -> String? {
        for header in headers where header.name.lowercased() == "link" {
            var rest = header.value[...]
            while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
                let address = rest[rest.index(after: open)..<close]
                rest = rest[rest.index(after: close)...]
                let parameters = rest.prefix { $0 != "<" }
                let isNext = parameters.split(separator: ";").contains { parameter in
                    let plain = parameter.filter { $0 != "\"" && $0 != " " && $0 != "," }
                    return plain.lowercased() == "rel=next"
                }
                if isNext { return String(address) }
                rest = rest.dropFirst(parameters.count)
            }
        }
        return nil
    }
}
