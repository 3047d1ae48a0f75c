import Expressions
import PlumbModel
import Testing

/// Functions that give something else at each call wait for the apply.
struct TimeAndChanceTests {
    private static func scope(_ phase: Surroundings.Phase) -> FixedScope {
        var scope = FixedScope()
        scope.surroundings = Surroundings(phase: phase)
        return scope
    }

    private static let waiting = ["timestamp()", "uuid()", #"bcrypt("secret")"#]

    @Test(arguments: waiting)
    func areUnknownBeforeTheApply(_ text: String) throws {
        #expect(try evaluate(text, Self.scope(.resolving)) == .unknown(.string))
        #expect(try evaluate(text, Self.scope(.planning(at: 0))) == .unknown(.string))
        #expect(try evaluate("\"<${\(text)}>\"", Self.scope(.planning(at: 0))) == .unknown(.string))
    }

    @Test(arguments: waiting)
    func areKnownWhileApplying(_ text: String) throws {
        let value = try evaluate(text, Self.scope(.applying(plannedAt: 0)))
        #expect(value.asString?.isEmpty == false)
    }

    @Test func eachIdIsAnother() throws {
        let ids = try (0..<20).map { _ in try evaluate("uuid()", Self.scope(.applying(plannedAt: 0))).asString ?? "" }
        #expect(Set(ids).count == ids.count)
        #expect(
            ids.allSatisfy {
                $0.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil
            })
    }

    @Test func thePlansTimeIsTheSameInItsApply() throws {
        #expect(try evaluate("plantimestamp()", Self.scope(.resolving)) == .unknown(.string))
        for phase in [Surroundings.Phase.planning(at: 1_700_000_000.9), .applying(plannedAt: 1_700_000_000.9)] {
            #expect(try evaluate("plantimestamp()", Self.scope(phase)) == "2023-11-14T22:13:20Z")
        }
    }

    @Test func theTimeOfDayIsNow() throws {
        let age = try evaluate(
            #"timecmp(timeadd(timestamp(), "1h"), plantimestamp())"#, Self.scope(.applying(plannedAt: 1_700_000_000)))
        #expect(age == 1)
    }

    @Test func aSecretPasswordHasASecretHash() throws {
        #expect(try evaluate(#"bcrypt(sensitive("x"), 4)"#, Self.scope(.applying(plannedAt: 0))).isSensitive)
        #expect(try evaluate(#"bcrypt(sensitive("x"), 4)"#, Self.scope(.planning(at: 0))).isSensitive)
    }
}
