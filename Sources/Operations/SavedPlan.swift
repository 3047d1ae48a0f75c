internal import Loading
public import PlumbModel

/// A plan from a file, with the stack as it was when the plan was made.
public struct SavedPlan: Sendable {
    public let plan: Plan
    /// What stood around it when it was made.
    public let setting: PlanSetting
    public let session: StackSession

    /// Opens a plan file for reading alone: `plumb show`.
    ///
    /// - Parameter defaults: where the key is of a stack that names no state.
    public static func read(
        _ path: String, at location: StackLocation, environment: [String: String], defaults: StackDefaults? = nil
    ) async throws(Diagnostics) -> (plan: Plan, setting: PlanSetting) {
        let vault = ValueVault(try await KeyStore.find(location, environment: environment, defaults: defaults))
        return try await BlockingWork.run { () throws(Diagnostics) in
            let archive = try PlanArchive.read(path, vault)
            return (archive.plan, archive.setting)
        }
    }

    /// Opens a plan file to apply it.
    ///
    /// - Parameters:
    ///   - variables: values of ephemeral variables, which the plan does not hold.
    ///   - asking: asks a person for those that are missing; nil where there is nobody to ask.
    ///   - defaults: for what `stack.yaml` does not say.
    /// - Throws: also when a spec that the plan was made from has changed since; the message names it.
    public static func open(
        _ path: String, at location: StackLocation, capabilities: Capabilities, environment: [String: String],
        variables: [VariableArgument] = [], asking: VariableQuestion.Asking? = nil, defaults: StackDefaults? = nil
    ) async throws(Diagnostics) -> SavedPlan {
        let vault = ValueVault(try await KeyStore.find(location, environment: environment, defaults: defaults))
        let archive = try await BlockingWork.run { () throws(Diagnostics) in
            let archive = try PlanArchive.read(path, vault)
            // A plan of a revision holds by itself, whatever the directory holds.
            if !archive.isOfRevision { try checkFiles(archive, location) }
            return archive
        }
        let session = try await StackSession.open(
            archive, at: location, capabilities: capabilities, environment: environment, variables: variables,
            asking: asking, defaults: defaults)
        return SavedPlan(plan: archive.plan, setting: archive.setting, session: session)
    }

    /// A plan of a directory holds as long as the directory does.
    private static func checkFiles(_ archive: PlanArchive, _ location: StackLocation) throws(Diagnostics) {
        guard let source = try? DirectorySource(path: location.directory), try !source.files(in: "").isEmpty else {
            return
        }
        var diagnostics = Diagnostics()
        for file in archive.plan.readSet.files {
            let bytes = try contents(of: file.path, in: source)
            guard bytes.map(FileDigest.of) != file.digest else { continue }
            let event = file.digest == nil ? "added" : bytes == nil ? "removed" : nil
            diagnostics.append(stale(event.map { "\(file.path) has been \($0)" } ?? "\(file.path) has changed"))
        }
        let known = Set(archive.plan.readSet.files.map(\.path))
        for folder in ["."] + archive.moduleFolders {
            guard let files = try? source.module(at: folder).files(in: "") else { continue }
            for file in files where isSpec(file) && !known.contains(FileName.normal(folder + "/" + file)) {
                diagnostics.append(stale("\(FileName.normal(folder + "/" + file)) has been added"))
            }
        }
        // Folders of specs have just been looked at; the plan file may lie in the stack's own.
        let specFolders = Set(["."] + archive.moduleFolders)
        for (folder, files) in archive.listings.sorted(by: { $0.key < $1.key }) where !specFolders.contains(folder) {
            let now = (try? source.module(at: folder).files(in: "")) ?? []
            let there = now.map { FileName.normal(folder + "/" + $0) }
            for path in Set(there).symmetricDifference(files).subtracting(known).sorted() {
                diagnostics.append(stale("\(path) has been \(files.contains(path) ? "removed" : "added")"))
            }
        }
        try diagnostics.throwIfErrors()
    }

    /// A module's file may lie outside of the stack's directory.
    private static func contents(of path: String, in source: DirectorySource) throws(Diagnostics) -> [UInt8]? {
        guard path.hasPrefix("../"), let slash = path.lastIndex(of: "/") else { return try source.contents(of: path) }
        guard let folder = try? source.module(at: String(path[..<slash])) else { return nil }
        return try folder.contents(of: String(path[path.index(after: slash)...]))
    }

    private static func stale(_ event: String) -> Diagnostic {
        .error("Plan is stale", "\(event) since the plan was made from what was there. Make a new plan.")
    }

    private static func isSpec(_ path: String) -> Bool {
        (path.hasSuffix(".yaml") || path.hasSuffix(".yml")) && !StackTestLoader.isTestFile(path)
            && path != ModuleLock.file
    }
}
