import Expressions
import PlumbModel
import ProviderAPI

/// Planning by the schema, and by what an API file adds to it.
extension ResourceOperations {
    func plan(_ request: PlanRequest) throws(ProviderError) -> ResourcePlan {
        let completed = PlanRequest(
            prior: request.prior, declared: InnerValues(shape).completed(request.declared, like: request.prior?.values))
        let plan = shape.schema.plan(completed)
        guard let prior = request.prior, plan.replacePaths.isEmpty, !type.replacements.isEmpty,
            plan.planned != prior.values
        else { return plan }
        let paths = try replacedPaths(from: prior.values, to: plan.planned)
        guard !paths.isEmpty else { return plan }
        // What the server gives is given anew.
        let renewed = InnerValues(shape).completed(request.declared, like: nil)
        let planned = shape.schema.plan(PlanRequest(prior: nil, declared: renewed)).planned
        return ResourcePlan(planned: planned, replacePaths: paths)
    }

    private func replacedPaths(from prior: Value, to planned: Value) throws(ProviderError) -> [AttributePath] {
        var paths: [AttributePath] = []
        for rule in type.replacements {
            let changed = AttributePath.matches(of: rule.pattern, from: prior, to: planned)
            guard !changed.isEmpty, try holds(rule, prior, planned) else { continue }
            paths += changed.filter { !paths.contains($0) }
        }
        return paths
    }

    private func holds(_ rule: ReplacementRule, _ prior: Value, _ planned: Value) throws(ProviderError) -> Bool {
        guard let condition = rule.condition else { return true }
        var scope = connection.scope(shape, own: .null, prior: prior)
        // What is not known yet stays so, and with it the answer.
        scope.own = planned.deeplyUnmarked
        let value = try connection.evaluate(condition, scope)
        if value.isUnknown { return true }
        if let flag = value.asBool { return flag }
        throw ProviderError(.invalid, "\(condition.range): a condition must be true or false")
    }
}

extension AttributePath {
    /// The paths that a pattern leads to and whose values differ. Where one side has nothing at a place, that place
    /// differs.
    static func matches(of pattern: AttributePattern, from old: Value, to new: Value) -> [AttributePath] {
        matches(pattern.steps[...], old, new, AttributePath())
    }

    private static func matches(
        _ steps: ArraySlice<AttributePattern.Step>, _ old: Value?, _ new: Value?, _ path: AttributePath
    ) -> [AttributePath] {
        if old == new { return [] }
        guard let step = steps.first else { return [path] }
        // All that is not known yet may be anything.
        if old?.isUnknown == true || new?.isUnknown == true { return [path] }
        let rest = steps.dropFirst()
        switch step {
        case .key(let key): return matches(rest, old?[key: key], new?[key: key], path.appending(.key(key)))
        case .index(let index):
            return matches(rest, old?.element(index), new?.element(index), path.appending(.index(index)))
        case .any:
            let keys = Set((old?.asMap?.keys ?? []) + (new?.asMap?.keys ?? [])).sorted()
            let count = max(old?.asList?.count ?? 0, new?.asList?.count ?? 0)
            return keys.flatMap { matches(rest, old?[key: $0], new?[key: $0], path.appending(.key($0))) }
                + (0..<count).flatMap { matches(rest, old?.element($0), new?.element($0), path.appending(.index($0))) }
        }
    }
}

extension Value {
    fileprivate func element(_ index: Int) -> Value? {
        asList.flatMap { $0.indices.contains(index) ? $0[index] : nil }
    }
}

/// What the server gives within attributes that a spec gives: known as long as nothing else changes.
struct InnerValues {
    private let shape: TypeShape

    init(_ shape: TypeShape) { self.shape = shape }

    /// Declared values with what is in them computed: as it was where all else is the same, otherwise unknown.
    func completed(_ declared: Value, like prior: Value?) -> Value {
        guard !shape.nestedComputed.isEmpty, var map = declared.asMap else { return declared }
        let patterns = Dictionary(grouping: shape.nestedComputed, by: \.attribute)
        for (name, patterns) in patterns {
            guard let value = map[name], !value.isNull, !value.isUnknown, let schema = shape.schema[name] else {
                continue
            }
            let typed = (try? value.converted(to: schema.type)) ?? value
            let old = prior?[key: name]
            let kept = patterns.reduce(typed) { $0.filling($1.steps.dropFirst(), from: old, schema.type) }
            let isSame = old.map { kept == $0 || schema.normalisation?.areSame(kept, $0) == true } ?? false
            map[name] =
                isSame ? kept : patterns.reduce(typed) { $0.filling($1.steps.dropFirst(), from: nil, schema.type) }
        }
        return .object(map)
    }
}

extension Value {
    /// What is null where the steps lead, as another value has it there; unknown where that has nothing.
    fileprivate func filling(
        _ steps: ArraySlice<AttributePattern.Step>, from other: Value?, _ type: ValueType
    ) -> Value {
        guard let step = steps.first else {
            guard isNull else { return self }
            return other.flatMap { $0.isNull ? nil : $0 } ?? .unknown(type)
        }
        let rest = steps.dropFirst()
        switch (step, kind, type) {
        case (.key(let key), .map(var map, let mapping), .object(let attributes)):
            guard let inner = attributes.first(where: { $0.name == key })?.type else { return self }
            map[key] = (map[key] ?? .null).filling(rest, from: other?[key: key], inner)
            return Value(.map(map, mapping), isSensitive: isSensitive)
        case (.any, .map(var map, let mapping), .map(let inner)):
            for entry in map { map[entry.key] = entry.value.filling(rest, from: other?[key: entry.key], inner) }
            return Value(.map(map, mapping), isSensitive: isSensitive)
        case (.any, .list(let elements, let sequencing), .list(let inner)):
            let filled = elements.enumerated().map { $1.filling(rest, from: other?.element($0), inner) }
            return Value(.list(filled, sequencing), isSensitive: isSensitive)
        default: return self
        }
    }
}
