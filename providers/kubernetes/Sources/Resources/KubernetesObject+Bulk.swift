import PlumbModel
import ProviderAPI

extension KubernetesObject: BulkPlanning {
    /// Dry runs side by side; what has not changed asks nothing.
    func plan(all requests: [PlanRequest]) async -> [Result<ResourcePlan, ProviderError>] {
        await withTaskGroup(of: (Int, Result<ResourcePlan, ProviderError>).self) { group in
            var next = 0
            func start() {
                guard next < requests.count else { return }
                let index = next
                next += 1
                group.addTask {
                    do throws(ProviderError) {
                        return (index, .success(try await plan(requests[index])))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            for _ in 0..<cluster.settings.parallelism { start() }
            var answers: [Int: Result<ResourcePlan, ProviderError>] = [:]
            for await (index, answer) in group {
                start()
                answers[index] = answer
            }
            return requests.indices.map { index in
                answers[index] ?? .failure(ProviderError(.cancelled, "The plan was cancelled."))
            }
        }
    }
}
