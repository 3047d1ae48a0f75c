/// What time it is, so that tests can say so.
struct Clock: Sendable {
    let now: @Sendable () -> Timestamp

    static let system = Clock { Timestamp.current }
}
