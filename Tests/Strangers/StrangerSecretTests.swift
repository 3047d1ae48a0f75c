import Foundation
import GitFixtures
import PlumbModel
import Testing

/// What strangers cannot find out: secrets of the state, of the environment, of variables, of files and of others.
struct StrangerSecretTests {
    /// What a stranger may add to the specs, each an attempt to print what he must not see.
    static let specs: [String] = [
        // The state.
        "outputs: {leak: {value: '${nonsensitive(local_file.a.sensitive_content)}'}}",
        "outputs: {leak: {value: '${nonsensitive(random_password.p.result)}'}}",
        "outputs: {leak: {value: '${jsonencode(nonsensitive(local_file.a))}'}}",
        "outputs: {leak: {value: '${[for k, v in nonsensitive(local_file.a) : nonsensitive(v)]}'}}",
        "resources: {local_file.leak: {spec: {filename: x, content: '${nonsensitive(local_file.a.sensitive_content)}'}}}",
        "resources: {local_file.leak: {for_each: '${toset([nonsensitive(local_file.a.sensitive_content)])}', spec: {filename: x}}}",
        "outputs: {leak: {value: '${{}[nonsensitive(local_file.a.sensitive_content)]}'}}",
        "outputs: {leak: {value: '${tonumber(nonsensitive(local_file.a.sensitive_content))}'}}",
        "outputs: {leak: {value: '${regex(nonsensitive(local_file.a.sensitive_content), \"x\")}'}}",
        "outputs: {leak: {value: '${file(nonsensitive(local_file.a.sensitive_content))}'}}",
        "outputs: {leak: {value: '${try(tonumber(nonsensitive(local_file.a.sensitive_content)), 1)}'}}",
        "outputs: {leak: {value: '${startswith(nonsensitive(local_file.a.sensitive_content), \"canary\") ? \"can\" : \"no\"}ary'}}",
        "checks: {leak: {assert: [{condition: '${local_file.a.sensitive_content == \"\"}', message: '${nonsensitive(local_file.a.sensitive_content)}'}]}}",
        "moved: [{from: local_file.a, to: local_file.leak}]\nresources: {local_file.leak: {spec: {filename: out/a, content: x}}}",
        "removed: [{from: local_file.b}]",
        // Variables and the environment.
        "outputs: {leak: {value: '${nonsensitive(var.secret)}'}}",
        "outputs: {leak: {value: '${var.region}'}}",
        "variables: {token: {type: string}}\noutputs: {leak: {value: '${var.token}'}}",
        "outputs: {leak: {value: '${env.TOKEN}'}}",
        "outputs: {leak: {value: '${pathexpand(\"~\")}'}}",
        // Files.
        "outputs: {leak: {value: '${file(\"/etc/passwd\")}'}}",
        "outputs: {leak: {value: '${file(\"../../../../../../../../etc/passwd\")}'}}",
        "outputs: {leak: {value: '${file(\"~/secrets/key\")}'}}",
        "outputs: {leak: {value: '${file(\"out/a\")}'}}",
        "outputs: {leak: {value: '${file(\".plumb/state.key\")}'}}",
        "outputs: {leak: {value: '${templatefile(\"/etc/passwd\", {})}'}}",
        "outputs: {leak: {value: '${fileset(\"/\", \"**\")}'}}",
        "outputs: {leak: {value: '${fileset(\"..\", \"../../../../../../etc/*\")}'}}",
        "outputs: {leak: {value: '${filebase64(\"/etc/passwd\")}'}}",
        "outputs: {leak: {value: '${file(\"link\")}'}}",
        "outputs: {leak: {value: '${file(\"folder/passwd\")}'}}",
        "outputs: {leak: {value: '${file(\"chain\")}'}}",
        "outputs: {leak: {value: '${file(\"loop\")}'}}",
        "outputs: {leak: {value: '${file(\"module/README\")}'}}",
        "outputs: {leak: {value: '${file(\".git/config\")}'}}",
        "outputs: {leak: {value: '${file(\"../../.git/config\")}'}}",
        "outputs: {leak: {value: '${fileset(\"folder\", \"*\")}'}}",
        "modules: {m: {source: ../../..}}",
        "modules: {m: {source: ../../../../../etc}}",
        "modules: {m: {source: ./folder}}",
        "modules: {m: {source: ./module}}",
        "modules: {m: {source: /etc}}",
        "data: {local_file.d: {spec: {filename: /etc/passwd}}}\noutputs: {leak: {value: '${data.local_file.d.content}'}}",
        "data: {local_file.d: {spec: {filename: out/a}}}\noutputs: {leak: {value: '${nonsensitive(data.local_file.d.content)}'}}",
        // Programs.
        "resources: {command.c: {spec: {create: [sh, -c, 'touch /tmp/plumb-of-a-stranger']}}}",
    ]

