import FoundationEssentials
import PlumbModel
import ProviderAPI
import ProviderTesting
import Testing

@testable import BuiltinProvider

/// Every type whose call can be repeated passes the conformance suite.
@Suite(.timeLimit(.minutes(10))) struct BuiltinConformanceTests {
    private static let playground: Result<Playground, any Error> = Result { try Playground() }

    private static func suite(
        _ type: String, _ declared: @escaping ProviderConformance.Declaration,
        inPlace: ProviderConformance.Declaration? = nil, replacement: ProviderConformance.Declaration? = nil,
        importID: (@Sendable (ResourceState) -> String)? = nil, unimportable: Set<String> = []
    ) -> ProviderConformance {
        ProviderConformance(
            type: type, instance: { try playground.get().instance }, declared: declared, inPlace: inPlace,
            replacement: replacement, importID: importID, unimportable: unimportable)
    }

    private static let dataValueSuite: ProviderConformance = suite(
        "data_value", { ["input": ["a": 1, "b": [.string($0)]]] }, inPlace: { _ in ["input": "other"] },
        replacement: { ["input": "x", "triggers_replace": .string($0)] },
        importID: { $0.values.attribute("id").asString ?? "" }, unimportable: ["input", "output"])

    @Test(arguments: dataValueSuite.checks) func dataValue(_ check: ConformanceCheck) async throws {
        try await BuiltinConformanceTests.dataValueSuite.run(check)
    }

    private static let localFileSuite: ProviderConformance = ProviderConformance(
        type: "local_file", instance: { try playground.get().instance },
        declared: { ["filename": .string("deep/\($0).txt"), "content": "hello\n"] },
        inPlace: { ["filename": .string("deep/\($0).txt"), "content": "other\n", "file_mode": "640"] },
        replacement: { ["filename": .string("moved/\($0).txt"), "content": "hello\n"] },
        drifts: [
            Drift("somebody edits the file") { state in
                try playground.get().write("edited", to: state.values.attribute("filename").asString ?? "")
            },
            Drift("somebody changes the mode") { state in
                try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path(state))
            },
            Drift("somebody deletes the file") { try FileManager.default.removeItem(atPath: path($0)) },
            Drift("somebody puts a link in its place") { state in
                try FileManager.default.removeItem(atPath: path(state))
                try FileManager.default.createSymbolicLink(atPath: path(state), withDestinationPath: "/etc/hostname")
            },
        ],
        exists: { FileManager.default.fileExists(atPath: try path($0)) },
        importID: { $0.values.attribute("filename").asString ?? "" })

    private static func path(_ state: ResourceState) throws -> String {
        try playground.get().path(state.values.attribute("filename").asString ?? "")
    }

    @Test(arguments: localFileSuite.checks) func localFile(_ check: ConformanceCheck) async throws {
        try await BuiltinConformanceTests.localFileSuite.run(check)
    }

    private static let result: @Sendable (ResourceState) -> String = { $0.values.attribute("result").asString ?? "" }

    private static let passwordSuite: ProviderConformance = suite(
        "random_password", { _ in ["length": 20] }, replacement: { _ in ["length": 21, "min_upper": 3] },
        importID: result)

    @Test(arguments: passwordSuite.checks) func randomPassword(_ check: ConformanceCheck) async throws {
        try await BuiltinConformanceTests.passwordSuite.run(check)
    }

    private static let identifierSuite: ProviderConformance = suite(
        "random_id", { _ in ["byte_length": 8, "prefix": "p-"] },
        replacement: { _ in ["byte_length": 8, "keepers": .map(["a": "b"])] },
        importID: { "p-," + ($0.values.attribute("id").asString ?? "") })

    @Test(arguments: identifierSuite.checks) func randomID(_ check: ConformanceCheck) async throws {
        try await BuiltinConformanceTests.identifierSuite.run(check)
    }

    private static let uuidSuite: ProviderConformance = suite(
        "random_uuid", { _ in [:] }, replacement: { _ in ["keepers": .map(["a": "b"])] }, importID: result)

    @Test(arguments: uuidSuite.checks) func randomUUID(_ check: ConformanceCheck) async throws {
        try await BuiltinConformanceTests.uuidSuite.run(check)
    }

    private static let integerSuite: ProviderConformance = suite(
        "random_integer", { _ in ["min": -5, "max": 5] }, replacement: { _ in ["min": -5, "max": 6] },
        importID: { "\($0.values.attribute("result").json),-5,5" })

    @Test(arguments: integerSuite.checks) func randomInteger(_ check: ConformanceCheck) async throws {
        try await BuiltinConformanceTests.integerSuite.run(check)
    }

    private static let petSuite: ProviderConformance = suite(
        "random_pet", { _ in [:] }, replacement: { _ in ["length": 3] })

    @Test(arguments: petSuite.checks) func randomPet(_ check: ConformanceCheck) async throws {
        try await BuiltinConformanceTests.petSuite.run(check)
    }

    private static let keySuite: ProviderConformance = suite(
        "tls_private_key", { _ in ["algorithm": "ECDSA"] }, replacement: { _ in ["algorithm": "ED25519"] },
        importID: { $0.values.attribute("private_key_pem").asString ?? "" },
        unimportable: ["private_key_openssh"])

    @Test(arguments: keySuite.checks) func tlsPrivateKey(_ check: ConformanceCheck) async throws {
        try await BuiltinConformanceTests.keySuite.run(check)
    }

    private static let keyPEM = P256Sample.pem

    private static func certificate(_ extra: ValueMap) -> Value {
        .object(
            ValueMap([
                ("private_key_pem", .string(keyPEM)), ("validity_period_hours", 24),
                ("allowed_uses", .list(["server_auth"])), ("subject", ["common_name": "a.example"] as Value),
            ]).merging(extra))
    }

    private static let certificateSuite: ProviderConformance = suite(
        "tls_self_signed_cert", { _ in certificate([:]) }, inPlace: { _ in certificate(["early_renewal_hours": 1]) },
        replacement: { _ in certificate(["dns_names": .list(["b.example"])]) })

    @Test(arguments: certificateSuite.checks) func tlsSelfSignedCert(_ check: ConformanceCheck) async throws {
        try await BuiltinConformanceTests.certificateSuite.run(check)
    }

    private static let sleepSuite: ProviderConformance = suite(
        "time_sleep", { _ in ["create_duration": "2ms"] }, inPlace: { _ in ["create_duration": "1m"] },
        replacement: { _ in ["triggers": .map(["a": "b"])] })

    @Test(arguments: sleepSuite.checks) func timeSleep(_ check: ConformanceCheck) async throws {
        try await BuiltinConformanceTests.sleepSuite.run(check)
    }

    private static let rotatingSuite: ProviderConformance = suite(
        "time_rotating", { _ in ["rotation_days": 30] }, inPlace: { _ in ["rotation_days": 31] },
        replacement: { _ in ["rotation_days": 30, "triggers": .map(["a": "b"])] })

    @Test(arguments: rotatingSuite.checks) func timeRotating(_ check: ConformanceCheck) async throws {
        try await BuiltinConformanceTests.rotatingSuite.run(check)
    }
}
