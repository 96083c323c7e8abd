import Foundation
import MartletHTTPServer
import Testing

/// Scraping real and hostile targets, and being scraped.
@Suite("Collection", .fewAtOnce)
struct CollectionTests {
    @Test func `with no configuration it shows this host and itself within seconds`() async throws {
        let server = try await ServerUnderTest()
        let modes = try await eventually(within: 30, "CPU rates of this host") {
            let rates = try await server.query("sum by (mode) (rate(system_cpu_seconds_total[1m]))")
            return rates.values.contains { $0 > 0 } ? rates : nil
        }
        #expect(modes.keys.contains(["mode": "idle"]))
        for family in [
            "system_memory_usage_bytes", "system_load_average", "system_network_received_bytes_total",
            "system_filesystem_usage_bytes", "process_resident_memory_bytes", "process_open_fds",
            "process_threads", "martlet_build_info",
        ] {
            #expect(try await !server.query(family).isEmpty, "\(family)")
        }
        #expect(try await server.query("up").values.allSatisfy { $0 == 1 })
    }

    @Test(.enabled(if: Tools.has("prometheus-node-exporter"), "scripts/setup --test installs prometheus-node-exporter"))
    func `node exporter is scraped, and promtool and the command read it`() async throws {
        let port = try Tools.freePort()
        let folder = try Folder()
        let exporter = try ChildProcess(
            "prometheus-node-exporter",
            ["--web.listen-address=127.0.0.1:\(port)"],
            directory: folder.url
        )
        let server = try await ServerUnderTest(
            configuration: """
                scrape_configs:
                  - {job_name: node, scrape_interval: 1s, static_configs: [{targets: ["127.0.0.1:\(port)"]}]}
                """
        )
        let expression = "sum by (mode) (rate(node_cpu_seconds_total[1m]))"
        _ = try await eventually("rates of the exporter's counters; it printed \(exporter.text)") {
            try await server.query(expression).values.contains { $0 > 0 } ? true : nil
        }
        let command = try await Tools.run(Tools.martlet, "query", "--url", server.url, expression)
        #expect(command.status == 0)
        #expect(command.output.contains("{mode=\"idle\"}"))
        let promtool = try await Tools.run("promtool", "query", "instant", server.url, "up")
        #expect(promtool.status == 0, "\(promtool.error)")
        #expect(promtool.output.contains("up{instance=\"127.0.0.1:\(port)\", job=\"node\"} => 1 @"))
        let targets = try await Tools.run(Tools.martlet, "targets", "--url", server.url)
        #expect(targets.status == 0, "\(targets.output) \(targets.error)")
    }

    @Test(.enabled(if: Tools.has("prometheus"), "scripts/setup --test installs prometheus"))
    func `Prometheus scrapes the server, and promtool finds nothing wrong with the page`() async throws {
        let server = try await ServerUnderTest()
        let folder = try Folder()
        let address = server.url.dropFirst("http://".count)
        let port = try Tools.freePort()
        try folder.write(
            "prometheus.yml",
            """
            global: {scrape_interval: 1s}
            scrape_configs:
              - {job_name: martlet, static_configs: [{targets: ["\(address)"]}]}
            """
        )
        let prometheus = try ChildProcess(
            "prometheus",
            [
                "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=127.0.0.1:\(port)",
            ],
            directory: folder.url
        )
        _ = try await eventually("up is 1 in Prometheus; it printed \(prometheus.text)") {
            let answer = try await Tools.run("promtool", "query", "instant", "http://127.0.0.1:\(port)", "up")
            return answer.output.contains("=> 1 @") ? true : nil
        }
        let page = try await server.get("/metrics")
        let check = try await Tools.run("promtool", "check", "metrics", input: page)
        #expect(check.status == 0, "\(check.output)\(check.error)")
    }

    @Test func `hostile targets are down with a reason, and harm no other`() async throws {
        let zeros = [UInt8](repeating: UInt8(ascii: "#"), count: 80 << 20)
        let bomb = try Sink { _ in
            HTTPResponse(status: 200, headers: ["Content-Type": "text/plain"], body: .bytes(zeros))
        }
        let malformed = try Sink { _ in .text("good 1\nthis is { not a metric\n") }
        let slow = try Sink { request in
            while !request.isCancelled() { usleep(10_000) }
            return .text("late 1\n")
        }
        let refused = try Tools.freePort()
        let good = try Sink { _ in .text("# TYPE good gauge\ngood 42\n") }
        func job(_ name: String, _ port: Int, timeout: String = "500ms") -> String {
            "  - {job_name: \(name), scrape_interval: 5s, scrape_timeout: \(timeout), static_configs: [{targets: [\"127.0.0.1:\(port)\"]}]}\n"
        }
        let configuration =
            "scrape_configs:\n" + job("bomb", bomb.port, timeout: "5s") + job("malformed", malformed.port)
            + job("slow", slow.port) + job("refused", refused) + job("good", good.port)
        let server = try await ServerUnderTest(configuration: configuration)
        _ = try await eventually("four are down and one is up") {
            let up = try await server.query("up{job!~\"martlet|host\"}")
            return up.count == 5 && up.values.filter { $0 == 0 }.count == 4 ? true : nil
        }
        #expect(try await server.query("good").values.first == 42)
        let targets = try await server.data("targets")["activeTargets"].elements
        let errors = Dictionary(
            targets.map { ($0["scrapePool"].text, $0["lastError"].text) },
            uniquingKeysWith: { first, _ in first }
        )
        #expect(try #require(errors["malformed"]).contains("line 2"))
        let reason = try #require(errors["bomb"])
        #expect(reason.contains("limit"), "\(reason)")
        #expect(errors["slow"] != "")
        #expect(errors["refused"] != "")
        #expect(errors["good"] == "")
        #expect(try await Tools.run(Tools.martlet, "targets", "--url", server.url).status == 1)
    }
}
