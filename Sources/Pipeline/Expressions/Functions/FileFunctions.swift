import PlumbModel

/// Functions on paths and on the files of the stack.
enum FileFunctions {
    private static let path = Function.Parameter("path", .string)

    static let all: [Function] = [
        Function("file", [path], returns: .string) { (arguments) throws(FunctionError) in
            let bytes = try FileReader(arguments.files).contents(of: arguments.string(0), argument: 0)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw FunctionError("the file holds no UTF-8 text; read it with filebase64()", argument: 0)
            }
            return .string(text)
        },
        Function("fileexists", [path], returns: .bool) { (arguments) throws(FunctionError) in
            .bool(try FileReader(arguments.files).find(arguments.string(0), argument: 0) != nil)
        },
        Function("fileset", [path, Function.Parameter("pattern", .string)], returns: .set(.string)) {
            (arguments) throws(FunctionError) in
            let names = try FileReader(arguments.files).files(in: arguments.string(0), matching: arguments.string(1))
            return .set(names.map(Value.string))
        },
        Function("basename", [path], returns: .string) { (arguments) throws(FunctionError) in
            .string(basename(arguments.string(0)))
        },
        Function("dirname", [path], returns: .string) { (arguments) throws(FunctionError) in
            .string(dirname(arguments.string(0)))
        },
        Function("pathexpand", [path], returns: .string) { (arguments) throws(FunctionError) in
            .string(try expanded(arguments.string(0), home: arguments.surroundings.home))
        },
        Function("abspath", [path], returns: .string) { (arguments) throws(FunctionError) in
            let text = arguments.string(0)
            if text.hasPrefix("/") { return .string(FileReader.cleaned(text, isRooted: true)) }
            guard let directory = arguments.surroundings.directory else {
                throw FunctionError("the stack has no directory here to which a path could be relative", argument: 0)
            }
            return .string(FileReader.cleaned(directory + "/" + text, isRooted: true))
        },
    ]

    /// With the home directory in place of a leading `~`.
    private static func expanded(_ path: String, home: String?) throws(FunctionError) -> String {
        guard path.hasPrefix("~") else { return path }
        let rest = path.dropFirst()
        guard rest.isEmpty || rest.hasPrefix("/") else {
            throw FunctionError("\"~\" is expanded alone or before \"/\"; homes of other users are not", argument: 0)
        }
        guard let home, !home.isEmpty else {
            throw FunctionError("no home directory is known here (HOME is not set); write the path out", argument: 0)
        }
        return rest.isEmpty ? home : FileReader.cleaned(home + rest, isRooted: home.hasPrefix("/"))
    }

    private static func basename(_ path: String) -> String {
        if path.isEmpty { return "." }
        guard let last = path.split(separator: "/").last else { return "/" }
        return String(last)
    }

    private static func dirname(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return FileReader.cleaned(String(path[..<slash]), isRooted: path.hasPrefix("/"))
    }
}

/// Reads files for functions: only inside the source that the specs come from.
struct FileReader {
    private let source: (any SpecificationSource)?

    init(_ source: (any SpecificationSource)?) { self.source = source }

    func contents(of path: String, argument: Int) throws(FunctionError) -> [UInt8] {
        if let bytes = try find(path, argument: argument) { return bytes }
        throw FunctionError("there is no file \(Value.string(path).json) in the stack", argument: argument)
    }

    func find(_ path: String, argument: Int) throws(FunctionError) -> [UInt8]? {
        let relative = try confined(path, argument: argument)
        do {
            let bytes = try available(argument).contents(of: relative)
            if let bytes, bytes.count > Bounds.stringBytes {
                throw Diagnostics(.error("", "the file is larger than \(Bounds.stringBytes >> 20) MiB"))
            }
            return bytes
        } catch let problem as FunctionError {
            throw problem
        } catch {
            throw FunctionError(FileReader.message(error), argument: argument)
        }
    }

    private static func message(_ error: any Error) -> String {
        ((error as? Diagnostics)?.all.first?.detail ?? "the file cannot be read").trimmedSentence
    }

    private func available(_ argument: Int) throws(FunctionError) -> any SpecificationSource {
        if let source { return source }
        throw FunctionError("no files can be read here", argument: argument)
    }

    /// The path without detours; refused where it leads out of the stack and its modules.
    private func confined(_ path: String, argument: Int) throws(FunctionError) -> String {
        let clean = FileReader.cleaned(path, isRooted: false)
        let isInside = clean != ".." && !clean.hasPrefix("../")
        guard !path.hasPrefix("/"), !path.utf8.contains(0), isInside || source?.reaches(clean) == true else {
            throw FunctionError(
                "\(Value.string(path).json) leads out of the stack; only files below its directory can be read",
                argument: argument)
        }
        return clean == "." ? "" : clean
    }

    /// As Go's `path.Clean`.
    static func cleaned(_ path: String, isRooted: Bool) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !isRooted {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        return isRooted ? "/" + joined : joined.isEmpty ? "." : joined
    }

    /// The files that a pattern matches, as paths relative to `folder`.
    func files(in folder: String, matching pattern: String) throws(FunctionError) -> [String] {
        let patterns: [GlobPattern]
        do throws(GlobPattern.Malformed) {
            patterns = try GlobPattern.all(in: FileReader.cleaned(pattern, isRooted: false))
        } catch {
            throw FunctionError("the pattern cannot be read: \(error.reason)", argument: 1)
        }
        var search = FileSearch(source: try available(0))
        var found: [String] = []
        for pattern in patterns {
            let base = try confined(folder + "/" + pattern.root, argument: 1)
            let names: [String]
            do {
                names = try search.files(in: base, matching: pattern)
            } catch {
                throw FunctionError(FileReader.message(error), argument: 0)
            }
            let start = base.isEmpty ? 0 : base.utf8.count + 1
            found += names.map { pattern.root + String(decoding: $0.utf8.dropFirst(start), as: UTF8.self) }
        }
        return found
    }
}

extension String {
    /// Without the point at its end: it will stand inside another sentence.
    fileprivate var trimmedSentence: String { hasSuffix(".") ? String(dropLast()) : self }
}