    @Test(arguments: specs)
    func nothingIsLeaked(_ spec: String) async throws {
        let repository = try await StrangersRepository()
        let commit = try repository.push(
            ["more.yaml": spec],
            script: """
                cd stacks/web
                ln -s /etc/passwd link && ln -s /etc folder && ln -s link chain && ln -s loop loop
                git clone -q ../.. module 2>/dev/null && git -C module commit -q --allow-empty -m x
                """)
        let seen = try await repository.look(at: commit)
        #expect(seen.plan != nil || !seen.errors.isEmpty)
        for word in ["canary", "root:x", "passwd:", "canary-argument"] {
            #expect(!seen.everything.contains(word), "\(spec)\n\(seen.everything)")
        }
        #expect(seen.seconds < 30)
    }

    /// The same attempts succeed where whoever made them is believed: the canaries are where they are looked for.
    @Test(arguments: [0, 1, 4, 10, 15, 16])
    func theCanariesAreThere(_ index: Int) async throws {
        let repository = try await StrangersRepository()
        let commit = try repository.push(["more.yaml": Self.specs[index]])
        let seen = try await repository.look(at: commit, trust: .full)
        let isPassword = Self.specs[index].contains("random_password")
        #expect(isPassword ? seen.plan != nil : seen.everything.contains("canary"), "\(seen.everything)")
    }

    @Test func encryptedFilesStayClosed() async throws {
        let cases = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../EndToEnd/Cases/sops")
        let file = try String(contentsOf: cases.appending(path: "secret.vars.yaml"), encoding: .utf8)
        let repository = try await StrangersRepository()
        let commit = try repository.push([
            "secret.vars.yaml": file,
            "more.yaml": """
            variables:
              token: {type: string}
              port: {type: number}
              ratio: {type: number}
              enabled: {type: bool}
              empty: {type: string}
              nested: {type: any}
              region_unencrypted: {type: string}
              size_unencrypted: {type: number}
            outputs:
              token: {value: '${nonsensitive(var.token)}'}
              port: {value: '${nonsensitive(var.port + 1)}'}
              nested: {value: '${nonsensitive(jsonencode(var.nested))}'}
              enabled: {value: '${nonsensitive(var.enabled ? "on" : "off")}'}
            """,
        ])
        let seen = try await repository.look(at: commit)
        #expect(seen.plan != nil, "\(seen.errors)")
        #expect(!seen.everything.contains("canary"), "\(seen.everything)")
        #expect(seen.plan?.outputs.first { $0.name == "token" }?.after?.isUnknown == true)
        // Whoever has the identity sees what is in it.
        let believed = try await repository.look(at: commit, trust: .full)
        #expect(believed.everything.contains("canary-variable") || believed.everything.contains("canary"))
        #expect(believed.plan?.outputs.first { $0.name == "token" }?.after?.isUnknown == false, "\(believed.errors)")
    }

    @Test func theRestOfAPlanIsShown() async throws {
        let repository = try await StrangersRepository()
        let commit = try repository.push([
            "main.yaml": StrangersRepository.specs.replacing("plain", with: "changed")
                + "\nlocals: {x: '${data.local_file.d.content}'}\n",
            "more.yaml": """
            data: {local_file.d: {spec: {filename: out/b}}}
            resources: {local_file.new: {spec: {filename: out/new, content: "${local.x}"}}}
            """,
        ])
        let seen = try await repository.look(at: commit)
        #expect(seen.errors.isEmpty, "\(seen.errors)")
        let summary = seen.summary
        #expect(summary.contains("update local_file.b") || summary.contains("replace local_file.b"), "\(summary)")
        #expect(summary.contains("create local_file.new"), "\(summary)")
        #expect(summary.contains("read data.local_file.d"), "\(summary)")
        #expect(!summary.contains { $0.contains("random_password") }, "\(summary)")
        #expect(seen.problems.all.contains { $0.summary == "Planned for a stranger" })
    }
}
