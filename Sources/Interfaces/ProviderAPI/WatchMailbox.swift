internal import Synchronization

/// Carries notices from a watch to the one task that reads them.
///
/// Of each resource it holds the newest notice alone, so that a slow reader costs no memory and sees what is, not all that
/// was. It ends with the reading task's cancellation or with `finish`.
public final class WatchMailbox: AsyncSequence, Sendable {
    public typealias Element = WatchNotice
    public typealias Failure = Never

    private enum Subject: Hashable {
        case resource(Int)
        case beginning
        case connection
    }

    private struct Content {
        var order: [Subject] = []
        /// How many of `order` have been read.
        var read = 0
        var newest: [Subject: WatchNotice] = [:]
        var reader: CheckedContinuation<WatchNotice?, Never>?
        var isFinished = false

        mutating func put(_ notice: WatchNotice) {
            let subject = Content.subject(of: notice)
            if newest.updateValue(notice, forKey: subject) == nil { order.append(subject) }
        }

        mutating func take() -> WatchNotice? {
            guard read < order.count else { return nil }
            defer {
                read += 1
                if read == order.count || read > 1024 {
                    order.removeFirst(read)
                    read = 0
                }
            }
            return newest.removeValue(forKey: order[read])
        }

        private static func subject(of notice: WatchNotice) -> Subject {
            switch notice {
            case .drifted(let index, _), .deleted(let index), .restored(let index): .resource(index)
            case .began: .beginning
            case .interrupted, .resumed: .connection
            }
        }
    }

    private let content = Mutex(Content())

    public init() {}

    public func put(_ notice: WatchNotice) {
        let reader = content.withLock { content -> CheckedContinuation<WatchNotice?, Never>? in
            guard !content.isFinished else { return nil }
            guard let reader = content.reader else {
                content.put(notice)
                return nil
            }
            content.reader = nil
            return reader
        }
        reader?.resume(returning: notice)
    }

    /// Nothing comes any more; what is there can still be read.
    public func finish() {
        let reader = content.withLock { content in
            content.isFinished = true
            defer { content.reader = nil }
            return content.reader
        }
        reader?.resume(returning: nil)
    }

    public func makeAsyncIterator() -> Iterator { Iterator(mailbox: self) }

    public struct Iterator: AsyncIteratorProtocol {
        let mailbox: WatchMailbox

        public mutating func next() async -> WatchNotice? { await mailbox.next() }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> WatchNotice? {
            await mailbox.next()
        }
    }

    private enum Step {
        case give(WatchNotice?)
        case wait
    }

    private func next() async -> WatchNotice? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let step = content.withLock { content -> Step in
                    if let notice = content.take() { return .give(notice) }
                    // A cancellation before this found no reader to wake.
                    if content.isFinished || Task.isCancelled { return .give(nil) }
                    precondition(content.reader == nil, "One task at a time reads a mailbox.")
                    content.reader = continuation
                    return .wait
                }
                if case .give(let notice) = step { continuation.resume(returning: notice) }
            }
        } onCancel: {
            let reader = content.withLock { content in
                defer { content.reader = nil }
                return content.reader
            }
            reader?.resume(returning: nil)
        }
    }
}
