internal import Crypto
public import Operations
public import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
#if canImport(Glibc)
    internal import Glibc
#endif

/// Keeps the saved plans of one pull request's stacks in a folder, secrets sealed, and the record that goes with them.
///
/// Whoever may write into the folder can put another plan there: so each one has a seal that only the stack's key makes, and
/// one whose seal does not hold is as good as none.
public struct PlanShelf: Sendable {
    private let folder: String

    /// - Parameter folder: for this pull request alone; it is made when something is put there.
    public init(_ folder: String) { self.folder = folder }

    // MARK: - Plans

    /// - Parameters:
    ///   - place: the stack's folder in the repository.
    ///   - session: what the plan was made with.
    public func put(
        _ plan: Plan, in setting: PlanSetting, of place: String, madeWith session: StackSession
    ) async throws(Diagnostics) {
        try await make()
        let path = path(of: place)
        try await PlanOperation(session).save(plan, in: setting, to: path)
        let seal = try PlanSeal(session).seal(of: try await Self.bytes(at: path))
        try await FileReplacement.write(Array(seal.utf8), to: path + Self.sealEnd, mode: 0o600)
    }

    /// - Parameters:
    ///   - location: where the stack is; its key is there, unless the defaults have it.
    /// - Returns: nil where there is no such plan, or none that we have made.
    public func open(
        _ place: String, at location: StackLocation, capabilities: Capabilities, environment: [String: String],
        defaults: StackDefaults? = nil
    ) async throws(Diagnostics) -> SavedPlan? {
        guard try await isOurs(place, location, environment, defaults) else { return nil }
        return try await SavedPlan.open(
            path(of: place), at: location, capabilities: capabilities, environment: environment, defaults: defaults)
    }

    /// The plan alone, to be compared with.
    public func plan(
        _ place: String, at location: StackLocation, environment: [String: String], defaults: StackDefaults? = nil
    ) async throws(Diagnostics) -> Plan? {
        guard try await isOurs(place, location, environment, defaults) else { return nil }
        return try await SavedPlan.read(
            path(of: place), at: location, environment: environment, defaults: defaults
        ).plan
    }

    /// Does nothing where there is none.
    public func remove(_ place: String) async {
        let path = path(of: place)
        await BlockingWork.run {
            for end in ["", Self.sealEnd] { unlink(path + end) }
        }
    }

    /// Removes all that is in it, and the folder where nothing else is there.
    public func removeAll() async {
        let folder = folder
        await BlockingWork.run {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in names
            where name.hasSuffix(Self.end) || name.hasSuffix(Self.end + Self.sealEnd) || name == Self.recordName {
                unlink(folder + "/" + name)
            }
            rmdir(folder)
        }
    }

    private func isOurs(
        _ place: String, _ location: StackLocation, _ environment: [String: String], _ defaults: StackDefaults?
    ) async throws(Diagnostics) -> Bool {
        let path = path(of: place)
        guard access(path, R_OK) == 0, access(path + Self.sealEnd, R_OK) == 0 else { return false }
        let seal = String(decoding: try await Self.bytes(at: path + Self.sealEnd), as: UTF8.self)
        let keys = try await PlanSeal.open(location, environment: environment, defaults: defaults)
        return keys.isSeal(seal, of: try await Self.bytes(at: path))
    }

    // MARK: - Record

    /// - Returns: nil where there is none.
    /// - Throws: what is wrong with one that is there.
    public func record() async throws(Diagnostics) -> PullRequestRecord? {
        let path = folder + "/" + Self.recordName
        guard access(path, F_OK) == 0 else { return nil }
        let bytes = try await Self.bytes(at: path)
        do {
            let record = try JSONDecoder().decode(PullRequestRecord.self, from: Data(bytes))
            guard record.format == PullRequestRecord.format else {
                throw Diagnostics(Self.unreadable(path, "it is of another version"))
            }
            return record
        } catch let problem as Diagnostics {
            throw problem
        } catch {
            throw Diagnostics(Self.unreadable(path, "it is no record of a pull request, or was cut short"))
        }
    }

    public func keep(_ record: PullRequestRecord) async throws(Diagnostics) {
        try await make()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        let path = folder + "/" + Self.recordName
        let bytes: [UInt8]
        do {
            bytes = Array(try encoder.encode(record))
        } catch {
            throw Diagnostics(Self.unreadable(path, "the record cannot be written as JSON"))
        }
        try await FileReplacement.write(bytes, to: path, mode: 0o600)
    }

    private static func unreadable(_ path: String, _ reason: String) -> Diagnostic {
        .error(
            "Record of a pull request cannot be used",
            "\(path): \(reason). Plan the pull request again with `plumb pr plan --plans`, after removing that file.")
    }

    // MARK: - Files

    private static let end = ".plan"
    private static let sealEnd = ".seal"
    private static let recordName = "pull-request.json"

    /// `stacks-dns-1a2b3c4d5e6f.plan`: for people, and told from all others by a hash, so that no name leads elsewhere.
    private func path(of place: String) -> String {
        let usable = place.utf8.prefix(60).map { byte in
            switch byte {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "_"): Character(UnicodeScalar(byte))
            default: Character("-")
            }
        }
        let digits = SHA256.hash(data: Array(place.utf8)).prefix(6).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }
        return folder + "/" + String(usable) + "-" + digits.joined() + Self.end
    }

    private static func bytes(at path: String) async throws(Diagnostics) -> [UInt8] {
        try await BlockingWork.run { () throws(Diagnostics) in
            do {
                return Array(try Data(contentsOf: URL(filePath: path)))
            } catch {
                throw Diagnostics(
                    .error(
                        "File cannot be read",
                        "\(path) cannot be read: it is gone, or closed to this user. Plan the pull request again."))
            }
        }
    }

    private func make() async throws(Diagnostics) {
        let folder = folder
        try await BlockingWork.run { () throws(Diagnostics) in try PrivateFolder.make(folder, for: .plans) }
    }
}
