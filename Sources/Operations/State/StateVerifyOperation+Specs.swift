internal import Expressions
internal import Planning
internal import PlumbModel
internal import ProviderAPI

/// What only the specs and the providers can tell of a state's rows.
extension StateVerifyOperation {
    func checkAgainstSpecs(
        _ contents: StateContents, refresh: Bool, _ verification: inout StateVerification
    ) async throws(Diagnostics) {
        let session: StackSession
        do throws(Diagnostics) {
            session = try await openSession(requiresVariables: refresh)
        } catch {
            // That the specs are wrong says nothing about the state; to ask providers, they must be right.
            if refresh { throw error }
            verification.problems.append(
                .warning(
                    "Rows were not compared with schemas",
                    "The specs have \(error.errorCount) problems; `plumb validate` shows them."))
            return
        }
        for record in contents.resources { checkSchema(record, session.catalogue, &verification.problems) }
        verification.areSchemasChecked = true
        if refresh {
            do throws(Diagnostics) {
                try await checkLive(session, &verification)
            } catch {
                await session.close()
                throw error
            }
        }
        await session.close()
    }

    private func checkSchema(
        _ record: ResourceRecord, _ catalogue: ProviderCatalogue, _ problems: inout Diagnostics
    ) {
        guard catalogue.hasInstance(record.provider) else {
            problems.append(
                .warning(
                    "Row without a provider",
                    "\(record.address) belongs to the provider instance \"\(record.provider)\", which stack.yaml does not "
                        + "configure: it can be neither read nor destroyed. Configure it again, or forget the row with "
                        + "`plumb state rm '\(record.address)'`.", address: record.address))
            return
        }
        guard let schema = catalogue.schema(of: record.address.type, .managed, in: record.provider) else {
            problems.append(
                .error(
                    "Row of an unknown type",
                    "The provider \(record.provider) has no type \(record.address.type).", address: record.address))
            return
        }
        guard let map = record.values.asMap else {
            problems.append(
                .error(
                    "Row does not fit its schema", "The recorded values of \(record.address) are no object.",
                    address: record.address))
            return
        }
        for entry in map {
            guard let attribute = schema[entry.key] else {
                problems.append(
                    .warning(
                        "Row does not fit its schema",
                        "\(record.address) records the attribute \"\(entry.key)\", which \(record.address.type) does not "
                            + "have. The next apply of it leaves it out.", address: record.address))
                continue
            }
            // What is sealed is a text here, whatever it stands for.
            guard !entry.value.containsSensitive, !entry.value.isNull else { continue }
            do {
                _ = try entry.value.converted(to: attribute.type)
            } catch {
                problems.append(
                    .error(
                        "Row does not fit its schema",
                        "The recorded attribute \"\(entry.key)\" of \(record.address): \(error.message).",
                        address: record.address))
            }
        }
    }

    private func checkLive(
        _ session: StackSession, _ verification: inout StateVerification
    ) async throws(Diagnostics) {
        let options = PlanOptions(mode: .refreshOnly)
        let result = try await PlanOperation(session, holder: asking).run(options) { _ in }
        verification.isRefreshed = true
        verification.problems.append(result.warnings)
        for drifted in result.plan.drift {
            verification.problems.append(
                .warning(
                    drifted.live == nil ? "Recorded resource is gone" : "Recorded resource has changed",
                    drifted.live == nil
                        ? "\(drifted.address) is recorded and does not exist any more. The next apply creates it again."
                        : "\(drifted.address) is not as it is recorded; `plumb plan --refresh-only` shows how.",
                    address: drifted.address))
        }
    }
}
