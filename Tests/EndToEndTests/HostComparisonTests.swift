import Foundation
import MartletCore
import MartletExposition
import MartletHTTPClient
import MartletMetrics
import MartletPacks
import Testing

/// The host pack beside the node exporter, on the same machine at the same time.
@Suite("Host pack and node exporter", .fewAtOnce)
struct HostComparisonTests {
    private func value(_ families: [MetricFamily], _ name: String, _ labels: LabelSet = [:]) -> Double? {
        let series = families.first { $0.name == name }?.series ?? []
        let found = series.filter { series in labels.allSatisfy { series.labels[$0.name] == $0.value } }
        return found.isEmpty ? nil : found.reduce(0) { $0 + ($1.value.number ?? 0) }
    }

    @Test(.enabled(if: Tools.has("prometheus-node-exporter"), "scripts/setup --test installs prometheus-node-exporter"))
    func `processor, memory, disk and file system agree within 5 percent`() async throws {
        let port = try Tools.freePort()
        let folder = try Folder()
        let exporter = try ChildProcess(
            "prometheus-node-exporter",
            ["--web.listen-address=127.0.0.1:\(port)"],
            directory: folder.url
        )
        let client = try HTTPClient()
        let collector = HostCollector()
        let pairs: [(own: String, labels: LabelSet, theirs: String, theirLabels: LabelSet)] = [
            ("system_cpu_seconds_total", ["mode": "user"], "node_cpu_seconds_total", ["mode": "user"]),
            ("system_cpu_seconds_total", ["mode": "idle"], "node_cpu_seconds_total", ["mode": "idle"]),
            ("system_memory_limit_bytes", [:], "node_memory_MemTotal_bytes", [:]),
            ("system_memory_available_bytes", [:], "node_memory_MemAvailable_bytes", [:]),
            ("system_boot_time_seconds", [:], "node_boot_time_seconds", [:]),
            ("system_context_switches_total", [:], "node_context_switches_total", [:]),
            (
                "system_filesystem_limit_bytes", ["mountpoint": "/"], "node_filesystem_size_bytes",
                ["mountpoint": "/"]
            ),
            (
                "system_filesystem_usage_bytes", ["mountpoint": "/", "state": "free"],
                "node_filesystem_avail_bytes", ["mountpoint": "/"]
            ),
            (
                "system_network_received_bytes_total", ["interface": "lo"], "node_network_receive_bytes_total",
                ["device": "lo"]
            ),
        ]
        let theirs = try await eventually("the exporter's page; it printed \(exporter.text)") {
            let answer = try? await client.send(OutgoingRequest(url: "http://127.0.0.1:\(port)/metrics"))
            return try answer.map { try ExpositionReader(.text).read($0.body) }
        }
        let own = collector.collect()
        var compared = 0
        for pair in pairs {
            // A container may have neither a disk of its own at its root nor traffic on loopback.
            guard let right = value(theirs, pair.theirs, pair.theirLabels), right > 0 else { continue }
            let left = try #require(value(own, pair.own, pair.labels), "\(pair.own)")
            #expect(abs(left - right) <= right * 0.05, "\(pair.own): \(left), \(pair.theirs): \(right)")
            compared += 1
        }
        #expect(compared >= 6)
        for device in theirs.first(where: { $0.name == "node_disk_written_bytes_total" })?.series ?? [] {
            guard let name = device.labels["device"],
                let left = value(own, "system_disk_written_bytes_total", ["device": name])
            else { continue }
            let right = device.value.number ?? 0
            #expect(abs(left - right) <= right * 0.05, "\(name): \(left) and \(right) bytes written")
        }
    }

    @Test func `the server reads its collectors as often as the configuration says`() async throws {
        let server = try await ServerUnderTest(configuration: "metrics: {collection_interval: 1s}\n")
        // Once the oldest of them is over 11 seconds old, the ten seconds before now are full.
        let count = try await eventually(within: 90, "ten seconds of samples") {
            let age = try await server.query("max(count_over_time(system_uptime_seconds[1m]))").values.first ?? 0
            guard age >= 12 else { return nil as Double? }
            return try await server.query("max(count_over_time(system_uptime_seconds[10s]))").values.first
        }
        #expect((8...12).contains(count))
    }
}
