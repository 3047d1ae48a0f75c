import Applying
import Foundation
import GitFixtures
import Operations
import Planning
import PlumbModel
import StackFixtures
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// What strangers cannot reach: servers, programs, the state of others, policies.
struct StrangerReachTests {
    /// Providers and state at a server of the stranger's; `PORT` is where it listens.
    static let reaches: [(file: String, text: String)] = [
        (
            "stack.yaml",
            "stack: web\nproviders: {http: {api: powerdns, base_url: 'http://127.0.0.1:PORT', auth: {header: {name: X, value: '${env.TOKEN}'}}}}\n"
        ),
        ("stack.yaml", "stack: web\nproviders: {http: {api: ./api.yaml}}\n"),
        ("stack.yaml", "stack: web\nproviders: {kubernetes: {host: 'http://127.0.0.1:PORT', token: '${env.TOKEN}'}}\n"),
        ("stack.yaml", "stack: web\nproviders: {kubernetes: {kubeconfig: kubeconfig}}\n"),
        ("stack.yaml", "stack: web\nproviders: {kubernetes: {kubeconfig: /etc/passwd}}\n"),
        ("stack.yaml", "stack: web\nproviders: {libvirt: {url: 'https://127.0.0.1:PORT', token: '${env.TOKEN}'}}\n"),
        ("stack.yaml", "stack: web\nproviders: {builtin: {allow_commands: true}}\n"),
        ("stack.yaml", "stack: web\nstate: {postgres: {url: 'postgresql://x:${env.TOKEN}@127.0.0.1:PORT/x'}}\n"),
        ("stack.yaml", "stack: web\nstate: {sqlite: {path: /tmp/plumb-of-a-stranger.db}}\n"),
        ("more.yaml", "modules: {m: {source: 'git::http://127.0.0.1:PORT/canary.git?ref=main'}}\n"),
        ("more.yaml", "modules: {m: {source: 'git::file:///tmp/canary.git?ref=main'}}\n"),
        ("more.yaml", "manifests: {helm.evil: {chart: ./chart}}\n"),
        ("more.yaml", "manifests: {kustomize.evil: {path: ./overlay}}\n"),
        ("more.yaml", "import: [{to: local_file.b, id: /etc/passwd}]\n"),
        (
            "more.yaml",
            "import: [{to: local_file.c, id: /etc/passwd}]\nresources: {local_file.c: {spec: {filename: c}}}\n"
        ),
    ]

    private static let extra: [String: String?] = [
        "api.yaml": "api: evil\nbase_url: 'http://127.0.0.1:PORT'\ntypes: {}\n",
        "kubeconfig": """
        apiVersion: v1
        kind: Config
        current-context: evil
        contexts: [{name: evil, context: {cluster: evil, user: evil}}]
        clusters: [{name: evil, cluster: {server: 'http://127.0.0.1:PORT'}}]
        users: [{name: evil, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, args: [-c, 'touch RAN']}}}]
        """,
        "using.yaml": """
        resources:
          kubernetes_object.o: {spec: {manifest: {apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: y}}}}
          command.c: {spec: {create: [touch, RAN]}}
        """,
        "plumb.lock.yaml": "modules: {}\n",
        "chart/Chart.yaml": "apiVersion: v2\nname: evil\nversion: 1.0.0\n",
        "chart/templates/x.yaml": "x: '{{ env \"TOKEN\" }}'\n",
        "overlay/kustomization.yaml": "resources: [http://127.0.0.1:PORT/x.yaml]\n",
    ]

    @Test(arguments: reaches.indices)
    func nobodyIsAskedAndNothingRuns(_ index: Int) async throws {
        let listener = try Listener()
        let repository = try await StrangersRepository()
        let ran = repository.home.path + "/ran"
        func filled(_ text: String) -> String {
            text.replacing("PORT", with: "\(listener.port)").replacing("RAN", with: ran)
        }
        var files = Self.extra.mapValues { $0.map(filled) }
        files[Self.reaches[index].file] = filled(Self.reaches[index].text)
        let commit = try repository.push(files)
        let seen = try await repository.look(at: commit)
        #expect(seen.plan != nil || !seen.errors.isEmpty)
        #expect(!seen.everything.contains("canary-"), "\(seen.everything)")
        #expect(!seen.everything.contains("root:"), "\(seen.everything)")
        #expect(!listener.wasCalled)
        #expect(!FileManager.default.fileExists(atPath: ran))
        #expect(!FileManager.default.fileExists(atPath: "/tmp/plumb-of-a-stranger.db"))
    }

