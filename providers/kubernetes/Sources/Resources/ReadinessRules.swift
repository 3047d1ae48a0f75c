import PlumbModel

/// Tells from an object's status whether it does what it is there for: by rules for the kinds that need one, by the standard
/// conditions for all others.
struct ReadinessRules {
    enum Verdict: Equatable {
        case ready
        case waiting(String)
        case failed(String)
    }

    private let object: Value
    private let spec: Value
    private let status: Value

    init(_ object: Value) {
        self.object = object
        spec = object[key: "spec"] ?? .null
        status = object[key: "status"] ?? .null
    }

    private static let ruled: Set<String> = [
        "apps/Deployment", "apps/StatefulSet", "apps/DaemonSet", "apps/ReplicaSet", "batch/Job", "Pod", "Service",
        "networking.k8s.io/Ingress", "PersistentVolumeClaim", "Namespace", "ReplicationController",
        "apiextensions.k8s.io/CustomResourceDefinition", "apiregistration.k8s.io/APIService",
    ]

    /// Whether objects of a kind can be anything else than ready: custom ones may.
    static func concern(_ kind: GroupKind) -> Bool {
        if ruled.contains(kind.description) { return true }
        return kind.group.contains(".") && !kind.group.hasSuffix(".k8s.io")
    }

    func judge(_ kind: GroupKind) -> Verdict {
        if object[key: "metadata"]?[key: "deletionTimestamp"]?.isNull == false {
            return .waiting("it is being deleted")
        }
        switch kind.description {
        case "Pod": return pod()
        case "Service": return service()
        case "networking.k8s.io/Ingress": return hasAddress("no controller has given it an address yet")
        case "PersistentVolumeClaim": return claim()
        case "Namespace": return phase("Active")
        case "apiextensions.k8s.io/CustomResourceDefinition": return definition()
        case "apiregistration.k8s.io/APIService": return condition("Available")
        case "batch/Job": return job()
        default: break
        }
        if let observed = status[key: "observedGeneration"]?.asInt,
            let generation = object[key: "metadata"]?[key: "generation"]?.asInt, observed < generation
        {
            return .waiting("its controller has not looked at the last change yet")
        }
        switch kind.description {
        case "apps/Deployment": return unobserved() ?? deployment()
        case "apps/StatefulSet": return unobserved() ?? statefulSet()
        case "apps/DaemonSet": return unobserved() ?? daemonSet()
        case "apps/ReplicaSet", "ReplicationController": return unobserved() ?? replicas("readyReplicas", "ready")
        default: return standard()
        }
    }

    // MARK: - Parts

    private func count(_ key: String) -> Int { status[key: key]?.asInt ?? 0 }
    private var wanted: Int { spec[key: "replicas"]?.asInt ?? 1 }

    private func unobserved() -> Verdict? {
        status[key: "observedGeneration"]?.asInt == nil ? .waiting("its controller has not looked at it yet") : nil
    }

    private func condition(named type: String) -> Value? {
        status[key: "conditions"]?.asList?.first { $0[key: "type"]?.asString == type }
    }

    private func words(_ condition: Value) -> String {
        let reason = condition[key: "reason"]?.asString ?? ""
        let message = condition[key: "message"]?.asString ?? ""
        return [reason, message].filter { !$0.isEmpty }.joined(separator: ": ")
    }

    private func condition(_ type: String) -> Verdict {
        guard let found = condition(named: type) else { return .waiting("the condition \(type) is not there yet") }
        if found[key: "status"]?.asString == "True" { return .ready }
        let words = words(found)
        return .waiting(
            "the condition \(type) is \(found[key: "status"]?.asString ?? "unknown")\(words.isEmpty ? "" : " (\(words))")"
        )
    }

    private func phase(_ wanted: String) -> Verdict {
        let phase = status[key: "phase"]?.asString ?? "not set"
        return phase == wanted ? .ready : .waiting("its phase is \(phase)")
    }

    private func replicas(_ key: String, _ word: String) -> Verdict {
        count(key) >= wanted ? .ready : .waiting("\(count(key)) of \(wanted) replicas are \(word)")
    }

    // MARK: - Kinds

    private func deployment() -> Verdict {
        if let progress = condition(named: "Progressing"), progress[key: "status"]?.asString == "False",
            progress[key: "reason"]?.asString == "ProgressDeadlineExceeded"
        {
            return .failed(words(progress))
        }
        let updated = count("updatedReplicas")
        if updated < wanted { return .waiting("\(updated) of \(wanted) replicas are updated") }
        if count("replicas") > updated {
            return .waiting("\(count("replicas") - updated) old replicas are still to go")
        }
        let available = count("availableReplicas")
        return available < updated ? .waiting("\(available) of \(updated) replicas are available") : .ready
    }

