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
            let text = arguments.string(0)
            guard text == "~" || text.hasPrefix("~/") else { return .string(text) }
            throw FunctionError("\"~\" would be another directory on each machine; write the path out", argument: 0)
        },
    ]

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

    func files(in folder: String, matching pattern: String) throws(FunctionError) -> [String] {
        let slash = pattern.lastIndex(of: "/")
        let subfolder = slash.map { String(pattern[..<$0]) } ?? ""
        let name = slash.map { String(pattern[pattern.index(after: $0)...]) } ?? pattern
        guard !subfolder.utf8.contains(where: { "*?[{".utf8.contains($0) }), !name.contains("**") else {
            throw FunctionError("only the last part of the pattern may have * and ?", argument: 1)
        }
        let whole = try confined(folder + "/" + subfolder, argument: 0)
        let names: [String]
        do {
            names = try available(0).files(in: whole)
        } catch let problem as FunctionError {
            throw problem
        } catch {
            throw FunctionError(FileReader.message(error), argument: 0)
        }
        let prefix = subfolder.isEmpty ? "" : subfolder + "/"
        return names.map { FileReader.lastPart($0) }.filter {
            FileReader.matches(Array($0.unicodeScalars), Array(name.unicodeScalars))
        }.map { prefix + $0 }
    }

    private static func lastPart(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// `*` stands for any characters, `?` for one.
    private static func matches(_ name: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
        var (n, p) = (0, 0)
        var (starAt, resumeAt) = (-1, 0)
        while n < name.count {
            if p < pattern.count, pattern[p] == "?" || (pattern[p] != "*" && pattern[p] == name[n]) {
                n += 1
                p += 1
            } else if p < pattern.count, pattern[p] == "*" {
                starAt = p
                resumeAt = n
                p += 1
            } else if starAt >= 0 {
                resumeAt += 1
                n = resumeAt
                p = starAt + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}

extension String {
    /// Without the point at its end: it will stand inside another sentence.
    fileprivate var trimmedSentence: String { hasSuffix(".") ? String(dropLast()) : self }
}
