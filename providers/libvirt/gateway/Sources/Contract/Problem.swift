import CLibvirt
import HTTPTypes

/// Why a request was not answered as it was meant to be, as RFC 9457 has it.
struct Problem: Error, Sendable, Encodable {
    /// One place of a request that is wrong.
    struct Fault: Sendable, Encodable, Hashable {
        /// A JSON pointer into the body, or the name of a parameter.
        let pointer: String
        let detail: String
    }

    /// What libvirt has said.
    struct Refusal: Sendable, Encodable, Hashable {
        let code: Int
        let domain: Int
        let message: String
    }

    let status: HTTPResponse.Status
    /// Fixed text: what kind of problem it is.
    let title: String
    var detail: String?
    var instance: String?
    var errors: [Fault] = []
    var libvirt: Refusal?
    /// Headers of the answer, such as Retry-After.
    var headers: HTTPFields = [:]

    init(_ status: HTTPResponse.Status, _ title: String, detail: String? = nil, errors: [Fault] = []) {
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors
    }

    private enum Key: String, CodingKey { case type, title, status, detail, instance, errors, libvirt }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("about:blank", forKey: .type)
        try container.encode(title, forKey: .title)
        try container.encode(status.code, forKey: .status)
        try container.encodeIfPresent(detail, forKey: .detail)
        try container.encodeIfPresent(instance, forKey: .instance)
        if !errors.isEmpty { try container.encode(errors, forKey: .errors) }
        try container.encodeIfPresent(libvirt, forKey: .libvirt)
    }
}

extension Problem {
    /// A body that is well-formed and cannot be carried out: one of its values is wrong.
    static func unprocessable(_ pointer: String, _ detail: String) -> Problem {
        Problem(
            .unprocessableContent, "The request cannot be carried out",
            errors: [Fault(pointer: pointer, detail: detail)])
    }

    static func missing(_ what: String) -> Problem {
        Problem(.notFound, "No such resource", detail: what)
    }

    static func conflict(_ detail: String, errors: [Fault] = []) -> Problem {
        Problem(.conflict, "The resource is in the way of that", detail: detail, errors: errors)
    }

    /// libvirt cannot be reached now; the gateway keeps trying.
    static var disconnected: Problem {
        var problem = Problem(
            .serviceUnavailable, "libvirt cannot be reached",
            detail:
                "The gateway has no connection to libvirt and keeps trying. Look whether libvirtd runs, then try again."
        )
        problem.headers[.retryAfter] = "1"
        return problem
    }

    /// What libvirt has last complained of on this thread.
    static func libvirt(doing what: String) -> Problem {
        guard let error = virGetLastError() else {
            return Problem(.internalServerError, "libvirt failed without a reason", detail: "While \(what).")
        }
        let refusal = Refusal(
            code: Int(error.pointee.code), domain: Int(error.pointee.domain),
            message: error.pointee.message.map { String(cString: $0) } ?? "")
        let (status, title) = meaning(refusal)
        var problem = Problem(status, title, detail: "While \(what): \(refusal.message)")
        problem.libvirt = refusal
        if status == .serviceUnavailable { problem.headers[.retryAfter] = "1" }
        return problem
    }

    static let noVolume = Int(VIR_ERR_NO_STORAGE_VOL.rawValue)
    static let internalError = Int(VIR_ERR_INTERNAL_ERROR.rawValue)

    /// Whether libvirt has said that something is not there.
    var isMissing: Bool { status == .notFound }

    private static func meaning(_ refusal: Refusal) -> (HTTPResponse.Status, String) {
        let code = UInt32(truncatingIfNeeded: refusal.code)
        switch code {
        case VIR_ERR_NO_DOMAIN.rawValue, VIR_ERR_NO_NETWORK.rawValue, VIR_ERR_NO_STORAGE_POOL.rawValue,
            VIR_ERR_NO_STORAGE_VOL.rawValue, VIR_ERR_NO_DOMAIN_METADATA.rawValue:
            return (.notFound, "No such resource")
        // A system's error of libvirt's own wire is a connection that broke; of anything else it is a refusal.
        case VIR_ERR_SYSTEM_ERROR.rawValue where Int(VIR_FROM_RPC.rawValue) == refusal.domain,
            VIR_ERR_INTERNAL_ERROR.rawValue where Int(VIR_FROM_RPC.rawValue) == refusal.domain,
            VIR_ERR_RPC.rawValue, VIR_ERR_NO_CONNECT.rawValue, VIR_ERR_INVALID_CONN.rawValue:
            return (.serviceUnavailable, "libvirt cannot be reached")
        case VIR_ERR_INVALID_ARG.rawValue, VIR_ERR_XML_ERROR.rawValue, VIR_ERR_XML_DETAIL.rawValue,
            VIR_ERR_XML_INVALID_SCHEMA.rawValue, VIR_ERR_CONFIG_UNSUPPORTED.rawValue,
            VIR_ERR_ARGUMENT_UNSUPPORTED.rawValue, VIR_ERR_OS_TYPE.rawValue:
            return (.unprocessableContent, "libvirt does not accept that")
        case VIR_ERR_ACCESS_DENIED.rawValue, VIR_ERR_AUTH_FAILED.rawValue, VIR_ERR_OPERATION_DENIED.rawValue:
            return (.forbidden, "libvirt does not allow that")
        case VIR_ERR_NO_SUPPORT.rawValue: return (.notImplemented, "libvirt does not have that here")
        default: return (.conflict, "libvirt refused")
        }
    }
}
