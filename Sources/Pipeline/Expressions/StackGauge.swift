/// Measures how much of its thread's stack a recursion has taken, so that it can end with an error instead of a crash.
///
/// Levels alone do not tell: how large they are differs between builds.
struct StackGauge {
    /// Half of the smallest stack that a thread of ours has.
    private static let maximum = 256 << 10

    private let start: UInt

    /// Measures from here.
    init() { start = StackGauge.here }

    var isExhausted: Bool {
        let here = StackGauge.here
        return (start > here ? start - here : here - start) > StackGauge.maximum
    }

    @inline(never) private static var here: UInt {
        var mark: UInt8 = 0
        return withUnsafeMutablePointer(to: &mark) { UInt(bitPattern: $0) }
    }
}
