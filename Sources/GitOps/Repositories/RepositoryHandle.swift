import CLibGit2
import PlumbModel
import Synchronization

/// An open libgit2 repository. libgit2 wants one thread at a time for a repository, so that each use takes its turn.
final class RepositoryHandle: @unchecked Sendable {
    // Unchecked, because the pointer is only used while `turn` is held.
    private let pointer: OpaquePointer
    private let turn = Mutex<Void>(())

    /// Takes over a pointer that libgit2 has opened.
    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit { git_repository_free(pointer) }

    func use<Result>(
        _ body: (OpaquePointer) throws(Diagnostics) -> Result
    ) throws(Diagnostics) -> Result {
        try turn.withLock { _ throws(Diagnostics) in try body(pointer) }
    }
}