    private func statefulSet() -> Verdict {
        let strategy = spec[key: "updateStrategy"] ?? .null
        if strategy[key: "type"]?.asString == "OnDelete" { return .ready }
        if case .waiting(let why) = replicas("readyReplicas", "ready") { return .waiting(why) }
        if let partition = strategy[key: "rollingUpdate"]?[key: "partition"]?.asInt, partition > 0 {
            let due = max(0, wanted - partition)
            let updated = count("updatedReplicas")
            return updated < due ? .waiting("\(updated) of \(due) replicas are updated") : .ready
        }
        let isCurrent = status[key: "currentRevision"] == status[key: "updateRevision"]
        return isCurrent || wanted == 0
            ? .ready : .waiting("\(count("updatedReplicas")) of \(wanted) replicas are updated")
    }

    private func daemonSet() -> Verdict {
        let wanted = count("desiredNumberScheduled")
        if spec[key: "updateStrategy"]?[key: "type"]?.asString != "OnDelete", count("updatedNumberScheduled") < wanted {
            return .waiting("\(count("updatedNumberScheduled")) of \(wanted) pods are updated")
        }
        let available = count("numberAvailable")
        return available < wanted ? .waiting("\(available) of \(wanted) pods are available") : .ready
    }

    private func job() -> Verdict {
        if let failed = condition(named: "Failed"), failed[key: "status"]?.asString == "True" {
            return .failed(words(failed))
        }
        if condition(named: "Complete")?[key: "status"]?.asString == "True" { return .ready }
        if spec[key: "suspend"]?.asBool == true { return .ready }
        let wanted = spec[key: "completions"]?.asInt ?? 1
        return .waiting("\(count("succeeded")) of \(wanted) completions")
    }

    private func pod() -> Verdict {
        switch status[key: "phase"]?.asString {
        case "Succeeded": return .ready
        case "Failed":
            let why = [status[key: "reason"], status[key: "message"]].compactMap { $0?.asString }
            return .failed(why.isEmpty ? "the pod has failed" : why.joined(separator: ": "))
        default: break
        }
        if condition(named: "Ready")?[key: "status"]?.asString == "True" { return .ready }
        return .waiting(PodTrouble.describe(object) ?? "its phase is \(status[key: "phase"]?.asString ?? "not set")")
    }

    private func service() -> Verdict {
        guard spec[key: "type"]?.asString == "LoadBalancer" else { return .ready }
        return hasAddress("no load balancer has been given to it yet")
    }

    private func hasAddress(_ why: String) -> Verdict {
        status[key: "loadBalancer"]?[key: "ingress"]?.asList?.isEmpty == false ? .ready : .waiting(why)
    }

    private func claim() -> Verdict {
        status[key: "phase"]?.asString == "Lost" ? .failed("its volume is lost") : phase("Bound")
    }

    private func definition() -> Verdict {
        if let names = condition(named: "NamesAccepted"), names[key: "status"]?.asString == "False" {
            return .failed("its names are taken: \(words(names))")
        }
        return condition("Established")
    }

    /// What most controllers say of their objects.
    private func standard() -> Verdict {
        if let stalled = condition(named: "Stalled"), stalled[key: "status"]?.asString == "True" {
            return .failed(words(stalled))
        }
        if let busy = condition(named: "Reconciling"), busy[key: "status"]?.asString == "True" {
            return .waiting(words(busy))
        }
        return condition(named: "Ready") == nil ? .ready : condition("Ready")
    }
}

/// Says what keeps a pod from running.
enum PodTrouble {
    /// Nil where nothing is told.
    static func describe(_ pod: Value) -> String? {
        let status = pod[key: "status"] ?? .null
        let lists = ["initContainerStatuses", "containerStatuses"].flatMap { status[key: $0]?.asList ?? [] }
        for container in lists {
            let name = container[key: "name"]?.asString ?? ""
            for state in ["waiting", "terminated"] {
                guard let found = container[key: "state"]?[key: state], let reason = found[key: "reason"]?.asString,
                    reason != "ContainerCreating", reason != "PodInitializing", reason != "Completed"
                else { continue }
                let message = found[key: "message"]?.asString.map { ": " + $0 } ?? ""
                return "container \(name): \(reason)\(message)"
            }
        }
        let bad = (status[key: "conditions"]?.asList ?? []).first {
            $0[key: "status"]?.asString == "False" && $0[key: "message"]?.asString?.isEmpty == false
        }
        return bad.map { "\($0[key: "reason"]?.asString ?? ""): \($0[key: "message"]?.asString ?? "")" }
    }
}
