import Foundation
import ThrowawayServers

/// `Tests/Services/styles-server`: the same few things in the many styles of real APIs. It ends with the test process at
/// the latest.
final class StylesServer: Sendable {
    let url: String
    private let process: ThrowawayProcess

    init() async throws {
        process = try await ThrowawayProcess(ThrowawayServer.services.appendingPathComponent("styles-server"))
        url = "http://127.0.0.1:\(try process.port)"
    }

    /// Some of all that it has.
    static let specs = """
        outputs:
          secret: {value: "${acme_platform_api_key.ci.secret}", sensitive: true}
        resources:
          acme_platform_org.acme:
            spec: {slug: acme, displayName: Acme, settings: {sso: true, retentionDays: 7}}
          acme_platform_org.beta:
            spec: {slug: beta, displayName: Beta, billingEmail: x@example.org}
          acme_platform_team.core:
            spec: {org: "${acme_platform_org.acme.slug}", name: core}
          acme_platform_team.design:
            spec: {org: "${acme_platform_org.acme.slug}", name: design, privacy: secret}
          acme_platform_member.ada:
            spec: {org: acme, teamId: "${acme_platform_team.core.id}", userName: ada, role: maintainer}
          acme_platform_volume.one:
            spec: {name: one, size_gb: 10, tags: {a: b}}
          acme_platform_volume.two:
            spec: {name: two, size_gb: 20, encrypted: true}
          acme_platform_volume.three:
            spec: {name: three, size_gb: 30}
          acme_platform_cluster.small:
            spec: {name: small, region: eu, labels: {x: y}}
          acme_platform_cluster.large:
            spec: {name: large, region: eu, nodeCount: 3}
          acme_platform_database.main:
            spec: {name: main, engine: pg, adminPassword: hidden-word}
          acme_platform_api_key.ci:
            spec: {display_name: ci, scopes: [write, read], expires_at: "2027-01-01T00:00:00Z"}
          acme_platform_channel.mail:
            spec: {type: email, name: mail, addresses: [a@example.org]}
          acme_platform_channel.chat:
            spec: {type: slack, name: chat, webhook_url: "https://chat.example.org/x", muted: true}
          acme_platform_channel.more:
            spec: {type: slack, name: more, webhook_url: "https://chat.example.org/y"}
          acme_platform_quota.quota:
            spec: {max_orgs: 7}

        """
}
