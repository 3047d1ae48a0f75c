import PlumbModel
import ProviderAPI

extension KubernetesObject: BulkPlanning {
    /// Dry runs side by side; what has not changed asks nothing. Where all of the first ones fail alike, the cluster is not to
    /// be had, and the others are not tried.
    func plan(all requests: [PlanRequest]) async -> [Result<ResourcePlan, ProviderError>] {
        var plans = [Result<ResourcePlan, ProviderError>](
            repeating: .failure(ProviderError(.cancelled, "The plan was cancelled.")), count: requests.count)
        await withTaskGroup(of: BulkAnswer.self) { group in
            var pending = requests.enumerated().makeIterator()
            var failures = CommonFailure()
            for _ in 0..<cluster.settings.parallelism {
                guard let (index, request) = pending.next() else { break }
                group.addTask { await answer(request, index) }
            }
            for await answer in group {
                plans[answer.index] = answer.plan
                failures.note(answer.plan)
                guard let (index, request) = pending.next() else { continue }
                if let error = failures.error {
                    plans[index] = .failure(error)
                    while let (index, _) = pending.next() { plans[index] = .failure(error) }
                } else {
                    group.addTask { await self.answer(request, index) }
                }
            }
        }
        return plans
    }

    private func answer(_ request: PlanRequest, _ index: Int) async -> BulkAnswer {
        do throws(ProviderError) {
            return BulkAnswer(index: index, plan: .success(try await plan(request)))
        } catch {
            return BulkAnswer(index: index, plan: .failure(error))
        }
    }
}

/// What one of many requests for a plan has come to.
private struct BulkAnswer: Sendable {
    let index: Int
    let plan: Result<ResourcePlan, ProviderError>
}

/// Tells when everything so far has failed for one reason that has nothing to do with what was asked.
struct CommonFailure {
    private static let enough = 8
    private var first: ProviderError?
    private var count = 0
    private var isRefuted = false

    mutating func note(_ plan: Result<ResourcePlan, ProviderError>) {
        guard case .failure(let failure) = plan, failure.code == .unavailable,
            first == nil || first?.message == failure.message
        else { return isRefuted = true }
        first = first ?? failure
        count += 1
    }

    /// Nil as long as there is hope.
    var error: ProviderError? { isRefuted || count < Self.enough ? nil : first }
}
