import PlumbModel

/// A built-in function: what it takes, what it gives, and how it works.
struct Function: Sendable {
    struct Parameter: Sendable {
        let name: String
        let type: ValueType
        let allowsNull: Bool

        init(_ name: String, _ type: ValueType, allowsNull: Bool = false) {
            self.name = name
            self.type = type
            self.allowsNull = allowsNull
        }
    }

    /// What a function does with marks and unknowns in its arguments.
    enum Handling: Sendable {
        /// It computes something new: a mark or an unknown anywhere in an argument is one of the whole result.
        case computes
        /// It only moves elements about: those keep their marks and may be unknown; only the arguments themselves count.
        case rearranges
        /// It sees arguments as they are.
        case decides
    }

    typealias Body = @Sendable (Arguments) throws(FunctionError) -> Value

    let name: String
    let parameters: [Parameter]
    /// So many of the last parameters may be left out.
    let optionalCount: Int
    let variadic: Parameter?
    /// The type of the result where it is unknown.
    let returns: ValueType
    let handling: Handling
    /// Whether it gives something else at each call: it is called only while applying, and unknown before.
    let waitsForApply: Bool
    let body: Body

    init(
        _ name: String, _ parameters: [Parameter], optional: Int = 0, variadic: Parameter? = nil,
        returns: ValueType = .any, waitsForApply: Bool = false, _ handling: Handling = .computes,
        body: @escaping Body
    ) {
        self.name = name
        self.parameters = parameters
        self.optionalCount = optional
        self.variadic = variadic
        self.returns = returns
        self.handling = handling
        self.waitsForApply = waitsForApply
        self.body = body
    }

    func parameter(_ index: Int) -> Parameter? {
        index < parameters.count ? parameters[index] : variadic
    }

    /// `substr(string, offset, length)`
    var signature: String {
        var words = parameters.map(\.name)
        for index in words.indices.suffix(optionalCount) { words[index] = "[\(words[index])]" }
        if let variadic { words.append("\(variadic.name)...") }
        return "\(name)(\(words.joined(separator: ", ")))"
    }
}

/// Why a function cannot give a result for its arguments.
struct FunctionError: Error {
    /// Which argument is wrong, from 0; nil where it is all of them together.
    let argument: Int?
    let message: String

    init(_ message: String, argument: Int? = nil) {
        self.message = message
        self.argument = argument
    }
}

/// The arguments of one call, converted to the parameters' types.
struct Arguments {
    let values: [Value]
    let files: (any SpecificationSource)?
    let surroundings: Surroundings

    var count: Int { values.count }

    /// Null where an optional argument was left out.
    subscript(index: Int) -> Value { index < values.count ? values[index] : .null }

    func string(_ index: Int) -> String { self[index].asString ?? "" }
    func bytes(_ index: Int) -> [UInt8] { Array(string(index).utf8) }
    func number(_ index: Int) -> Number { self[index].asNumber ?? Number(0) }
    func list(_ index: Int) -> [Value] { self[index].asList ?? [] }
    func map(_ index: Int) -> ValueMap { self[index].asMap ?? ValueMap() }
    func strings(_ index: Int) -> [String] { list(index).map { $0.asString ?? "" } }

    func int(_ index: Int) throws(FunctionError) -> Int {
        guard let value = number(index).asInt else {
            throw FunctionError("a whole number is required, not \(number(index))", argument: index)
        }
        return value
    }

    /// Strings of a list in which none may be null.
    func strictStrings(_ index: Int) throws(FunctionError) -> [String] {
        var result: [String] = []
        for (position, value) in list(index).enumerated() {
            guard let text = value.asString else {
                throw FunctionError("element \(position) is null, and must be a string", argument: index)
            }
            result.append(text)
        }
        return result
    }
}
