import PlumbModel
import ProviderAPI

extension KubernetesObject: BulkPlanning {
    /// Dry runs side by side; what has not changed asks nothing.
    func plan(all requests: [PlanRequest]) async -> [Result<ResourcePlan, ProviderError>] {
        var plans = [Result<ResourcePlan, ProviderError>](
            repeating: .failure(ProviderError(.cancelled, "The plan was cancelled.")), count: requests.count)
        await withTaskGroup(of: BulkAnswer.self) { group in
            var pending = requests.enumerated().makeIterator()
            for _ in 0..<cluster.settings.parallelism {
                guard let (index, request) = pending.next() else { break }
                group.addTask { await answer(request, index) }
            }
            for await answer in group {
                plans[answer.index] = answer.plan
                guard let (index, request) = pending.next() else { continue }
                group.addTask { await self.answer(request, index) }
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