    @Test func theListenerNoticesWhoCalls() async throws {
        let listener = try Listener()
        let repository = try await StrangersRepository()
        let commit = try repository.push([
            "stack.yaml": "stack: web\nstate: {postgres: {url: 'postgresql://x:y@127.0.0.1:\(listener.port)/x'}}\n"
        ])
        Task.detached { _ = try? await repository.look(at: commit, trust: .full) }
        let end = ContinuousClock.now + .seconds(20)
        var wasCalled = false
        while ContinuousClock.now < end, !wasCalled {
            try await Task.sleep(for: .milliseconds(50))
            wasCalled = listener.wasCalled
        }
        #expect(wasCalled)
    }

    /// The state of another stack of the same place is not read under its name.
    @Test func anotherStacksNameIsRefused() async throws {
        let repository = try await StrangersRepository(more: [
            "stacks/other/stack.yaml": "stack: other\nstate: {sqlite: {path: ../web/.plumb/state.db}}\n",
            "stacks/other/main.yaml": "resources: {local_file.o: {spec: {filename: o, content: canary-other}}}\n",
        ])
        try await repository.apply("other")
        let commit = try repository.push(["stack.yaml": "stack: other\n"])
        let seen = try await repository.look(at: commit)
        #expect(seen.plan == nil)
        #expect(seen.errors.contains { $0.hasPrefix("Stack has another name") }, "\(seen.errors)")
        #expect(!seen.everything.contains("canary"))
        // A stack that nobody vouches for has no state at all, whatever it names.
        let new = try repository.push(
            [
                "stack.yaml": "stack: other\nstate: {sqlite: {path: ../web/.plumb/state.db}}\n",
                "main.yaml": "variables: {region: {type: string}}\n",
            ],
            in: "new")
        let fresh = try await repository.look(at: new, in: "new", isVouched: false)
        #expect(!fresh.problems.all.contains { $0.summary == "State is not followed" })
        #expect(fresh.summary.isEmpty && fresh.plan != nil, "\(fresh.errors) \(fresh.summary)")
        #expect(!fresh.everything.contains("canary"))
    }

    /// Where the state is said to be elsewhere, the plan is still against the vouched one.
    @Test func theVouchedStateIsUsed() async throws {
        let repository = try await StrangersRepository()
        let commit = try repository.push(["stack.yaml": "stack: web\nstate: {sqlite: {path: elsewhere.db}}\n"])
        let seen = try await repository.look(at: commit)
        #expect(seen.problems.all.contains { $0.summary == "State is not followed" })
        #expect(!seen.summary.contains { $0.hasPrefix("create") }, "\(seen.summary)")
    }

    @Test func thePoliciesAreThoseOfTheBase() async throws {
        let policies = """
            stack: web
            policies:
              none: {deny: "${length(plan.resource_changes) > 0}", message: No changes.}
              program: {deny: {command: [sh, -c, 'touch RAN; exit 0']}}
            """
        let place = FileManager.default.temporaryDirectory.appending(path: "plumb-ran-\(UUID().uuidString)").path
        let repository = try await StrangersRepository(stack: policies.replacing("RAN", with: place))
        for own in [
            "stack: web\n", "stack: web\npolicies: {none: {warn: '${false}'}}\n",
            "stack: web\npolicy_files: [../../../../../../etc/passwd]\n",
            "stack: web\npolicies: {x: {deny: {command: [touch, RAN]}}}\n",
        ] {
            let commit = try repository.push([
                "stack.yaml": own.replacing("RAN", with: place),
                "more.yaml": "resources: {local_file.new: {spec: {filename: new, content: x}}}\n",
            ])
            let seen = try await repository.look(at: commit)
            guard !own.contains("policy_files") else {
                #expect(!seen.errors.isEmpty)
                #expect(!seen.everything.contains("root:"))
                continue
            }
            let results = seen.plan?.policies ?? []
            #expect(results.first { $0.name == "none" }?.refuses == true, "\(results)")
            #expect(results.first { $0.name == "program" }?.status == .error, "\(results)")
            #expect(!FileManager.default.fileExists(atPath: place))
        }
    }

