/// Minutes that come again, as cron writes them: `0 22 * * 1-5`.
public struct CronSchedule: Sendable, Hashable, CustomStringConvertible {
    /// As it is written.
    public let description: String
    public let minutes: Set<Int>
    public let hours: Set<Int>
    let days: Set<Int>
    let months: Set<Int>
    /// 0 is Sunday.
    let weekdays: Set<Int>
    /// Whether the day of the month, or that of the week, is any; where neither is, one of the two is enough.
    let isAnyDay: Bool
    let isAnyWeekday: Bool

    private static let monthNames = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let weekdayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// Why a text is no schedule: goes on from "it cannot be read:".
    public struct Malformed: Error {
        public let reason: String
    }

    /// What a field is called, and what it may hold.
    private struct Field {
        let name: String
        let range: ClosedRange<Int>
        var names: [String] = []

        static let all = [
            Field(name: "minute", range: 0...59), Field(name: "hour", range: 0...23),
            Field(name: "day of the month", range: 1...31), Field(name: "month", range: 1...12, names: monthNames),
            Field(name: "weekday", range: 0...7, names: weekdayNames),
        ]
    }

    /// Short forms of cron. `@reboot` is none: a window does not open when a machine starts.
    private static let shortForms = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    /// Takes five fields, minute, hour, day of the month, month and weekday, or a short form such as `@daily`.
    public init(_ text: String) throws(Malformed) {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map { $0.lowercased() }
        var fields = words
        if words.count == 1, words[0].hasPrefix("@") {
            let known = Self.shortForms.keys.sorted()
            guard let form = Self.shortForms[words[0]] else {
                throw Malformed(
                    reason: "\(words[0]) is none of the short forms \(known.joined(separator: ", "))."
                        + Suggestion.didYouMean(words[0], among: known))
            }
            fields = form.split(separator: " ").map(String.init)
        }
        guard fields.count == Field.all.count else {
            let names = Field.all.map(\.name).joined(separator: ", ")
            throw Malformed(
                reason: "it has \(fields.count) field\(fields.count == 1 ? "" : "s") in the place of five (\(names)).")
        }
        var values: [Set<Int>] = []
        for (text, field) in zip(fields, Field.all) { values.append(try Self.values(text, field)) }
        description = text
        (minutes, hours, days, months) = (values[0], values[1], values[2], values[3])
        weekdays = Set(values[4].map { $0 % 7 })
        isAnyDay = fields[2].hasPrefix("*")
        isAnyWeekday = fields[4].hasPrefix("*")
        // The 31st of February never comes, and a window that never opens is a mistake.
        let longest = months.map { $0 == 2 ? 29 : [4, 6, 9, 11].contains($0) ? 30 : 31 }.max() ?? 31
        if isAnyWeekday, let first = days.min(), first > longest {
            throw Malformed(
                reason: "it never comes: \(months.count == 1 ? "month \(fields[3]) has" : "months \(fields[3]) have") "
                    + "no day \(first).")
        }
    }

    /// Whether it comes on a day.
    ///
    /// - Parameter weekday: 0 is Sunday.
    public func matches(month: Int, day: Int, weekday: Int) -> Bool {
        guard months.contains(month) else { return false }
        return switch (isAnyDay, isAnyWeekday) {
        case (true, true): days.contains(day) && weekdays.contains(weekday)
        case (false, true): days.contains(day)
        case (true, false): weekdays.contains(weekday) && days.contains(day)
        case (false, false): days.contains(day) || weekdays.contains(weekday)
        }
    }

    /// One field: `*`, `5`, `1-5`, `*/10`, `mon-fri`, and lists of such.
    private static func values(_ text: String, _ field: Field) throws(Malformed) -> Set<Int> {
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", omittingEmptySubsequences: false)
            guard (1...2).contains(halves.count) else { throw malformed(text, field, "has a `/` too many") }
            let step = halves.count == 2 ? Int(halves[1]) : 1
            guard let step, step > 0 else {
                throw malformed(text, field, "has a step \"\(halves[1])\", which is no whole number from 1 on")
            }
            let bounds = try bounds(halves[0], of: text, field, hasStep: halves.count == 2)
            values.formUnion(stride(from: bounds.lowerBound, through: bounds.upperBound, by: step))
        }
        return values
    }

    private static func bounds(
        _ part: Substring, of text: String, _ field: Field, hasStep: Bool
    ) throws(Malformed) -> ClosedRange<Int> {
        if part == "*" { return field.range }
        let ends = part.split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(ends.count) else { throw malformed(text, field, "has a `-` too many") }
        var numbers: [Int] = []
        for end in ends { numbers.append(try number(end, of: text, field)) }
        guard let low = numbers.first, let high = numbers.last else { throw malformed(text, field, "holds nothing") }
        guard low <= high else { throw malformed(text, field, "goes backwards from \(ends[0]) to \(ends[1])") }
        return low...(ends.count == 1 && hasStep ? field.range.upperBound : high)
    }

    private static func number(_ word: Substring, of text: String, _ field: Field) throws(Malformed) -> Int {
        if let index = field.names.firstIndex(where: { $0 == word }) {
            // Months begin with 1, weekdays with 0.
            return index + min(field.range.lowerBound, 1)
        }
        guard !word.isEmpty else { throw malformed(text, field, "lacks a number") }
        let number = word.allSatisfy { $0.isASCII && $0.isNumber } ? Int(word) : nil
        guard let number, field.range.contains(number) else {
            throw malformed(
                text, field, "holds \"\(word)\"", advice: Suggestion.didYouMean(String(word), among: field.names))
        }
        return number
    }

    private static func malformed(
        _ text: String, _ field: Field, _ reason: String, advice: String = ""
    ) -> Malformed {
        let range = "\(field.range.lowerBound) to \(field.range.upperBound)"
        let names = field.names.isEmpty ? "" : ", or \(field.names.prefix(2).joined(separator: ", ")) …"
        return Malformed(
            reason: "the field for the \(field.name), \"\(text)\", \(reason); it takes \(range)\(names).\(advice)")
    }
}
