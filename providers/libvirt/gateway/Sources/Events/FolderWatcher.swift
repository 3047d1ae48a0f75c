import Dispatch
import Glibc
import Synchronization

/// Tells at once in which pools' folders files have come, gone or been written: libvirt does not look by itself. Where the
/// system cannot tell, nothing is told.
final class FolderWatcher: Sendable {
    /// The source is used under the lock alone.
    private struct State: @unchecked Sendable {
        var inotify: Int32?
        var source: (any DispatchSourceRead)?
        /// The system's numbers of watched folders, and whose folders they are.
        var numbers: [String: Int32] = [:]
        var pools: [Int32: String] = [:]
        var changed: Set<String> = []
    }

    private static let events =
        UInt32(IN_CREATE) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM) | UInt32(IN_MOVED_TO) | UInt32(IN_CLOSE_WRITE)
        | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)

    /// Something has changed.
    let wakeups: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation
    private let queue = DispatchQueue(label: "folders")
    private let state = Mutex(State())

    init() {
        (wakeups, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    deinit { watch([:]) }

    /// From now on these, whose pools are named, and no others.
    func watch(_ folders: [String: String]) {
        state.withLock { state in
            guard !folders.isEmpty else { return close(&state) }
            guard let inotify = state.inotify ?? open(&state) else { return }
            for (folder, number) in state.numbers where folders[folder] != state.pools[number] {
                inotify_rm_watch(inotify, number)
                state.numbers[folder] = nil
                state.pools[number] = nil
            }
            for (folder, pool) in folders where state.numbers[folder] == nil {
                let number = inotify_add_watch(inotify, folder, FolderWatcher.events)
                guard number >= 0 else { continue }
                state.numbers[folder] = number
                state.pools[number] = pool
            }
        }
    }

    /// The pools in whose folders something has changed since this was asked last.
    func takeChanged() -> Set<String> {
        state.withLock { state in
            defer { state.changed = [] }
            return state.changed
        }
    }

    private func open(_ state: inout State) -> Int32? {
        let inotify = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard inotify >= 0 else { return nil }
        let source = DispatchSource.makeReadSource(fileDescriptor: inotify, queue: queue)
        source.setEventHandler { [weak self] in self?.read(inotify) }
        // Until then the number is not given to another file.
        source.setCancelHandler { Glibc.close(inotify) }
        source.resume()
        state.inotify = inotify
        state.source = source
        return inotify
    }

    private func close(_ state: inout State) {
        state.source?.cancel()
        state = State()
    }

    // MARK: Reading

    private static let roomForEvents = 65536
    /// Of an event without its name.
    private static let headSize = MemoryLayout<inotify_event>.size

    private func read(_ inotify: Int32) {
        withUnsafeTemporaryAllocation(byteCount: FolderWatcher.roomForEvents, alignment: 8) { room in
            while true {
                let count = Glibc.read(inotify, room.baseAddress, room.count)
                guard count > 0 else { return }
                note(UnsafeRawBufferPointer(rebasing: room[..<count]), inotify)
            }
        }
    }

    private func note(_ events: UnsafeRawBufferPointer, _ inotify: Int32) {
        state.withLock { state in
            // Events that were still read when it was closed.
            guard state.inotify == inotify else { return }
            var offset = 0
            while offset + FolderWatcher.headSize <= events.count {
                let event = events.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                offset += FolderWatcher.headSize + Int(event.len)
                note(event, inotify, &state)
            }
        }
        waker.yield()
    }

    private func note(_ event: inotify_event, _ inotify: Int32, _ state: inout State) {
        // Some were lost.
        guard event.mask & UInt32(IN_Q_OVERFLOW) == 0 else {
            state.changed.formUnion(state.pools.values)
            return
        }
        guard let pool = state.pools[event.wd] else { return }
        state.changed.insert(pool)
        // Another folder may come to its place, which the next look finds.
        guard event.mask & (UInt32(IN_IGNORED) | UInt32(IN_MOVE_SELF)) != 0 else { return }
        if event.mask & UInt32(IN_MOVE_SELF) != 0 { inotify_rm_watch(inotify, event.wd) }
        state.pools[event.wd] = nil
        state.numbers = state.numbers.filter { $0.value != event.wd }
    }
}
