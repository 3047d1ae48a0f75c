import PlumbModel
import StateBackendAPI
import StateKeeping

/// Why the server did not do what it was asked.
enum ServerFailure: Error {
    /// The connection was never made, or is gone: what was under way may have happened or not.
    case lost(String)
    /// The server refused; the code is its SQLSTATE.
    case refused(code: String, message: String)
    /// Nobody waits for the answer any more.
    case cancelled
    /// Another connection would meet the same.
    case state(StateBackendError)

    /// Whether a new connection may bring what this one did not: the server stops, starts, or is full.
    var isOfConnection: Bool {
        switch self {
        case .lost: true
        case .refused(let code, _): code.hasPrefix("08") || code.hasPrefix("57P") || code == "53300"
        case .cancelled, .state: false
        }
    }

    var isCancellation: Bool {
        if case .cancelled = self { true } else { false }
    }

    /// Whether the server is there, but takes nobody at the moment.
    var isServerNotReady: Bool {
        guard case .refused(let code, _) = self else { return false }
        return code == "57P03" || code == "53300"
    }

    /// Whether the same transaction, begun anew, may pass: it met another one.
    var isConflict: Bool {
        guard case .refused(let code, _) = self else { return false }
        return code == "40001" || code == "40P01"
    }
}

extension StateBackendError {
    /// - Parameter place: the backend's name, for messages.
    init(_ failure: ServerFailure, place: String) {
        switch failure {
        case .state(let error): self = error
        case .cancelled: self.init(.busy, "Reading the state \(place) was cancelled.")
        case .lost(let reason):
            self.init(
                .unavailable,
                "The server of the state \(place) does not answer: \(reason)\(reason.hasSuffix("?") ? "" : ".") Check that it runs, and that this machine "
                    + "may reach it.")
        case .refused(let code, let message): self.init(code: code, message, place: place)
        }
    }

    init(_ row: UnreadableRow, place: String) {
        self.init(
            .corrupt,
            "The state \(place) holds a row of the table \(row.table) that cannot be understood (\(row.key)): "
                + "\(row.reason). Restore the database from a backup.")
    }

    private init(code: String, _ message: String, place: String) {
        let reason = "PostgreSQL says: \(message) (\(code))"
        switch code {
        case "28000", "28P01":
            self.init(
                .unavailable,
                "The server of the state \(place) does not let this user in. Check the user and the password: in the URL, "
                    + "in PGPASSWORD, or in the file that PGPASSFILE names. \(reason).")
        case "3D000":
            self.init(
                .unavailable,
                "The database of the state \(place) does not exist. Create it, or name another one. \(reason).")
        case "42501":
            self.init(
                .unavailable,
                "The user of the state \(place) may not do what is needed. It must own the schema, or be allowed to create "
                    + "one in the database. \(reason).")
        case "25006":
            self.init(
                .notWritable,
                "The server of the state \(place) is read-only: a standby, or set so. Name the server that can be written. "
                    + "\(reason).")
        case "53100": self.init(.notWritable, "The server of the state \(place) has no space left. \(reason).")
        case "55P03", "57014":
            self.init(
                .busy, "Another transaction keeps the state \(place) locked. Try again when it is done. \(reason).")
        case "40001", "40P01":
            self.init(
                .busy, "Other transactions got in the way again and again in the state \(place). Try again. \(reason).")
        case "42P01", "42703", "3F000":
            self.init(
                .corrupt, "The tables of the state \(place) are not as Plumbline made them. Restore them. \(reason).")
        case _ where code.hasPrefix("XX"):
            self.init(.corrupt, "The database of the state \(place) is damaged. Restore a backup. \(reason).")
        case _ where code.hasPrefix("08") || code.hasPrefix("53") || code.hasPrefix("57P"):
            self.init(.busy, "The server of the state \(place) takes no work at the moment. Try again. \(reason).")
        default: self.init(.failed, "The state \(place) could not be used. \(reason).")
        }
    }
}