    /// What describes an API is the vouched revision's, so that a stranger's is not even read.
    @Test func apiFilesAreThoseOfTheBase() async throws {
        func api(_ key: String) -> String {
            """
            api: shop
            base_url: http://127.0.0.1:1
            types:
              shop_thing:
                summary: A thing.
                key: [\(key)]
                schema: {\(key): {type: string, required: true, summary: Its name.}}
                read: {get: "/things/${self.\(key)}"}
                create: {post: /things}
                delete: {delete: "/things/${self.\(key)}"}
            """
        }
        let repository = try await StrangersRepository(
            stack: "stack: web\nproviders: {http: {api: ./api.yaml}}\n", more: ["stacks/web/api.yaml": api("name")])
        let specs = "resources: {shop_thing.t: {spec: {name: x}}}\n"
        let known = try await repository.look(
            at: try repository.push(["api.yaml": api("other"), "more.yaml": specs]))
        #expect(known.summary.contains("create shop_thing.t"), "\(known.errors)")
        let told = known.problems.all.filter { $0.summary == "Changes of API files are not followed" }
        #expect(told.count == 1 && told[0].detail.hasPrefix("api.yaml is other than"), "\(told)")
        let same = try await repository.look(at: try repository.push(["more.yaml": specs]))
        #expect(same.plan != nil && !same.problems.all.contains { $0.summary.hasPrefix("Changes of API") })
        let new = try await repository.look(
            at: try repository.push([
                "stack.yaml": "stack: web\nproviders: {http: {api: ./new.yaml}}\n", "new.yaml": api("name"),
                "more.yaml": specs,
            ]))
        #expect(new.errors.contains { $0.hasPrefix("Missing API file") }, "\(new.errors)")
    }

    /// A stranger's session can be looked at, and nothing else.
    @Test func aStrangersPlanIsNotKeptAndNotApplied() async throws {
        let repository = try await StrangersRepository()
        let commit = try repository.push(["main.yaml": "resources: {}\n"])
        let session = try await repository.session(at: commit)
        let operation = PlanOperation(session)
        let result = try await operation.run(PlanOptions()) { _ in }
        #expect(!result.plan.changes.isEmpty)
        let place = repository.home.path + "/kept.plan"
        let refusals = try await problems { try await operation.save(result.plan, to: place) }
        #expect(refusals.lines.contains { $0.hasPrefix("Plan of a stranger is not kept") })
        #expect(!FileManager.default.fileExists(atPath: place))
        let applied = try await problems {
            _ = try await ApplyOperation(session, holder: StackFixture.holder).run(
                result.plan, parallelism: 1, control: .init()
            ) { _ in }
        }
        #expect(applied.lines.contains { $0.contains("Nobody vouches") }, "\(applied.lines)")
        await session.close()
    }

    /// Only a commit is read: a directory may hold links.
    @Test func aDirectoryIsNotRead() async throws {
        let stack = try StackFixture("resources: {}\n")
        let refusals = try await problems {
            _ = try await StackSession.open(
                StackLocation(directory: stack.folder), capabilities: StackFixture.capabilities, environment: [:],
                trust: .stranger)
        }
        #expect(refusals.lines.contains { $0.hasPrefix("Not a commit") })
    }
}

/// Listens on a port of its own, and notices whether anybody calls.
private final class Listener: Sendable {
    private let descriptor: Int32
    let port: UInt16

    struct Failed: Error {}

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let place = descriptor
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(place, pointer, size) == 0 && listen(place, 16) == 0 && getsockname(place, pointer, &size) == 0
            }
        }
        guard descriptor >= 0, code else { throw Failed() }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        port = UInt16(bigEndian: address.sin_port)
    }

    /// Whoever calls is dropped at once.
    var wasCalled: Bool {
        let caller = accept(descriptor, nil, nil)
        guard caller >= 0 else { return false }
        close(caller)
        return true
    }

    deinit { close(descriptor) }
}
