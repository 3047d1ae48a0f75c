import PlumbModel

/// `for` expressions and the templates' directives.
extension Evaluation {
    /// What a loop goes over.
    private enum Rounds {
        case known([(key: Value, value: Value)])
        /// One round that stands for all: a key and a value of the types that they will have.
        case unknown(key: Value, value: Value)
    }

    private mutating func rounds(_ loop: Expression.ForLoop) throws(Diagnostics) -> (Rounds, isSensitive: Bool) {
        let collection = try evaluate(loop.collection)
        let mark = collection.isSensitive
        switch collection.kind {
        case .list(let elements, .set): return (.known(elements.map { ($0, $0) }), mark)
        case .list(let elements, _):
            return (.known(elements.enumerated().map { (Value.number($0.offset), $0.element) }), mark)
        case .map(let map, _): return (.known(map.map { (Value.string($0.key), $0.value) }), mark)
        case .unknown(let type):
            guard let (key, value) = type.iterated else { break }
            return (.unknown(key: .unknown(key), value: .unknown(value)), mark)
        case .null:
            throw error(
                "Invalid for expression",
                "\(written(loop.collection)) is null here; a loop needs a list, set, map or object.",
                at: loop.collection.range)
        default: break
        }
        throw error(
            "Invalid for expression",
            "A loop goes over a list, a set, a map or an object, but \(written(loop.collection)) is \(collection.phrase).",
            at: loop.collection.range)
    }

    /// Runs `body` with the loop's names bound to one round.
    private mutating func bound<Result>(
        _ loop: Expression.ForLoop, _ key: Value, _ value: Value,
        _ body: (inout Evaluation) throws(Diagnostics) -> Result
    ) throws(Diagnostics) -> Result {
        let depth = bindings.count
        if let name = loop.keyName { bindings.append((name, key)) }
        bindings.append((loop.valueName, value))
        do {
            let result = try body(&self)
            bindings.removeLast(bindings.count - depth)
            return result
        } catch {
            bindings.removeLast(bindings.count - depth)
            throw error
        }
    }

    /// Whether the round counts: true where there is no condition.
    private mutating func admits(_ loop: Expression.ForLoop) throws(Diagnostics) -> Value {
        guard let condition = loop.condition else { return true }
        return try test(condition, "The \"if\" of a for expression")
    }

    mutating func tupleLoop(_ loop: Expression.ForLoop, _ body: Expression) throws(Diagnostics) -> Value {
        let (rounds, isSensitive) = try rounds(loop)
        guard case .known(let pairs) = rounds else {
            return try unknownTuple(loop, rounds, body).sensitive(isSensitive)
        }
        var results: [Value] = []
        results.reserveCapacity(pairs.count)
        var mark = isSensitive
        var isUnknown = false
        for (key, value) in pairs {
            let (admitted, result) = try bound(loop, key, value) {
                (evaluation) throws(Diagnostics) -> (Value, Value?) in
                let admitted = try evaluation.admits(loop)
                return (admitted, admitted.asBool == false ? nil : try evaluation.evaluate(body))
            }
            mark = mark || admitted.isSensitive
            isUnknown = isUnknown || admitted.isUnknown
            if let result { results.append(result) }
        }
        return (isUnknown ? Value.unknown() : .tuple(results)).sensitive(mark)
    }

    private mutating func unknownTuple(
        _ loop: Expression.ForLoop, _ rounds: Rounds, _ body: Expression
    ) throws(Diagnostics) -> Value {
        guard case .unknown(let key, let value) = rounds else { return .unknown() }
        let result = try bound(loop, key, value) { (evaluation) throws(Diagnostics) in
            _ = try evaluation.admits(loop)
            return try evaluation.evaluate(body)
        }
        return Value.unknown(.list(result.type)).sensitive(result.isSensitive)
    }

