internal import Crypto
internal import PlumbModel
internal import Resolving

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A plan as a file: the plan, the spec content it was made from, the values of its variables, and a digest over all.
///
/// Sensitive values in it are sealed with the stack's key.
struct PlanArchive {
    private struct Envelope: Codable {
        let plumblinePlan: Int
        /// SHA-256 of `body`, in hexadecimal digits.
        let digest: String
        let body: String

        enum CodingKeys: String, CodingKey {
            case plumblinePlan = "plumbline_plan"
            case digest, body
        }
    }

    private struct Body: Codable {
        let plan: Plan
        let setting: PlanSetting
        let files: [String: String]
        /// The files of the folders that expressions have listed, by folder.
        let listings: [String: [String]]?
        let variables: [String: Value]
        let givenEphemeral: Set<String>
        let stack: String
        let branch: String?
        let isOfRevision: Bool
        let moduleFolders: [String]
    }

    static let format = 5

    let plan: Plan
    let setting: PlanSetting
    private let files: [String: String]
    /// Those of the files that are specs: the others were read by expressions, which may have made secrets of them.
    private let specs: Set<String>
    let listings: [String: [String]]
    private let variableValues: [String: Value]
    /// Variables that had a value which must not be kept: an apply needs it again.
    let givenEphemeral: Set<String>
    private let branch: String?
    private let stack: String
    /// Whether it was made from a Git revision (`--rev`) and not from a directory as it was.
    let isOfRevision: Bool
    /// The folders of modules, relative to the stack; not those from Git, whose commits the lock file names.
    let moduleFolders: [String]

    /// Packs a plan with what the session has read.
    init(_ plan: Plan, in setting: PlanSetting, of session: StackSession) {
        self.plan = plan
        self.setting = setting
        let read = session.source.contents.filter { !session.variableFiles.contains($0.key) }
        files = read.merging(session.source.renderedContents, uniquingKeysWith: { first, _ in first }).mapValues {
            // What is no text is kept as base64; specs are always text.
            String(validating: $0, as: UTF8.self).map { "t" + $0 } ?? "b" + Data($0).base64EncodedString()
        }
        specs = session.specification.paths.union(["stack.yaml", "stack.yml", ModuleLock.file])
        listings = session.source.listings.mapValues { $0.filter { !session.variableFiles.contains($0) } }
        let ephemeral = Set(session.specification.variables.filter(\.isEphemeral).map(\.name))
        variableValues = session.graph.variables.filter { !ephemeral.contains($0.key) }
        givenEphemeral = session.givenEphemeral
        branch = session.graph.stack.branch
        stack = session.name
        isOfRevision = session.location.revision != nil
        moduleFolders = session.source.changeableModuleFolders
    }

    private init(_ body: Body) {
        plan = body.plan
        setting = body.setting
        files = body.files
        specs = []
        listings = body.listings ?? [:]
        variableValues = body.variables
        givenEphemeral = body.givenEphemeral
        branch = body.branch
        stack = body.stack
        isOfRevision = body.isOfRevision
        moduleFolders = body.moduleFolders
    }

    // MARK: - What a session is opened from

    var source: MemorySource {
        let contents = files.mapValues { text in
            text.hasPrefix("b")
                ? [UInt8](Data(base64Encoded: String(text.dropFirst())) ?? Data()) : Array(text.dropFirst().utf8)
        }
        return MemorySource(
            name: plan.origin.source, revision: plan.origin.revision, branch: branch, contents: contents,
            listings: listings)
    }

    var facts: StackFacts {
        StackFacts(name: stack, revision: plan.origin.revision, branch: branch, path: ".")
    }

    var variables: [GivenVariable] {
        variableValues.map { GivenVariable(name: $0.key, content: .value($0.value), origin: "the plan") }
    }

    // MARK: - Writing

    func write(to path: String, _ vault: ValueVault) throws(Diagnostics) {
        do {
            var hasSecrets = false
            let sealing: (Value) throws -> Value = { value in
                hasSecrets = hasSecrets || value.containsSensitive
                return try vault.seal(value)
            }
            let (plan, setting) = (try plan.mapValues(sealing), try setting.mapValues(sealing))
            let variables = try variableValues.mapValues(sealing)
            // What was rendered may hold secrets that are made anew each time.
            let isRendered = files.keys.contains(where: MemorySource.isRenderedName)
            let files = hasSecrets || isRendered ? try sealedFiles(vault) : files
            let body = Body(
                plan: plan, setting: setting, files: files, listings: listings, variables: variables,
                givenEphemeral: givenEphemeral,
                stack: stack, branch: branch, isOfRevision: isOfRevision, moduleFolders: moduleFolders)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let text = String(decoding: try encoder.encode(body), as: UTF8.self)
            let envelope = Envelope(plumblinePlan: Self.format, digest: Self.digest(text), body: text)
            try encoder.encode(envelope).write(to: URL(filePath: path), options: .atomic)
        } catch let error as KeyError {
            throw Diagnostics(.error("Cannot save plan", error.message))
        } catch {
            throw Diagnostics(
                .error("Cannot save plan", "The plan could not be written to \(path): \(SystemReason(error))."))
        }
    }

