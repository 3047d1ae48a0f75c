import PlumbModel

/// Says in words why a change is planned.
enum ReasonText {
    static func phrase(_ change: PlannedChange) -> String {
        let phrase = phrase(change.reason, change) + (change.retainsOld ? "; the old one stays as it is (retain)" : "")
        guard change.isProtected else { return phrase }
        switch change.action {
        case .delete, .replace: return phrase + " (protected by prevent_destroy)"
        case .create, .update, .read, .forget, .wait: return phrase
        }
    }

    private static func phrase(_ reason: PlannedChange.Reason, _ change: PlannedChange) -> String {
        switch reason {
        case .declared: "new"
        case .goneOutside: "deleted outside of Plumbline, so it is created again"
        case .changed: "changed in the specs"
        case .drifted: "changed outside of Plumbline, so it is set back to what the specs say"
        case .changedAndDrifted: "changed in the specs and outside of Plumbline"
        case .cannotUpdate: cannotUpdate(change.replacePaths)
        case .refusedUpdate(let words): "\(cannotUpdate(change.replacePaths)): \(VisibleText.escape(words))"
        case .tainted: "its creation failed half-way in an earlier run"
        case .requested: "its replacement was asked for (--replace)"
        case .triggered(let triggers): "replaced along with \(Wording.list(triggers, atMost: 3)) (replace_triggered_by)"
        case .notDeclared: change.action == .forget ? "no longer declared; it stays as it is" : "no longer declared"
        case .removed: change.action == .forget ? "removed from the specs; it stays as it is" : "removed from the specs"
        case .imported: "imported, and differs from what the specs say"
        case .notReady: "it was not ready when the last run stopped waiting for it"
        case .keyGone: keyGone(change.address)
        case .wrongRepetition: wrongRepetition(change.address.key)
        case .disabled: "disabled in the specs (enabled is false)"
        case .destroying: "its destruction was asked for"
        case .deposed: deposed(change.deposedKey)
        case .readLater: "read during the apply, because it depends on what is not known yet"
        case .readAfterChanges: "read during the apply, because something that it depends on changes first"
        }
    }

    private static func cannotUpdate(_ paths: [AttributePath]) -> String {
        guard !paths.isEmpty else { return "it cannot be changed in place" }
        return "\(Wording.list(paths.map(\.description), atMost: 3)) cannot be changed in place"
    }

    private static func keyGone(_ address: ResourceAddress) -> String {
        switch address.key {
        // Nobody has written a `for_each`: the files that it came from do not have it any more.
        case .name where address.type == "kubernetes_manifest": "no manifest declares it any more"
        case .index(let index): "count no longer reaches \(index)"
        case .name(let name): "for_each no longer has \(VisibleText.quote(name))"
        case nil: "the declaration gives no instance"
        }
    }

    private static func wrongRepetition(_ key: InstanceKey?) -> String {
        switch key {
        case .index: "the declaration has no count any more"
        case .name: "the declaration has no for_each any more"
        case nil: "the declaration now has for_each or count"
        }
    }

    private static func deposed(_ key: String?) -> String {
        "the old one of a replacement that did not finish" + (key.map { " (deposed \($0))" } ?? "")
    }
}
