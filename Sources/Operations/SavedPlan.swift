internal import Loading
public import PlumbModel

/// A plan from a file, with the stack as it was when the plan was made.
public struct SavedPlan: Sendable {
    public let plan: Plan
    public let session: StackSession

    /// Opens a plan file for reading alone: `plumb show`.
    public static func read(
        _ path: String, at location: StackLocation, environment: [String: String]
    ) async throws(Diagnostics) -> (plan: Plan, setting: PlanSetting) {
        let vault = ValueVault(KeyStore(directory: location.directory, environment: environment))
        return try await BlockingWork.run { () throws(Diagnostics) in
            let archive = try PlanArchive.read(path, vault)
            return (archive.plan, archive.setting)
        }
    }

    /// Opens a plan file to apply it.
    ///
    /// - Throws: also when a spec that the plan was made from has changed since; the message names it.
    public static func open(
        _ path: String, at location: StackLocation, capabilities: Capabilities, environment: [String: String]
    ) async throws(Diagnostics) -> SavedPlan {
        let vault = ValueVault(KeyStore(directory: location.directory, environment: environment))
        let archive = try await BlockingWork.run { () throws(Diagnostics) in
            let archive = try PlanArchive.read(path, vault)
            // A plan of a revision holds by itself, whatever the directory holds.
            if !archive.isOfRevision { try checkFiles(archive.plan, location) }
            return archive
        }
        let session = try await StackSession.open(
            archive, at: location, capabilities: capabilities, environment: environment)
        return SavedPlan(plan: archive.plan, session: session)
    }

    /// A plan of a directory holds as long as the directory does.
    private static func checkFiles(_ plan: Plan, _ location: StackLocation) throws(Diagnostics) {
        guard let source = try? DirectorySource(path: location.directory), try !source.files(in: "").isEmpty else {
            return
        }
        var diagnostics = Diagnostics()
        for file in plan.readSet.files {
            let bytes = try source.contents(of: file.path)
            guard bytes.map(FileDigest.of) != file.digest else { continue }
            diagnostics.append(
                .error(
                    "Plan is stale",
                    "\(file.path) has \(bytes == nil ? "been removed" : "changed") since the plan was made from it. Make a new "
                        + "plan."))
        }
        let known = Set(plan.readSet.files.map(\.path))
        for path in try source.files(in: "") where isSpec(path) && !known.contains(path) {
            diagnostics.append(
                .error("Plan is stale", "\(path) has been added since the plan was made. Make a new plan."))
        }
        try diagnostics.throwIfErrors()
    }

    private static func isSpec(_ path: String) -> Bool { path.hasSuffix(".yaml") || path.hasSuffix(".yml") }
}
