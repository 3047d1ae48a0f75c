internal import Logging
public import PlumbModel

extension Controller {
    /// Takes up another configuration. One that is wrong is refused as a whole, and the old one goes on.
    public func reload(_ reading: Result<ControllerConfiguration, Diagnostics>) async {
        switch reading {
        case .failure(let problems):
            logger.error(
                "new configuration is refused, the old one goes on",
                metadata: ["reason": "\(problems.sentence(while: configuration.path))"])
        case .success(let new):
            if let fixed = fixedDifference(new) {
                return logger.error(
                    "new configuration is refused, the old one goes on",
                    metadata: ["reason": "`\(fixed)` can only be changed by starting the controller anew."])
            }
            logger.tell(new.warnings)
            configuration = new
            notifier = Notifier(new, environment: environment, couriers: couriers)
            // With other defaults, each stack is read anew.
            for place in Array(stacks.keys) { stacks[place]?.hash = nil }
            follow(new)
            let known = Set(new.repositories.map(\.repository.name))
            for place in Array(stacks.keys) where !known.contains(place.repository) {
                stackQueue.remove(place)
                guard let entry = stacks[place], !entry.isRunning else { continue }
                await letGo(entry)
            }
            logger.info("configuration is read anew", metadata: ["repositories": "\(known.count)"])
            alarm.ring()
        }
    }

    /// A stack that nobody follows any more stays as it is.
    func letGo(_ entry: StackEntry) async {
        stacks[entry.place] = nil
        stackQueue.remove(entry.place)
        if names[entry.name] == entry.place { names[entry.name] = nil }
        await entry.watch?.end()
    }

    /// What cannot change while records are open and the server listens.
    private func fixedDifference(_ new: ControllerConfiguration) -> String? {
        if new.directory != configuration.directory { return "directory" }
        if new.state?.plainValue != configuration.state?.plainValue { return "state" }
        guard let server = configuration.server, let other = new.server else {
            return (configuration.server == nil) == (new.server == nil) ? nil : "server"
        }
        if server.address != other.address { return "server.listen" }
        return (server.tls == nil) == (other.tls == nil) ? nil : "server.tls"
    }
}
