/// Finds the files that a pattern matches, folder by folder.
public struct FileSearch {
    private static let maximumFolders = 50_000

    private let source: any SpecificationSource
    private var folders = 0

    public init(source: any SpecificationSource) { self.source = source }

    /// - Returns: paths from the source's root.
    public mutating func files(in base: String, matching pattern: GlobPattern) throws(Diagnostics) -> [String] {
        var found: [String] = []
        var pending: [(folder: String, rest: ArraySlice<GlobPattern.Part>)] = [(base, pattern.parts[...])]
        while let (folder, rest) = pending.popLast() {
            guard let part = rest.first else { continue }
            folders += 1
            guard folders <= Self.maximumFolders else {
                throw Diagnostics(
                    .error("", "the pattern leads through more than \(Self.maximumFolders) folders; make it narrower"))
            }
            let isLast = rest.count == 1
            switch part {
            case .anyFolders:
                if isLast { found += try source.files(in: folder) } else { pending.append((folder, rest.dropFirst())) }
                for inner in try source.folders(in: folder) { pending.append((inner, rest)) }
            case .name(let elements):
                let names = isLast ? try source.files(in: folder) : try source.folders(in: folder)
                let matching = names.filter { GlobPattern.matches(FileSearch.lastPart($0), elements) }
                if isLast {
                    found += matching
                } else {
                    for inner in matching { pending.append((inner, rest.dropFirst())) }
                }
            }
        }
        return found
    }

    private static func lastPart(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }
}
