import PlumbModel
import ProviderAPI

/// Makes an API file of an OpenAPI document.
struct APIImporter {
    private let request: APIImportRequest
    private let documents: DocumentSet
    private let document: OpenAPIDocument
    private let name: String
    /// The parts of schemas that all types together may be drafted of.
    private static let maximumParts = 10_000_000

    static func run(_ request: APIImportRequest) throws(Diagnostics) -> ImportedAPI {
        try APIImporter(request).run()
    }

    private init(_ request: APIImportRequest) throws(Diagnostics) {
        self.request = request
        documents = try DocumentSet(path: request.path, contents: request.contents)
        document = try OpenAPIReader.read(documents, ShapeReader(documents))
        name = try APIImporter.name(request, document)
        if let url = request.baseURL, !url.hasPrefix("http://"), !url.hasPrefix("https://") {
            throw Diagnostics(
                .error(
                    "Invalid base URL", "\"\(url)\" must begin with http:// or https://, as in https://api.example.net."
                ))
        }
    }

    private static func name(_ request: APIImportRequest, _ document: OpenAPIDocument) throws(Diagnostics) -> String {
        if let given = request.name {
            let snake = Naming.snake(given)
            if snake.first?.isLetter == true { return snake }
            throw Diagnostics(
                .error(
                    "Invalid name",
                    "\"\(given)\" cannot begin the names of types: it must be small letters, digits and \"_\", beginning "
                        + "with a letter, as in --name shop."))
        }
        let file = request.path.split(separator: "/").last.map(String.init) ?? ""
        return Naming.apiName(title: document.title) ?? Naming.apiName(title: String(file.prefix { $0 != "." }))
            ?? "api"
    }

    private func run() throws(Diagnostics) -> ImportedAPI {
        let found = ResourceFinder(document.operations).find()
        var left = found.left
        let names = TypeNames.names(of: found.groups, api: name)
        let chosen = try included(zip(found.groups, names).map { ($0, $1) }, &left)
        guard chosen.reduce(0, { $0 + $1.0.weight }) <= APIImporter.maximumParts else { throw tooMuch(chosen.count) }
        var settings = APISettings(chosen.map(\.0))
        let waits = WaitFinder(operations: document.operations)
        var types: [TypeDraft] = []
        for (group, name) in chosen {
            guard let reason = obstacle(group) else {
                do throws(AttributeDrafter.Failure) {
                    var drafter = try TypeDrafter(group, name: name, settings: &settings, waits: waits)
                    types.append(drafter.draft())
                } catch {
                    left += group.operations.map { LeftOperation(operation: $0, reason: .unknownIdentity) }
                }
                continue
            }
            left += group.operations.map { LeftOperation(operation: $0, reason: reason) }
        }
        guard !types.isEmpty else { throw nothingFound(left) }
        let file = try checked(
            APIFileDrafter(name: name, document: document, given: request.baseURL, settings: settings), types)
        return ImportedAPI(
            name: name, text: file.text,
            types: file.types.map {
                .init(
                    name: $0.name, path: $0.paths, key: $0.key, attributeCount: $0.attributeCount,
                    guessCount: $0.guesses.count)
            },
            leftOut: APIImporter.grouped(left, file.refused), advice: file.advice, warnings: documents.problems)
    }

