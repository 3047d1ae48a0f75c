import StateBackendAPI

/// One call that writes a controller's notes: what waits for its turn in a group commit.
enum ControllerCall: Sendable {
    case write(text: String, kind: String, key: String, replacing: Int64?)
    case remove(kind: String, key: String)
    case append([ControllerLogEntry])
    case trim(log: String, count: Int)
    /// The time in seconds since 1970; nil for the database's clock.
    case announce(ControllerMember, seconds: Double, time: Double?)
    case leave(id: String)

    /// What a call gives.
    enum Found: Sendable {
        case nothing
        case version(Int64?)
        case members([ControllerMember])
    }

    typealias Outcome = Result<Found, StateBackendError>

    /// Whether it makes the tables where there are none.
    var creates: Bool {
        switch self {
        case .write, .append, .announce: true
        case .remove, .trim, .leave: false
        }
    }

    var commands: [Command] {
        switch self {
        case .write(let text, let kind, let key, let version?):
            [
                Command(
                    """
                    UPDATE controller_records SET version = nextval('controller_versions'), body = $4
                    WHERE kind = $1 AND key = $2 AND version = $3 RETURNING version
                    """, [.text(kind), .text(key), .integer(version), .text(text)])
            ]
        case .write(let text, let kind, let key, nil):
            [
                Command(
                    """
                    INSERT INTO controller_records (kind, key, version, body)
                    VALUES ($1, $2, nextval('controller_versions'), $3) ON CONFLICT DO NOTHING RETURNING version
                    """, [.text(kind), .text(key), .text(text)])
            ]
        case .remove(let kind, let key):
            [Command("DELETE FROM controller_records WHERE kind = $1 AND key = $2", [.text(kind), .text(key)])]
        case .append(let entries):
            entries.map { entry in
                Command(
                    "INSERT INTO controller_log (log, subject, time, body) VALUES ($1, $2, $3, $4)",
                    [.text(entry.log), .text(entry.subject), .double(entry.time), .text(entry.text)])
            }
        case .trim(let log, let count):
            [
                Command(
                    """
                    DELETE FROM controller_log WHERE log = $1 AND number <= (
                        SELECT number FROM controller_log WHERE log = $1 ORDER BY number DESC LIMIT 1 OFFSET $2)
                    """, [.text(log), .integer(Int64(max(0, count)))])
            ]
        case .announce(let member, let seconds, let time):
            ControllerCall.announcement(of: member, seconds: seconds, time: time)
        case .leave(let id): [Command("DELETE FROM controller_members WHERE id = $1", [.text(id)])]
        }
    }

    /// - Parameter rows: what its commands gave.
    /// - Returns: also whether others may want to know.
    func read(_ rows: ArraySlice<ResultRows>) -> (found: Found, isChange: Bool) {
        let rows = Array(rows)
        switch self {
        case .write:
            let version = rows[0].count > 0 ? rows[0].integer(0, 0) : nil
            return (.version(version), version != nil)
        case .remove, .leave: return (.nothing, rows[0].affected > 0)
        case .append: return (.nothing, !rows.isEmpty)
        case .trim: return (.nothing, false)
        case .announce:
            let members = (0..<rows[4].count).map { row in
                ControllerMember(id: rows[4].text(row, 0), name: rows[4].text(row, 1), version: rows[4].text(row, 2))
            }
            let isNew = rows[0].integer(0, 0) == 0
            return (.members(members), isNew || rows[1].affected > 0)
        }
    }

    /// Others whose word has ended are forgotten, and so are tokens of transactions that nobody asks for any more.
    private static func announcement(of member: ControllerMember, seconds: Double, time: Double?) -> [Command] {
        let now = "coalesce($1::double precision, extract(epoch FROM clock_timestamp())::double precision)"
        return [
            Command("SELECT count(*) FROM controller_members WHERE id = $1", [.text(member.id)]),
            Command(
                "DELETE FROM controller_members WHERE expires_at < \(now) AND id <> $2",
                [.optionalDouble(time), .text(member.id)]),
            Command(
                """
                INSERT INTO controller_members (id, name, version, expires_at)
                VALUES ($2, $3, $4, \(now) + $5::double precision)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = excluded.version,
                    expires_at = excluded.expires_at
                """,
                [
                    .optionalDouble(time), .text(member.id), .text(member.name), .text(member.version),
                    .double(seconds),
                ]),
            Command("DELETE FROM commits WHERE made_at < now() - interval '1 hour'"),
            Command("SELECT id, name, version FROM controller_members ORDER BY id"),
        ]
    }
}