    /// Where a plan holds secrets, a file that is no spec may be the one they come from.
    private func sealedFiles(_ vault: ValueVault) throws(KeyError) -> [String: String] {
        var sealed = files
        for (path, text) in files where !specs.contains(path) {
            sealed[path] = "s" + (try vault.seal(Value.string(text).sensitive()).asString ?? "")
        }
        return sealed
    }

    private static func openedFiles(_ files: [String: String], _ vault: ValueVault) throws(KeyError) -> [String: String]
    {
        var opened = files
        for (path, text) in files where text.hasPrefix("s") {
            opened[path] = try vault.open(Value.string(String(text.dropFirst())).sensitive()).asString ?? ""
        }
        return opened
    }

    // MARK: - Reading

    static func read(_ path: String, _ vault: ValueVault) throws(Diagnostics) -> PlanArchive {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw Diagnostics(
                .error(
                    "Cannot read plan",
                    "There is no readable plan file at \(path). Make one with `plumb plan --out \(path)`."))
        }
        guard let envelope = try? JSONDecoder().decode(Envelope.self, from: data) else {
            throw Diagnostics(
                .error("Not a plan file", "\(path) was not written by `plumb plan --out`, or it was cut short."))
        }
        guard envelope.plumblinePlan == format else {
            throw Diagnostics(
                .error(
                    "Plan of another version",
                    "\(path) has the plan format \(envelope.plumblinePlan); this version reads format \(format). Plan again."
                ))
        }
        guard digest(envelope.body) == envelope.digest else {
            throw Diagnostics(
                .error("Plan was altered", "The content of \(path) does not match its digest. Plan again."))
        }
        do {
            let body = try JSONDecoder().decode(Body.self, from: Data(envelope.body.utf8))
            let opening: (Value) throws -> Value = { try vault.open($0) }
            return PlanArchive(
                Body(
                    plan: try body.plan.mapValues(opening), setting: try body.setting.mapValues(opening),
                    files: try openedFiles(body.files, vault), listings: body.listings,
                    variables: try body.variables.mapValues(opening),
                    givenEphemeral: body.givenEphemeral, stack: body.stack, branch: body.branch,
                    isOfRevision: body.isOfRevision, moduleFolders: body.moduleFolders))
        } catch let error as KeyError {
            throw Diagnostics(.error("Cannot read plan", error.message))
        } catch {
            throw Diagnostics(.error("Not a plan file", "\(path) cannot be understood: \(error)."))
        }
    }

    private static func digest(_ text: String) -> String {
        FileDigest.hexadecimal(SHA256.hash(data: Data(text.utf8)))
    }
}

/// SHA-256 digests of files, as read sets hold them.
enum FileDigest {
    static func of(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

    static func hexadecimal(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension Plan {
    /// The plan with every value in it transformed.
    fileprivate func mapValues(_ transform: (Value) throws -> Value) throws -> Plan {
        var plan = self
        for index in plan.changes.indices {
            plan.changes[index].before = try plan.changes[index].before.map(transform)
            plan.changes[index].after = try plan.changes[index].after.map(transform)
        }
        plan.outputs = try outputs.map {
            PlannedOutput(
                name: $0.name, action: $0.action, before: try $0.before.map(transform),
                after: try $0.after.map(transform))
        }
        plan.drift = try drift.map {
            DriftedResource(
                address: $0.address, recorded: try transform($0.recorded), live: try $0.live.map(transform),
                livePrivateData: $0.livePrivateData, declaredAt: $0.declaredAt, isRelevant: $0.isRelevant)
        }
        plan.recoveries = try recoveries.map { recovery in
            guard case .adopt(let value) = recovery.finding else { return recovery }
            return PlannedRecovery(
                intent: recovery.intent, address: recovery.address, action: recovery.action,
                finding: .adopt(try transform(value)), privateData: recovery.privateData)
        }
        plan.rewrites = try rewrites.map {
            RecordRewrite(
                address: $0.address, deposedKey: $0.deposedKey, provider: $0.provider,
                values: try $0.values.map(transform), privateData: $0.privateData, bookkeeping: $0.bookkeeping,
                status: $0.status)
        }
        plan.imports = try imports.map {
            PlannedImport(
                address: $0.address, id: $0.id, provider: $0.provider, values: try transform($0.values),
                privateData: $0.privateData, bookkeeping: $0.bookkeeping, declaredAt: $0.declaredAt)
        }
        plan.data = try data.map { PlannedData(address: $0.address, values: try transform($0.values)) }
        return plan
    }
}

extension Specification {
    /// Of all files that declare something, those of modules included, relative to the stack.
    fileprivate var paths: Set<String> {
        modules.reduce(into: Set(files.map(\.path))) { $0.formUnion($1.content?.specification.paths ?? []) }
    }
}
