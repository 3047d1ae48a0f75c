import HTTPTypes
import Synchronization

/// Which pools are being written to, and by how many uploads.
final class RunningUploads: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    func begin(_ pool: String) { counts.withLock { $0[pool, default: 0] += 1 } }

    func end(_ pool: String) {
        counts.withLock { counts in
            let rest = (counts[pool] ?? 1) - 1
            counts[pool] = rest == 0 ? nil : rest
        }
    }

    func contains(_ pool: String) -> Bool { counts.withLock { $0[pool] != nil } }
}

/// Bounds how many downloads go on at once, and with it the memory that they take.
final class DownloadPlaces: Sendable {
    /// Given back when nobody holds it any more, however the download ends.
    final class Place: Sendable {
        private let places: DownloadPlaces

        fileprivate init(_ places: DownloadPlaces) { self.places = places }

        deinit { places.taken.subtract(1, ordering: .relaxed) }
    }

    private static let most = 32

    private let taken = Atomic<Int>(0)

    func enter() throws(Problem) -> Place {
        let place = taken.add(1, ordering: .relaxed)
        guard place.newValue <= DownloadPlaces.most else {
            taken.subtract(1, ordering: .relaxed)
            var problem = Problem(
                .tooManyRequests, "Too many downloads", detail: "\(DownloadPlaces.most) go on already. Try again later."
            )
            problem.headers[.retryAfter] = "2"
            throw problem
        }
        return Place(self)
    }
}
