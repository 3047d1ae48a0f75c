// swift-tools-version: 6.2
import PackageDescription

#if canImport(Glibc)
    import Glibc
#endif

let features: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// `bench/state` measures what the journal costs against a build without one, which must never be used for anything else.
let journal: [SwiftSetting] =
    Context.environment["PLUMB_WITHOUT_JOURNAL"] == nil ? [] : [.define("MEASURED_WITHOUT_JOURNAL")]

/// A library target of ours; `path` says where in the tree it lives.
func ours(_ name: String, _ path: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: features)
}

/// The tests of one target. Golden inputs and outputs stand in `Cases` beside them and are read from the source tree.
func tests(_ name: String, _ path: String, cases: Bool = false, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: path, exclude: cases ? ["Cases"] : [], swiftSettings: features)
}

/// A C library of the system: a module map with its header and its link line.
func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/SystemLibraries/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// How the optimised binary is linked: with little for the loader to read at every start. Names that nobody looks up are left
/// out, and relocations are packed where the C library can read that (glibc 2.36).
let startLinking: [String] = {
    var words = ["-use-ld=lld", "-Xlinker", "--no-export-dynamic"]
    #if canImport(Glibc)
        var text = [CChar](repeating: 0, count: 64)
        confstr(Int32(_CS_GNU_LIBC_VERSION), &text, text.count)
        // "glibc 2.36"
        let version = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        if let minor = version.split(separator: ".").last.flatMap({ Int($0) }), minor >= 36 {
            words += ["-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"]
        }
    #endif
    return words
}()

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "_CryptoExtras", package: "swift-crypto")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio = ["NIOCore", "NIOPosix", "NIOHTTP1"].map { Target.Dependency.product(name: $0, package: "swift-nio") }
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "plumbline",
    products: [
        .executable(name: "plumb", targets: ["plumb"]),
        // A product of its own: nothing else is linked to libvirt.
        .executable(name: "plumb-libvirt-gateway", targets: ["plumb-libvirt-gateway"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // Nothing to install: the allocator's settings, which the platform's own module leaves out.
        .systemLibrary(name: "CMalloc", path: "Sources/SystemLibraries/CMalloc"),
        system("CCrypt", pkgConfig: "libcrypt", apt: "libcrypt-dev"),
        system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        system("CExpat", pkgConfig: "expat", apt: "libexpat1-dev"),
        system("CLibGit2", pkgConfig: "libgit2", apt: "libgit2-dev"),
        system("CLibPQ", pkgConfig: "libpq", apt: "libpq-dev"),
        system("CLibYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
        system("CLibISOFS", pkgConfig: "libisofs-1", apt: "libisofs-dev"),
        system("CLibvirt", pkgConfig: "libvirt", apt: "libvirt-dev"),
        system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),

        // Nouns, then contracts.
        ours("PlumbModel", "Sources/Model"),
        ours("ProviderAPI", "Sources/Interfaces/ProviderAPI", ["PlumbModel"]),
        ours("ProviderTesting", "Sources/Interfaces/ProviderTesting", ["PlumbModel", "ProviderAPI"]),
        ours("StateBackendAPI", "Sources/Interfaces/StateBackendAPI", ["PlumbModel"]),
        ours("StateKeeping", "Sources/Interfaces/StateKeeping", ["PlumbModel", "StateBackendAPI"]),
        ours("StateBackendTesting", "Sources/Interfaces/StateBackendTesting", ["PlumbModel", "StateBackendAPI"]),

        // The pipeline, in the order in which data flows.
        ours("YAMLEvents", "Sources/Pipeline/YAMLEvents", ["CLibYAML"]),
        ours("Loading", "Sources/Pipeline/Loading", ["PlumbModel", "YAMLEvents", "CLibYAML"]),
        ours(
            "Expressions", "Sources/Pipeline/Expressions",
            ["PlumbModel", "YAMLEvents", "CLibYAML", "CCrypt", "CZlib", crypto, cryptoExtras]),
        ours("Formatting", "Sources/Pipeline/Formatting", ["PlumbModel", "CLibYAML", "Expressions"]),
        ours("Resolving", "Sources/Pipeline/Resolving", ["PlumbModel", "ProviderAPI", "Expressions"]),
        ours("Planning", "Sources/Pipeline/Planning", ["PlumbModel", "ProviderAPI", "Expressions"]),
        .target(
            name: "Applying", dependencies: ["PlumbModel", "ProviderAPI", "StateBackendAPI", "Expressions"],
            path: "Sources/Pipeline/Applying", swiftSettings: features + journal),

        ours("Age", "Sources/Secrets/Age", [crypto, cryptoExtras]),
        ours("SOPS", "Sources/Secrets/SOPS", ["PlumbModel", "Expressions", "Age", crypto]),
        ours("HTTPTransport", "Sources/HTTPTransport", ["PlumbModel", "CCurl", deque]),
        ours("MailTransport", "Sources/MailTransport", ["CCurl"]),
        ours("XMLEvents", "Sources/XMLEvents", ["CExpat"]),
        // What every server of ours has in common.
        ours("HTTPServing", "Sources/HTTPServing", [hummingbirdCore, httpTypes, logging, nioSSL] + nio),
        ours("Repositories", "Sources/GitOps/Repositories", ["PlumbModel", "CLibGit2", crypto]),
        ours("Reporting", "Sources/Reporting", ["PlumbModel"]),
        ours(
            "Operations", "Sources/Operations",
            [
                "PlumbModel", "ProviderAPI", "StateBackendAPI", "Loading", "Expressions", "Formatting", "Resolving",
                "Planning", "Applying", "Repositories", "Age", "SOPS", crypto,
            ]),

        ours(
            "Forges", "Sources/GitOps/Forges", ["PlumbModel", "HTTPTransport", crypto, cryptoExtras]),
        ours(
            "PullRequests", "Sources/GitOps/PullRequests",
            [
                "PlumbModel", "Loading", "Planning", "Applying", "Operations", "Repositories", "Reporting", "Forges",
                crypto,
            ]),
        ours(
            "Reconciling", "Sources/GitOps/Reconciling",
            [
                "PlumbModel", "ProviderAPI", "StateBackendAPI", "Loading", "Planning", "Applying", "Operations",
                "Repositories", "Reporting", "HTTPTransport", "MailTransport", "Forges", "PullRequests",
                crypto, heap, logging,
            ]),
        .target(
            name: "Serving",
            dependencies: [
                "PlumbModel", "StateBackendAPI", "StateKeeping", "Reconciling", "Forges", "HTTPServing", crypto,
                hummingbird, hummingbirdCore, httpTypes, logging, nioSSL, lifecycle,
            ] + nio,
            path: "Sources/GitOps/Serving", resources: [.embedInCode("openapi.json"), .embedInCode("page.html")],
            swiftSettings: features),

        // Providers and state backends: each a folder, a line here, and a line in plumb/main.swift.
        ours(
            "BuiltinProvider", "providers/builtin/Sources",
            ["PlumbModel", "ProviderAPI", crypto, cryptoExtras, x509, asn1, subprocess, systemPackage]),
        .target(
            name: "HTTPProvider",
            dependencies: [
                "PlumbModel", "ProviderAPI", "HTTPTransport", "YAMLEvents", "XMLEvents", "Loading", "Expressions",
                crypto,
            ],
            path: "providers/http", exclude: ["README.md", "Tests"], sources: ["Sources"],
            // The catalogue of API files is part of the binary.
            resources: [.embedInCode("apis")], swiftSettings: features),
        ours(
            "KubernetesProvider", "providers/kubernetes/Sources",
            ["PlumbModel", "ProviderAPI", "HTTPTransport", "Loading", crypto, subprocess, systemPackage]),
        ours(
            "LibvirtProvider", "providers/libvirt/Sources", ["PlumbModel", "ProviderAPI", "HTTPTransport", crypto]),
        ours(
            "SQLiteBackend", "state-backends/sqlite/Sources", ["PlumbModel", "StateBackendAPI", "StateKeeping", grdb]),
        ours(
            "PostgreSQLBackend", "state-backends/postgresql/Sources",
            ["PlumbModel", "StateBackendAPI", "StateKeeping", "CLibPQ"]),

        ours(
            "Commands", "Sources/CommandLine/Commands",
            [
                "PlumbModel", "StateBackendAPI", "Planning", "Applying", "Operations", "Repositories", "Reporting",
                "Forges", "HTTPTransport", "PullRequests", "Reconciling", "Serving",
                argumentParser, logging,
            ]),
        .executableTarget(
            name: "plumb",
            dependencies: [
                "PlumbModel", "StateBackendAPI", "Operations", "Commands", "BuiltinProvider", "HTTPProvider",
                "KubernetesProvider", "LibvirtProvider", "SQLiteBackend", "PostgreSQLBackend", "CMalloc",
            ],
            path: "Sources/CommandLine/plumb", swiftSettings: features,
            linkerSettings: [.unsafeFlags(startLinking, .when(platforms: [.linux], configuration: .release))]),

        .executableTarget(
            name: "plumb-libvirt-gateway",
            dependencies: [
                "CLibISOFS", "CLibvirt", "HTTPServing", "XMLEvents", argumentParser, crypto, hummingbird,
                hummingbirdCore,
                httpTypes, logging, nioSSL, lifecycle, unixSignals,
            ] + nio,
            path: "providers/libvirt/gateway/Sources", resources: [.embedInCode("openapi.json")],
            swiftSettings: features),

        // Measures the HTTP client: bench/http/run.
        .executableTarget(
            name: "http-bench", dependencies: ["HTTPTransport"], path: "bench/http", exclude: ["run"],
            swiftSettings: features),

        tests("ModelTests", "Tests/Model", ["PlumbModel"]),
        tests(
            "LoadingTests", "Tests/Loading", cases: true,
            ["PlumbModel", "Loading", "Reporting", "Repositories", "StackFixtures"]),
        tests(
            "FormattingTests", "Tests/Formatting", cases: true,
            ["PlumbModel", "Loading", "Expressions", "Formatting", "Operations"]),
        tests(
            "ExpressionsTests", "Tests/Expressions", cases: true,
            ["PlumbModel", "Expressions", "Loading", "Reporting", "CCrypt", "CZlib", crypto, cryptoExtras]),
        ours(
            "StackFixtures", "Tests/Fixtures",
            [
                "PlumbModel", "StateBackendAPI", "Planning", "Applying", "Operations", "Reporting", "BuiltinProvider",
                "SQLiteBackend",
            ]),
        tests(
            "ResolvingTests", "Tests/Resolving", cases: true,
            ["PlumbModel", "Operations", "Reporting", "StackFixtures"]),
        tests(
            "PlanningTests", "Tests/Planning", cases: true,
            ["PlumbModel", "StateBackendAPI", "Planning", "Reporting", "StackFixtures"]),
        tests(
            "ApplyingTests", "Tests/Applying",
            ["PlumbModel", "StateBackendAPI", "Planning", "Applying", "StackFixtures"]),
        tests(
            "OperationsTests", "Tests/Operations", cases: true,
            [
                "PlumbModel", "StateBackendAPI", "Loading", "Planning", "Applying", "Operations", "Repositories",
                "Reporting",
                "StackFixtures", "GitFixtures",
            ]),
        tests(
            "StrangersTests", "Tests/Strangers",
            [
                "PlumbModel", "ProviderAPI", "StateBackendAPI", "Planning", "Applying", "Operations", "Repositories",
                "Reporting", "BuiltinProvider", "HTTPProvider", "KubernetesProvider", "LibvirtProvider",
                "SQLiteBackend",
                "PostgreSQLBackend", "StackFixtures", "GitFixtures",
            ]),
        tests(
            "ReportingTests", "Tests/Reporting", cases: true,
            ["PlumbModel", "Reporting", "StackFixtures", "ThrowawayServers"]),
        tests("AgeTests", "Tests/Age", ["Age", "CZlib", crypto]),
        tests("SOPSTests", "Tests/SOPS", cases: true, ["PlumbModel", "Loading", "Age", "SOPS"]),
        tests("ProviderAPITests", "Tests/ProviderAPI", ["PlumbModel", "ProviderAPI"]),
        tests("ProviderTestingTests", "Tests/ProviderTesting", ["PlumbModel", "ProviderAPI", "ProviderTesting"]),
        tests("HTTPTransportTests", "Tests/HTTPTransport", ["PlumbModel", "HTTPTransport", "ThrowawayServers"]),
        tests("XMLEventsTests", "Tests/XMLEvents", ["XMLEvents"]),
        tests("MailTransportTests", "Tests/MailTransport", ["MailTransport", "ThrowawayServers"]),
        tests(
            "ServingTests", "Tests/Serving",
            [
                "PlumbModel", "StateBackendAPI", "Reconciling", "Serving", "HTTPServing", "SQLiteBackend",
                "HTTPTransport", "LibvirtFixtures",
                crypto, httpTypes, logging,
            ] + nio),
        ours("GitFixtures", "Tests/GitFixtures", ["ThrowawayServers"]),
        ours("WatchFixtures", "Tests/WatchFixtures", ["PlumbModel", "ProviderAPI"]),
        ours("LibvirtFixtures", "Tests/LibvirtFixtures"),
        ours("ThrowawayServers", "Tests/ThrowawayServers"),
        tests(
            "ForgesTests", "Tests/Forges",
            ["PlumbModel", "HTTPTransport", "Forges", "ThrowawayServers", crypto, cryptoExtras]),
        tests(
            "PullRequestsTests", "Tests/PullRequests",
            ["PlumbModel", "Operations", "Repositories", "Forges", "PullRequests", "GitFixtures"]),
        tests("RepositoriesTests", "Tests/Repositories", ["PlumbModel", "Repositories", "GitFixtures"]),
        tests(
            "ReconcilingTests", "Tests/Reconciling",
            [
                "PlumbModel", "StateBackendAPI", "Loading", "PullRequests", "Reconciling", "Forges", "HTTPTransport",
                "ThrowawayServers",
            ]),
        tests(
            "BuiltinProviderTests", "providers/builtin/Tests",
            [
                "PlumbModel", "ProviderAPI", "ProviderTesting", "BuiltinProvider", crypto, subprocess, systemPackage,
            ]),
        tests(
            "HTTPProviderTests", "providers/http/Tests", cases: true,
            [
                "PlumbModel", "ProviderAPI", "ProviderTesting", "HTTPProvider", "HTTPTransport", "Loading",
                "Expressions", "StackFixtures", "ThrowawayServers",
            ]),
        ours("KubernetesFixtures", "Tests/KubernetesFixtures", ["PlumbModel", "HTTPTransport", "ThrowawayServers"]),
        tests(
            "KubernetesProviderTests", "providers/kubernetes/Tests",
            [
                "PlumbModel", "ProviderAPI", "ProviderTesting", "KubernetesProvider", "KubernetesFixtures",
                "HTTPTransport", "Loading", "ThrowawayServers", "WatchFixtures",
            ]),
        tests(
            "LibvirtProviderTests", "providers/libvirt/Tests",
            [
                "PlumbModel", "ProviderAPI", "ProviderTesting", "LibvirtProvider", "LibvirtFixtures",
                "plumb-libvirt-gateway",
                "HTTPTransport", "Loading", "WatchFixtures",
            ]),
        tests(
            "LibvirtGatewayTests", "providers/libvirt/gateway/Tests",
            ["PlumbModel", "HTTPTransport", "plumb-libvirt-gateway", "LibvirtFixtures"]),
        tests(
            "SQLiteBackendTests", "state-backends/sqlite/Tests",
            ["PlumbModel", "StateBackendAPI", "StateBackendTesting", "StateKeeping", "SQLiteBackend", grdb]),
        ours("PostgreSQLFixtures", "Tests/PostgreSQLFixtures"),
        tests(
            "PostgreSQLBackendTests", "state-backends/postgresql/Tests",
            [
                "PlumbModel", "StateBackendAPI", "StateBackendTesting", "StateKeeping", "PostgreSQLBackend",
                "PostgreSQLFixtures",
            ]),
        tests(
            "EndToEndTests", "Tests/EndToEnd", cases: true,
            [
                "PlumbModel", "plumb", "GitFixtures", "KubernetesFixtures", "LibvirtFixtures", "PostgreSQLFixtures",
                "StackFixtures",
                "ThrowawayServers",
                crypto, subprocess,
            ]),
    ],
    swiftLanguageModes: [.v6]
)
