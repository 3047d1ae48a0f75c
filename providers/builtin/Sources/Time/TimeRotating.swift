import PlumbModel
import ProviderAPI

/// `time_rotating`: a moment that is replaced by the present one each time a period is over.
struct TimeRotating: StateOnlyType {
    let clock: Clock

    let name = "time_rotating"
    let schema = Schema(
        [
            AttributeSchema(
                "rfc3339", .string, .optionalComputed, forcesReplacement: true,
                "Where the period begins, RFC 3339; the creation where not given."),
            AttributeSchema("rotation_minutes", .number, .optional, "The period's minutes."),
            AttributeSchema("rotation_hours", .number, .optional, "The period's hours."),
            AttributeSchema("rotation_days", .number, .optional, "The period's days."),
            AttributeSchema("rotation_months", .number, .optional, "The period's months."),
            AttributeSchema("rotation_years", .number, .optional, "The period's years."),
            AttributeSchema(
                "rotation_rfc3339", .string, .optionalComputed,
                "When it is replaced, RFC 3339: given, or the beginning and the period."),
            AttributeSchema(
                "triggers", .map(.string), .optional, forcesReplacement: true,
                "Any values; a change of one begins a new period."),
            AttributeSchema("unix", .number, .computed, "The beginning in seconds since 1970."),
            AttributeSchema("id", .string, .computed, "The beginning, RFC 3339, UTC."),
        ] + parts.map { AttributeSchema($0.0, .number, .computed, "The \($0.0) of the beginning, UTC.") })

    private nonisolated(unsafe) static let parts: [(String, KeyPath<CivilTime, Int>)] = [
        ("year", \.year), ("month", \.month), ("day", \.day), ("hour", \.hour), ("minute", \.minute),
        ("second", \.second),
    ]

    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        let period = try RotationPeriod(request.declared)
        let given = try moment(request.declared, "rfc3339")
        if try moment(request.declared, "rotation_rfc3339") != nil, !period.isOpen {
            throw ProviderError(
                .invalid, "A time_rotating has a period or an end (rotation_rfc3339), not both. Remove one of them.")
        }
        var plan = schema.plan(request)
        if let given { plan.planned = try complete(plan.planned, from: given, period) }
        guard let prior = request.prior, plan.replacePaths.isEmpty else { return plan }
        guard let start = try moment(prior.values, "rfc3339") else { return plan }
        plan.planned = try complete(plan.planned, from: start, period)
        guard let end = try moment(plan.planned, "rotation_rfc3339"), clock.now() >= end else { return plan }
        // A beginning that the spec fixes cannot move, and an end before the beginning has been waited for.
        guard given == nil, start < end else { return plan }
        let renewed = schema.plan(PlanRequest(prior: nil, declared: request.declared))
        return ResourcePlan(planned: renewed.planned, replacePaths: [AttributePath("rfc3339")])
    }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        let start = try moment(request.planned, "rfc3339") ?? clock.now()
        return ResourceState(try complete(request.planned, from: start, try RotationPeriod(request.planned)))
    }

    private func moment(_ values: Value, _ name: String) throws(ProviderError) -> Timestamp? {
        guard let text = values.attribute(name).asString else { return nil }
        guard let moment = Timestamp(rfc3339: text) else {
            throw ProviderError(
                .invalid, "\(name) is \"\(text)\"; it must be RFC 3339, such as \"2026-01-31T12:00:00Z\".")
        }
        return moment
    }

    /// Fills in what follows from the beginning; what the spec fixes stays as it is written.
    private func complete(
        _ values: Value, from start: Timestamp, _ period: RotationPeriod
    ) throws(ProviderError) -> Value {
        var known = values
        if !period.isOpen {
            let end = try period.end(from: start)
            if let end { known = known.setting(["rotation_rfc3339": .string(end.rfc3339)]) }
        } else if period.isUnknown {
            known = known.setting(["rotation_rfc3339": .unknown(.string)])
        }
        if known.attribute("rfc3339").asString == nil { known = known.setting(["rfc3339": .string(start.rfc3339)]) }
        let civil = CivilTime(start)
        let parts = TimeRotating.parts.map { ($0.0, Value.number(civil[keyPath: $0.1])) }
        return .object(
            (known.asMap ?? ValueMap()).merging(
                ValueMap(parts + [("unix", .number(Int(start.unix))), ("id", .string(start.rfc3339))])))
    }
}

/// How long a `time_rotating` lasts.
struct RotationPeriod {
    private var seconds: Int64 = 0
    private var months = 0
    /// The end is given as a moment instead.
    private(set) var isOpen = false
    private(set) var isUnknown = false

    private static let units: [(name: String, seconds: Int64, months: Int)] = [
        ("rotation_minutes", 60, 0), ("rotation_hours", 3600, 0), ("rotation_days", 86_400, 0),
        ("rotation_months", 0, 1), ("rotation_years", 0, 12),
    ]

    /// - Throws: `invalid` where neither a period nor an end is given.
    init(_ values: Value) throws(ProviderError) {
        var isGiven = false
        for unit in RotationPeriod.units where !values.attribute(unit.name).isNull {
            isGiven = true
            guard let amount = try values.wholeNumber(unit.name, in: 1...5_000_000) else {
                isUnknown = true
                continue
            }
            seconds += Int64(amount) * unit.seconds
            months += amount * unit.months
        }
        isOpen = !isGiven || isUnknown
        guard isGiven || !values.attribute("rotation_rfc3339").isNull else {
            throw ProviderError(
                .invalid,
                "A time_rotating needs a period (rotation_minutes, rotation_hours, rotation_days, rotation_months, "
                    + "rotation_years) or an end (rotation_rfc3339); none is given.")
        }
    }

    func end(from start: Timestamp) throws(ProviderError) -> Timestamp? {
        guard let end = start.adding(months: months)?.adding(seconds: seconds) else {
            throw ProviderError(.invalid, "The rotation period from \(start.rfc3339) ends after the year 9999.")
        }
        return end
    }
}
