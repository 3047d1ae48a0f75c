import PlumbModel

/// Calls of functions: arguments are checked and converted, marks and unknowns carried over, costs counted.
extension Evaluation {
    mutating func call(_ call: Expression.FunctionCall, in whole: Expression) throws(Diagnostics) -> Value {
        switch call.builtinName {
        case "try": return try tryEach(call, in: whole)
        case "can": return try can(call, in: whole)
        case "templatefile": return try templateFile(call, in: whole)
        case "templatestring": return try templateString(call, in: whole)
        default: break
        }
        guard let function = Functions.table[call.builtinName] else { throw unknownFunction(call) }
        guard let (values, sources) = try arguments(call) else {
            return .unknown(function.returns)
        }
        try checkCount(values.count, function, call, in: whole)
        return try invoke(function, values, sources, in: whole)
    }

    private func unknownFunction(_ call: Expression.FunctionCall) -> Diagnostics {
        let why =
            Functions.absent[call.name].map { " \($0)" } ?? Suggestion.didYouMean(call.name, among: Functions.names)
        return error("Unknown function", "There is no function \(call.name)().\(why)", at: call.nameRange)
    }

    /// The evaluated arguments, each with its expression; nil where `...` follows something unknown.
    mutating func arguments(
        _ call: Expression.FunctionCall
    ) throws(Diagnostics) -> (values: [Value], sources: [Expression])? {
        var values: [Value] = []
        values.reserveCapacity(call.arguments.count)
        for argument in call.arguments { values.append(try evaluate(argument)) }
        var sources = call.arguments
        guard call.expandsLast, let last = values.popLast(), let source = sources.popLast() else {
            return (values, sources)
        }
        if last.isUnknown { return nil }
        guard let elements = last.asList else {
            throw error(
                "Invalid expanding argument", "What stands before \"...\" must be a list, but is \(last.phrase).",
                at: source.range)
        }
        values.append(contentsOf: elements.map { $0.sensitive(last.isSensitive) })
        sources.append(contentsOf: repeatElement(source, count: elements.count))
        return (values, sources)
    }

    private func checkCount(
        _ count: Int, _ function: Function, _ call: Expression.FunctionCall, in whole: Expression
    ) throws(Diagnostics) {
        let least = function.parameters.count - function.optionalCount
        guard count < least || (function.variadic == nil && count > function.parameters.count) else { return }
        throw error(
            count < least ? "Not enough function arguments" : "Too many function arguments",
            "\(call.name)() is called with \(count == 1 ? "1 argument" : "\(count) arguments"), but is written "
                + "\(function.signature).", at: whole.range)
    }

    private mutating func invoke(
        _ function: Function, _ values: [Value], _ sources: [Expression], in whole: Expression
    ) throws(Diagnostics) -> Value {
        var prepared: [Value] = []
        prepared.reserveCapacity(values.count)
        var mark = false
        var isUnknown = false
        var hasSecrets = false
        var bytes = 0
        for (index, value) in values.enumerated() {
            guard let parameter = function.parameter(index) else { break }
            let inspection = try weigh(value, at: sources[index].range)
            var argument = try convert(value, to: parameter, of: function, sources[index])
            hasSecrets = hasSecrets || inspection.isSensitive
            bytes += inspection.bytes
            switch function.handling {
            case .computes:
                mark = mark || inspection.isSensitive
                isUnknown = isUnknown || inspection.isUnknown
                if inspection.isSensitive { argument = argument.deeplyUnmarked }
            case .rearranges:
                mark = mark || value.isSensitive
                isUnknown = isUnknown || value.isUnknown
                argument = argument.unmarked
            case .decides: break
            }
            prepared.append(argument)
        }
        if bytes > Bounds.argumentBytes, function.returns == .string { try charge(bytes, at: whole.range) }
        let surroundings = scope.surroundings
        if isUnknown || (function.waitsForApply && !surroundings.isApplying) {
            return Value.unknown(function.returns).sensitive(mark)
        }
        let result: Value
        do {
            result = try function.body(
                Arguments(values: prepared, files: scope.files, surroundings: surroundings))
        } catch {
            let place = error.argument.flatMap { sources.indices.contains($0) ? sources[$0].range : nil }
            throw self.error(
                "Invalid function argument",
                hasSecrets
                    ? "\(function.name)() cannot be called with these values. The reason is not told, because one of them is "
                        + "sensitive." : "\(function.name)(): \(error.message).", at: place ?? whole.range)
        }
        if let text = result.asString { try charge(text.utf8.count, at: whole.range) }
        try charge(parts: try weigh(result, at: whole.range).count, at: whole.range)
        return result.sensitive(mark)
    }

    private func convert(
        _ value: Value, to parameter: Function.Parameter, of function: Function, _ source: Expression
    ) throws(Diagnostics) -> Value {
        if value.isNull {
            if parameter.allowsNull { return value }
            throw error(
                "Invalid function argument", "\(function.name)(): \(parameter.name) must not be null.", at: source.range
            )
        }
        do {
            return try value.converted(to: parameter.type)
        } catch {
            let place = error.path.steps.isEmpty ? "" : " at \(error.path)"
            throw self.error(
                "Invalid function argument", "\(function.name)(): \(parameter.name)\(place): \(error.message).",
                at: source.range)
        }
    }

    // MARK: - Functions that decide what is evaluated

    private mutating func tryEach(
        _ call: Expression.FunctionCall, in whole: Expression
    ) throws(Diagnostics) -> Value {
        guard !call.arguments.isEmpty, !call.expandsLast else {
            throw error("Not enough function arguments", "try() takes one or more expressions.", at: whole.range)
        }
        var notes: [Diagnostic.Note] = []
        let depth = bindings.count
        for argument in call.arguments {
            do {
                return try evaluate(argument)
            } catch {
                bindings.removeLast(bindings.count - depth)
                if let first = error.all.first { notes.append(Diagnostic.Note(first.detail, at: first.source)) }
            }
        }
        throw Diagnostics(
            .error(
                "Invalid function argument", "try(): no expression has a value.", at: whole.range,
                notes: Array(notes.prefix(8))))
    }

    private mutating func can(_ call: Expression.FunctionCall, in whole: Expression) throws(Diagnostics) -> Value {
        guard call.arguments.count == 1, !call.expandsLast else {
            throw error("Not enough function arguments", "can() takes one expression.", at: whole.range)
        }
        let depth = bindings.count
        do {
            let value = try evaluate(call.arguments[0])
            return value.isWhollyKnown ? true : .unknown(.bool)
        } catch {
            bindings.removeLast(bindings.count - depth)
            return false
        }
    }
}

extension Expression.FunctionCall {
    /// `core::upper` is `upper`.
    fileprivate var builtinName: String { name.hasPrefix("core::") ? String(name.dropFirst(6)) : name }
}
