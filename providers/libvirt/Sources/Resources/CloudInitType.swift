import Crypto
import PlumbModel
import ProviderAPI

/// `libvirt_cloudinit`: an ISO image that tells a guest at its first start who it is. Other content is another image, named
/// after it, so that guests change over to it while the old one is still there.
struct CloudInitType: StoredResource {
    let gateway: GatewayClient
    let name = "libvirt_cloudinit"
    let collection = "cloudinit"

    var schema: Schema { Self.schema }

    private static let contents = ["user_data", "meta_data", "network_config"]

    static let schema = Schema([
        AttributeSchema(
            "id", .string, .computed, derivedFrom: contents,
            "The pool's UUID, a slash, and the image's name, in which a digest of its content stands."),
        AttributeSchema("pool", .string, .required, forcesReplacement: true, "The pool's id."),
        AttributeSchema("name", .string, .required, forcesReplacement: true, "What the image's name begins with."),
        AttributeSchema(
            "user_data", .string, .required, forcesReplacement: true,
            "What cloud-init is to do: #cloud-config, or a script."),
        AttributeSchema(
            "meta_data", .string, .optional, forcesReplacement: true,
            "The instance's own data; with other content it is another instance unless this says otherwise."),
        AttributeSchema(
            "network_config", .string, .optional, forcesReplacement: true, "How the guest is to set up its network."),
        AttributeSchema("path", .string, .computed, derivedFrom: contents, "Where the file is on the host."),
        AttributeSchema("sha256", .string, .computed, derivedFrom: contents, "SHA-256 of the image."),
    ])

    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        var plan = schema.plan(request)
        if let id = try plannedID(plan.planned), request.prior == nil || !plan.replacePaths.isEmpty {
            plan.planned = plan.planned.setting("id", .string(id.text))
        }
        if plan.replacePaths.contains(where: { path in Self.contents.contains { path == AttributePath($0) } }) {
            plan.replaceReason =
                request.prior?.values.given("user_data") == nil
                ? "The image is not what was written."
                : "Other content is another image, and for the guest another instance."
        }
        return plan
    }

    func plannedID(_ values: Value) throws(ProviderError) -> VolumeID? {
        if let text = values.text("id") { return VolumeID(text) }
        guard let pool = values.text("pool"), let name = values.text("name"),
            Self.contents.allSatisfy({ values[key: $0]?.isUnknown != true })
        else { return nil }
        var digest = SHA256()
        for part in Self.contents {
            let text = values.text(part)
            // What is absent is not what is empty.
            digest.update(data: Array("\(text?.utf8.count ?? -1):\(text ?? "")".utf8))
        }
        let letters = digest.finalize().prefix(6).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return VolumeID(pool: pool, name: "\(name)-\(letters.joined()).iso")
    }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        guard let id = try plannedID(request.planned) else {
            throw ProviderError(.invalid, "`pool` and `name` say where the image is; one of them is not given.")
        }
        let body = Value.compact(Self.contents.map { ($0, request.planned[key: $0]) })
        // The name says the content: what is there already is put again, and is the same.
        let call = GatewayClient.Call(method: "PUT", path: id.path(collection), body: body)
        do throws(ProviderError) {
            let answer = try await gateway.get(call)
            return state(of: answer.body, like: ResourceState(request.planned))
        } catch {
            throw await doubting(error, id)
        }
    }

    /// Everything that can change is replaced.
    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState {
        let id = try id(of: request.prior.values)
        let live = try await gateway.get(.init(path: id.path(collection))).body
        return state(of: live, like: ResourceState(request.planned, privateData: request.prior.privateData))
    }

    func state(of live: Value, like recorded: ResourceState) -> ResourceState {
        let pool = live[key: "pool"] ?? .null
        let digest = live.text("sha256")
        let known = Notes(recorded.privateData).digest
        var values: [String: Value] = [
            "id": .string("\(pool.asString ?? "")/\(live.text("name") ?? "")"), "pool": pool,
            "path": live[key: "path"] ?? .null, "sha256": live[key: "sha256"] ?? .null,
        ]
        if recorded.values.given("name") == nil {
            // `web-0123456789ab.iso`
            let name = live.text("name") ?? ""
            let isOurs = name.hasSuffix(".iso") && name.dropLast(4).dropLast(12).hasSuffix("-")
            values["name"] = .string(isOurs ? String(name.dropLast(17)) : name)
        }
        if let known, known != digest {
            // Somebody has written another image in its place; what is in it the gateway does not tell.
            for part in Self.contents { values[part] = .null }
        }
        let notes = Notes(etag: nil, digest: known ?? digest)
        return ResourceState(schema.values(values, like: recorded.values), privateData: notes.text)
    }

    func isMade(_ state: ResourceState, as planned: Value) -> Bool { true }

    /// Side by side: no list tells what is in images.
    func read(all priors: [ResourceState]) async throws(ProviderError) -> [ResourceState?] {
        let results = await withTaskGroup(of: (Int, Result<ResourceState?, ProviderError>).self) { group in
            var pending = Array(priors.enumerated())[...]
            func start() {
                guard let (index, prior) = pending.popFirst() else { return }
                group.addTask { (index, await answer(about: prior)) }
            }
            for _ in 0..<8 { start() }
            var answers: [Int: Result<ResourceState?, ProviderError>] = [:]
            for await (index, answer) in group {
                start()
                answers[index] = answer
            }
            return answers
        }
        var states: [ResourceState?] = []
        for index in priors.indices { states.append(try results[index]?.get()) }
        return states
    }

    private func answer(about prior: ResourceState) async -> Result<ResourceState?, ProviderError> {
        do throws(ProviderError) {
            return .success(try await read(prior))
        } catch {
            return .failure(error)
        }
    }
}
