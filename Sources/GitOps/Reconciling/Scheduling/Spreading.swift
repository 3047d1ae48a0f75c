internal import StateBackendAPI

/// Spreads stacks over the controllers that live: each to the one that draws the highest number for it, so that only the
/// stacks of one that comes or goes move.
struct Spreading: Sendable, Equatable {
    let members: [ControllerMember]

    init(_ members: [ControllerMember]) { self.members = members.sorted { $0.id < $1.id } }

    /// Who works on a stack; nil where nobody lives.
    func owner(of stack: String) -> ControllerMember? {
        members.max { left, right in
            let (first, second) = (Self.draw(left.id, stack), Self.draw(right.id, stack))
            return (first, left.id) < (second, right.id)
        }
    }

    /// FNV-1a, then mixed: the same in every process.
    static func draw(_ member: String, _ stack: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in member.utf8 + [0] + Array(stack.utf8) {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ (hash >> 33)
    }
}