    private func included(
        _ groups: [(ResourceGroup, String)], _ left: inout [LeftOperation]
    ) throws(Diagnostics) -> [(ResourceGroup, String)] {
        guard !request.include.isEmpty else { return groups }
        var chosen: [(ResourceGroup, String)] = []
        var used = Set<String>()
        for (group, name) in groups {
            let words = [name, String(name.dropFirst(self.name.count + 1)), group.item.text, group.create.path.text]
            let matching = request.include.filter { pattern in words.contains(where: Pattern(pattern).matches) }
            used.formUnion(matching)
            if matching.isEmpty {
                left += group.operations.map { LeftOperation(operation: $0, reason: .excluded) }
            } else {
                chosen.append((group, name))
            }
        }
        var problems = Diagnostics()
        for pattern in request.include where !used.contains(pattern) {
            let hint = Suggestion.didYouMean(pattern, among: groups.map(\.1) + groups.map(\.0.item.text))
            problems.append(
                .error(
                    "Pattern that matches nothing",
                    "`--include \(pattern)` matches no type and no path.\(hint) A pattern is the name of a type or a path, "
                        + "in which * stands for anything, as in --include '/zones/*'. Without it all types are imported."
                ))
        }
        try problems.throwIfErrors()
        return chosen
    }

    private func obstacle(_ group: ResourceGroup) -> LeftOperation.Reason? {
        let bodies = [group.create.body, group.update?.body].compactMap { $0 }
        return bodies.contains { $0.encoding == .other } ? .encoding : nil
    }

    private func tooMuch(_ count: Int) -> Diagnostics {
        Diagnostics(
            .error(
                "Too much to import",
                "The \(count) kinds of resources in \"\(request.path)\" are described by more than "
                    + "\(APIImporter.maximumParts) parts of schemas, of which nobody would read a file. Choose what is "
                    + "needed: --include '/zones*'."))
    }

    private func nothingFound(_ left: [LeftOperation]) -> Diagnostics {
        let reasons = APIImporter.grouped(left, []).map { "\($0.operations.count) \($0.reason)" }
        return Diagnostics(
            .error(
                "No resources found",
                "Nothing in \"\(request.path)\" can be created, read and deleted by requests that belong together, such as "
                    + "POST /disks, GET /disks/{id} and DELETE /disks/{id}. Of its operations, "
                    + "\(reasons.joined(separator: "; ")). Write the API file by hand: providers/http/README.md."))
    }

    // MARK: - Checking

    /// The file with all types that its own reader takes; the others are told.
    private func checked(_ drafter: APIFileDrafter, _ types: [TypeDraft]) throws(Diagnostics) -> APIFileDrafter.File {
        let whole = drafter.file(types)
        guard APIImporter.problem(of: whole.text, name) != nil else { return whole }
        var good: [TypeDraft] = []
        var refused: [(TypeDraft, String)] = []
        for type in types {
            if let problem = APIImporter.problem(of: drafter.file([type]).text, name) {
                refused.append((type, problem))
            } else {
                good.append(type)
            }
        }
        var file = drafter.file(good)
        file.refused = refused.map { ($0.0.paths, $0.1) }
        if let problem = good.isEmpty ? refused.first?.1 : APIImporter.problem(of: file.text, name) {
            throw Diagnostics(
                .error(
                    "Imported file is not right",
                    "What was made of \"\(request.path)\" is refused by the reader of API files: \(problem) This is a defect "
                        + "of Plumbline: please report it with the document."))
        }
        return file
    }

    private static func problem(of text: String, _ name: String) -> String? {
        do throws(Diagnostics) {
            _ = try APIReader.read(SourceFile(path: name + ".yaml", text: text))
            return nil
        } catch {
            let first = error.all.first { $0.severity == .error }
            return first.map { "\($0.source.map { "\($0): " } ?? "")\($0.detail)" }
        }
    }

    private static func grouped(
        _ left: [LeftOperation], _ refused: [(path: String, problem: String)]
    ) -> [ImportedAPI.LeftOut] {
        var grouped: [ImportedAPI.LeftOut] = []
        for reason in LeftOperation.Reason.allCases {
            let own = left.filter { $0.reason == reason }.map(\.operation.phrase)
            var seen = Set<String>()
            let unique = own.filter { seen.insert($0).inserted }
            if !unique.isEmpty { grouped.append(.init(reason: reason.rawValue, operations: unique)) }
        }
        return grouped
            + refused.map { .init(reason: "could not be described, a defect: \($0.problem)", operations: [$0.path]) }
    }
}
