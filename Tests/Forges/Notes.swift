import Forges
import Synchronization

/// What a dry run has told.
final class Notes: Sendable {
    private let notes = Mutex<[RecordingForge.Note]>([])

    var all: [RecordingForge.Note] { notes.withLock { $0 } }

    func add(_ note: RecordingForge.Note) { notes.withLock { $0.append(note) } }
}