    mutating func objectLoop(
        _ loop: Expression.ForLoop, _ keyBody: Expression, _ body: Expression, _ groups: Bool, in whole: Expression
    ) throws(Diagnostics) -> Value {
        let (rounds, isSensitive) = try rounds(loop)
        var entries: [(String, Value)] = []
        var groupsFound: [String: [Value]] = [:]
        var mark = isSensitive
        var isUnknown = false
        let pairs: [(key: Value, value: Value)]
        switch rounds {
        case .known(let known): pairs = known
        case .unknown(let key, let value):
            pairs = [(key, value)]
            isUnknown = true
        }
        for (key, value) in pairs {
            let made = try bound(loop, key, value) {
                (evaluation) throws(Diagnostics) -> (Value, Value, Value)? in
                let admitted = try evaluation.admits(loop)
                if admitted.asBool == false { return nil }
                let key = try evaluation.string(try evaluation.evaluate(keyBody), keyBody, "The key of an object")
                return (admitted, key, try evaluation.evaluate(body))
            }
            guard let (admitted, name, result) = made else { continue }
            mark = mark || admitted.isSensitive || name.isSensitive
            guard let text = name.asString, admitted.asBool == true else {
                isUnknown = true
                continue
            }
            groupsFound[text, default: []].append(result)
            if !groups { entries.append((text, result)) }
        }
        if isUnknown { return Value.unknown().sensitive(mark) }
        if groups { return .object(ValueMap(groupsFound.map { ($0.key, .tuple($0.value)) })).sensitive(mark) }
        guard entries.count == groupsFound.count else {
            throw duplicateKey(groupsFound, mark, at: keyBody.range)
        }
        return .object(ValueMap(entries)).sensitive(mark)
    }

    private func duplicateKey(_ groups: [String: [Value]], _ isSensitive: Bool, at range: SourceRange) -> Diagnostics {
        let key = groups.filter { $0.value.count > 1 }.keys.min() ?? ""
        return error(
            "Duplicate object key",
            "Two rounds give the key \(isSensitive ? "(sensitive)" : Value.string(key).json). Make the keys distinct, or "
                + "group the values of one key with \"...\" after the value.", at: range)
    }

    // MARK: - Templates

    mutating func template(_ parts: [Expression.TemplatePart], at range: SourceRange) throws(Diagnostics) -> Value {
        var output = TemplateOutput()
        try render(parts, into: &output, at: range)
        try charge(output.text.utf8.count, at: range)
        return (output.isUnknown ? Value.unknown(.string) : .string(output.text)).sensitive(output.isSensitive)
    }

    /// The text of a template as far as it is made.
    struct TemplateOutput {
        var text = ""
        var isSensitive = false
        var isUnknown = false
    }

    private mutating func render(
        _ parts: [Expression.TemplatePart], into output: inout TemplateOutput, at range: SourceRange
    ) throws(Diagnostics) {
        for part in parts {
            switch part {
            case .text(let text): output.text += text
            case .interpolation(let expression): try interpolate(expression, into: &output)
            case .conditional(let condition, let then, let otherwise):
                let test = try test(condition, "The condition of %{ if }")
                output.isSensitive = output.isSensitive || test.isSensitive
                output.isUnknown = output.isUnknown || test.isUnknown
                if test.asBool != false { try render(then, into: &output, at: range) }
                if test.asBool != true { try render(otherwise, into: &output, at: range) }
            case .loop(let loop, let body): try renderLoop(loop, body, into: &output, at: range)
            }
            if output.text.utf8.count > Bounds.stringBytes { try charge(output.text.utf8.count, at: range) }
        }
    }

    private mutating func interpolate(_ source: Expression, into output: inout TemplateOutput) throws(Diagnostics) {
        let value = try string(try evaluate(source), source, "What ${…} puts into a text")
        output.isSensitive = output.isSensitive || value.isSensitive
        if let text = value.asString { output.text += text } else { output.isUnknown = true }
    }

    private mutating func renderLoop(
        _ loop: Expression.ForLoop, _ body: [Expression.TemplatePart], into output: inout TemplateOutput,
        at range: SourceRange
    ) throws(Diagnostics) {
        let (rounds, isSensitive) = try rounds(loop)
        output.isSensitive = output.isSensitive || isSensitive
        let pairs: [(key: Value, value: Value)]
        switch rounds {
        case .known(let known): pairs = known
        case .unknown(let key, let value):
            pairs = [(key, value)]
            output.isUnknown = true
        }
        for (key, value) in pairs {
            try step(range)
            var inner = output
            output.text = ""
            try bound(loop, key, value) { (evaluation) throws(Diagnostics) in
                try evaluation.render(body, into: &inner, at: range)
            }
            output = inner
        }
    }
}

extension ValueType {
    /// The types of the key and the value in each round of a loop over an unknown; nil where it cannot be looped over.
    fileprivate var iterated: (ValueType, ValueType)? {
        switch self {
        case .any: (.any, .any)
        case .list, .tuple: (.number, iteratedElement ?? .any)
        case .set(let element): (element, element)
        case .map(let element): (.string, element)
        case .object(let attributes): (.string, Unification.unify(all: attributes.map(\.type)) ?? .any)
        case .bool, .number, .string: nil
        }
    }
}
