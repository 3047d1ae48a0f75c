import PlumbModel
import Testing

@testable import LibvirtProvider

/// What is wrong in `stack.yaml` or in a writing, without any server.
struct SettingsTests {
    @Test(
        arguments: [
            (["url": "unix://relative.sock"], "absolute path"), (["url": "lab:8443"], "https://host:port"),
            (["url": "http://lab:80", "token": "secret-token"], "everybody"), (["parallelism": 0], "from 1 to 1000"),
            (["timeout": 0], "at least 0.1"), (["client_key": "x"], "together"),
        ] as [(Value, String)])
    func aWrongSettingIsRefused(_ settings: Value, _ words: String) {
        do {
            _ = try Lab.instance(settings)
            Issue.record("it was taken")
        } catch {
            let texts = (error as? Diagnostics)?.all.map(\.detail) ?? []
            #expect(texts.contains { $0.contains(words) }, "\(texts)")
            #expect(!texts.contains { $0.contains("secret-token") })
        }
    }

    @Test func sizesAreReadExactly() {
        #expect(
            Size.bytes("512MiB") == 512 << 20 && Size.bytes("1.5 GiB") == 3 << 29 && Size.bytes("1048576") == 1 << 20)
        #expect(Size.bytes("1 GB") == 1_000_000_000 && Size.bytes("0.5KiB") == 512)
        for wrong in ["", "MiB", "-1", "0.3B", "99999999999TiB", "1.0000001GiB", "1 parsec", "1.2.3M"] {
            #expect(Size.bytes(wrong) == nil, "\(wrong)")
        }
        #expect(Size.text(3 << 29) == "1536MiB" && Size.text(1000) == "1000")
        #expect(Size.volumeNormalisation.areSame("1000", "1KiB"))
    }

    @Test func writingsOfTheSameNetworkAreNoChange() {
        let cidr = NetworkNormalisation.cidr
        #expect(cidr.areSame("10.1.2.1/24", "10.1.2.0/24") && !cidr.areSame("10.1.2.5/24", "10.1.2.0/24"))
        let one: Value = ["mac": "52:54:00:AA:00:01", "ip": "10.0.0.1", "name": .null]
        let other: Value = ["mac": "52:54:00:00:00:02", "ip": "10.0.0.2"]
        let lower: Value = ["mac": "52:54:00:aa:00:01", "ip": "10.0.0.1"]
        #expect(NetworkNormalisation.dhcp.areSame(["hosts": .list([one, other])], ["hosts": .list([other, lower])]))
        #expect(NetworkNormalisation.dns.areSame(["enabled": true, "hosts": .list([])], .null))
    }

    @Test func disksWithoutTargetsGetTheFirstFreeOnes() {
        let disks = Disk.all([["volume": "a"], ["volume": "b", "target": "vda"], ["volume": "c", "device": "cdrom"]])
        #expect(disks.map(\.target) == ["vdb", "vda", "sda"] && disks.map(\.isReadOnly) == [false, false, true])
    }
}
