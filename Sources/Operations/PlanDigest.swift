internal import Crypto
public import PlumbModel

extension PlanOperation {
    /// Tells a plan from every other one by what it does: an approval of one is an approval of each plan with its digest. It
    /// tells nothing of secrets.
    public func digest(of plan: Plan) throws(Diagnostics) -> String {
        do throws(KeyError) {
            return try PlanDigest(vault: vault).digest(plan)
        } catch {
            throw Diagnostics(.error("Key is missing", error.message))
        }
    }
}

/// Makes the digest of a plan.
private struct PlanDigest {
    let vault: ValueVault

    func digest(_ plan: Plan) throws(KeyError) -> String {
        var lines = [plan.origin.stack, plan.mode.rawValue]
        for move in plan.moves { lines.append("move \(move.from) \(move.to)") }
        for found in plan.imports { lines.append("import \(found.address)") }
        for change in plan.changes {
            let values = [try fingerprint(change.before), try fingerprint(change.after)].joined(separator: " ")
            let address = "\(change.address) \(change.deposedKey ?? "")"
            lines.append("change \(address) \(change.provider) \(change.action) \(values)")
        }
        for output in plan.outputs where output.action != .noOp {
            lines.append("output \(output.name) \(output.action.rawValue) \(try fingerprint(output.after))")
        }
        let bytes = SHA256.hash(data: Array(lines.joined(separator: "\n").utf8))
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.prefix(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private func fingerprint(_ value: Value?) throws(KeyError) -> String {
        guard let value else { return "-" }
        return try vault.fingerprint(value)
    }
}
