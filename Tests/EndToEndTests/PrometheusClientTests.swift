import Foundation
import MartletCore
import MartletHTTPClient
import Testing

/// Clients of Prometheus work unchanged: promtool, libraries, dashboards.
@Suite("Prometheus' clients", .fewAtOnce)
struct PrometheusClientTests {
    private static let python = Tools.root.appending(path: ".build/test-environment/bin/python3").path

    private static var hasLibrary: Bool {
        (try? Tools.runHere(python, ["-c", "import prometheus_api_client"]).status) == 0
    }

    /// A server that has collected something of itself.
    private func server(_ configuration: String? = nil) async throws -> ServerUnderTest {
        let server = try await ServerUnderTest(configuration: configuration, "--enable-admin-api")
        _ = try await eventually("the server collects the host and itself") { () async throws -> Bool? in
            guard try await server.query("up").values.count == 2 else { return nil }
            return try await server.data("metadata", [("limit", "3")]).members.count == 3 ? true : nil
        }
        let event = #"{"actor":"test","operation":"look","outcome":"success"}"#
        #expect(try await server.send("POST", "/api/v1/audit", body: Array(event.utf8)).status == 200)
        // The trace of the description's examples.
        let span =
            #"{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","name":"look","#
            + #""startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000001000000000"}"#
        let trace = #"{"resourceSpans":[{"scopeSpans":[{"spans":[\#(span)]}]}]}"#
        let taken = try await server.send(
            "POST",
            "/v1/traces",
            headers: [("Content-Type", "application/json")],
            body: Array(trace.utf8)
        )
        #expect(taken.status == 200)
        return server
    }

    @Test func `every described path answers as described`() async throws {
        let server = try await server()
        let description = try JSON(await server.get("/openapi.json"))
        #expect(description["openapi"].text == "3.1.0")
        #expect(description["paths"].members.count >= 30)
        for (path, item) in description["paths"].members {
            let operation = item["get"]
            guard !operation.members.isEmpty else { continue }
            // A stream has no end to wait for; LogOperationTests follows it.
            if operation["responses"]["200"]["content"].members.keys.contains("text/event-stream") { continue }
            var url = path
            var parameters: [(String, String)] = []
            var isComplete = true
            for parameter in operation["parameters"].elements {
                let listed = parameter["schema"]["items"]["examples"].elements.first?.text
                let example = parameter["example"].text.isEmpty ? listed : parameter["example"].text
                guard case .flag(true) = parameter["required"] else { continue }
                guard let example else {
                    isComplete = false
                    continue
                }
                if parameter["in"].text == "path" {
                    url = url.replacingOccurrences(of: "{\(parameter["name"].text)}", with: example)
                } else {
                    parameters.append((parameter["name"].text, example))
                }
            }
            let response = try await server.send("GET", url, parameters)
            let text = String(decoding: response.body, as: UTF8.self)
            guard isComplete else {
                // What is named by its path and can be there on some servers only is not there.
                let isNamed = url.contains("{")
                #expect(response.status == (isNamed ? 404 : 400), "\(path): \(text.prefix(300))")
                if isNamed, path.hasPrefix("/api/v2/") { continue }
                #expect(try JSON(text)["errorType"].text == (isNamed ? "not_found" : "bad_data"), "\(path)")
                continue
            }
            #expect(response.status == 200, "\(path): \(text.prefix(300))")
            let content = operation["responses"]["200"]["content"].members
            let type = try #require(content.keys.first, "\(path)")
            let header = response.headers.first { $0.name.lowercased() == "content-type" }?.value ?? ""
            #expect(header.hasPrefix(type), "\(path) is \(header)")
            let schema = content[type]?["schema"]["allOf"].elements.last?["properties"]["data"] ?? .null
            guard !schema.members.isEmpty else { continue }
            let answer = try JSON(text)
            #expect(answer["status"].text == "success", "\(path)")
            switch (schema["type"].text, answer["data"]) {
            case ("array", .array), ("string", .text): break
            case ("object", .object(let members)):
                for name in schema["required"].elements { #expect(members[name.text] != nil, "\(path): \(name.text)") }
            default: Issue.record("\(path) is no \(schema["type"].text): \(text.prefix(300))")
            }
        }
    }

    @Test func `GET, POST and HEAD agree, and other methods are refused with what is allowed`() async throws {
        let server = try await server()
        let got = try await server.data("query", [("query", "vector(1)"), ("time", "10")])
        let form = [("Content-Type", "application/x-www-form-urlencoded")]
        let posted = try await server.send(
            "POST",
            "/api/v1/query",
            headers: form,
            body: Array("query=vector(1)&time=10".utf8)
        )
        #expect(try JSON(String(decoding: posted.body, as: UTF8.self))["data"]["result"].elements.count == 1)
        #expect(got["result"].elements[0]["value"].elements[1].text == "1")
        #expect(try await server.send("HEAD", "/api/v1/labels").status == 200)
        let refused = try await server.send("DELETE", "/api/v1/query")
        #expect(refused.status == 405)
        #expect(refused.headers.contains { $0.name.lowercased() == "allow" && $0.value == "GET, POST, HEAD" })
        #expect(try await server.send("GET", "/api/v1/nothing").status == 404)
    }

    @Test(.enabled(if: Tools.has("promtool"))) func `promtool queries, lists series and labels`() async throws {
        let server = try await server()
        let instant = try await Tools.run("promtool", "query", "instant", server.url, "up{job=\"martlet\"}")
        #expect(instant.status == 0 && instant.output.contains("job=\"martlet\"} => 1"), "\(instant)")
        // The second that follows: the last step sees what the query before saw.
        let now = SystemWallClock().millisecondsSinceEpoch / 1000 + 1
        let range = try await Tools.run(
            "promtool",
            "query",
            "range",
            "--start=\(now - 30)",
            "--end=\(now)",
            "--step=5s",
            server.url,
            "up"
        )
        #expect(range.status == 0 && range.output.contains("1 @["), "\(range)")
        let series = try await Tools.run("promtool", "query", "series", "--match=up", server.url)
        #expect(series.status == 0 && series.output.contains("__name__=\"up\""), "\(series)")
        let labels = try await Tools.run("promtool", "query", "labels", server.url, "job")
        #expect(labels.status == 0 && labels.output.contains("martlet"), "\(labels)")
        let bad = try await Tools.run("promtool", "query", "instant", server.url, "rat(up[5m])")
        #expect(bad.status != 0 && (bad.output + bad.error).contains("unknown function with name \"rat\""), "\(bad)")
    }

    @Test(.enabled(if: hasLibrary)) func `prometheus-api-client reads metrics`() async throws {
        let server = try await server()
        let script = try server.folder.write(
            "client.py",
            """
            import sys
            from datetime import datetime, timedelta
            from prometheus_api_client import PrometheusConnect
            prometheus = PrometheusConnect(url=sys.argv[1], disable_ssl=True)
            assert prometheus.check_prometheus_connection()
            names = prometheus.all_metrics()
            assert "up" in names, names
            assert "job" in prometheus.get_label_names()
            assert "martlet" in prometheus.get_label_values("job")
            value = prometheus.get_current_metric_value("up", label_config={"job": "martlet"})
            assert value[0]["value"][1] == "1", value
            assert prometheus.custom_query("count(up)")[0]["value"][1] == "2"
            now = datetime.now()
            data = prometheus.get_metric_range_data("up", start_time=now - timedelta(minutes=1), end_time=now)
            assert data and data[0]["values"], data
            ranged = prometheus.custom_query_range("up", start_time=now - timedelta(seconds=20), end_time=now, step="5")
            assert ranged, ranged
            targets = prometheus.get_targets(state="active")
            assert len(targets["activeTargets"]) == 2, targets
            print("good")
            """
        )
        let result = try await Tools.run(Self.python, script, server.url)
        #expect(result.status == 0 && result.output.contains("good"), "\(result.output)\(result.error)")
    }

    @Test func `dashboards find what they ask for`() async throws {
        let server = try await server()
        // What Grafana asks of a data source: its health, its version, suggestions, variables, panels, annotations.
        #expect(try await server.data("status/buildinfo")["version"].text.hasPrefix("3."))
        #expect(try await server.data("query", [("query", "1+1"), ("time", "4")])["result"].elements[1].text == "2")
        #expect(try await server.data("label/__name__/values", [("match[]", "{job=\"martlet\"}")]).elements.count > 10)
        #expect(try await server.data("metadata", [("limit", "3")]).members.count == 3)
        #expect(try await !server.data("rules", [("type", "alert")])["groups"].elements.contains { _ in true })
        let now = SystemWallClock().millisecondsSinceEpoch / 1000
        let body = "query=up&start=\(now - 60)&end=\(now)&step=15"
        let form = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept-Encoding", "gzip")]
        #expect(
            try await server.send("POST", "/api/v1/query_range", headers: form, body: Array(body.utf8)).status == 200
        )
        #expect(
            try await server.data("query_exemplars", [("query", "up"), ("start", "0"), ("end", "\(now)")]).elements
                .isEmpty
        )
    }

    @Test func `the JSON API and the exposition can be turned off`() async throws {
        let server = try await ServerUnderTest(
            configuration: "server: {json_api_enabled: false, prometheus_enabled: false}\n"
        )
        for path in ["/api/v1/query?query=up", "/api/v1/labels", "/metrics/json", "/metrics", "/federate"] {
            #expect(try await server.send("GET", path).status == 404, "\(path)")
        }
        #expect(try await server.send("GET", "/-/ready").status == 200)
    }

    @Test func `statistics, the plan and the queries that ran can be asked for`() async throws {
        let server = try await server()
        let data = try await server.data("query", [("query", "sum(up)"), ("stats", "all"), ("explain", "true")])
        #expect(data["stats"]["samples"]["totalQueryableSamples"].number == 2)
        #expect(data["stats"]["samples"]["totalQueryableSamplesPerStep"].elements.count == 1)
        #expect(data["stats"]["timings"]["execTotalTime"].number > 0)
        #expect(data["explanation"]["operation"].text.hasPrefix("sum"))
        let queries = try await server.data("status/queries")
        #expect(queries["active"].elements.isEmpty)
        #expect(queries["top"].elements.contains { $0["query"].text == "sum(up)" })
        let explained = try await Tools.run(Tools.martlet, "query", "--url", server.url, "--explain", "sum(up)")
        #expect(explained.status == 0 && explained.output.contains("sum") && explained.output.contains(" ms"))
    }

    @Test(.enabled(if: Tools.has("prometheus"))) func `Prometheus reads series over remote read and federation`()
        async throws
    {
        let server = try await server()
        let port = try Tools.freePort()
        let address = server.url.replacingOccurrences(of: "http://", with: "")
        let file = try server.folder.write(
            "prometheus.yml",
            """
            global: {scrape_interval: 1s}
            remote_read: [{url: "\(server.url)/api/v1/read", read_recent: true}]
            scrape_configs:
              - job_name: federate
                metrics_path: /federate
                honor_labels: true
                params: {"match[]": ["up"]}
                static_configs: [{targets: ["\(address)"]}]
            """
        )
        let prometheus = try ChildProcess(
            "prometheus",
            [
                "--config.file=\(file)", "--storage.tsdb.path=\(server.folder.url.path)/peer",
                "--web.listen-address=127.0.0.1:\(port)",
            ],
            directory: server.folder.url
        )
        defer { prometheus.end(SIGKILL) }
        let client = try HTTPClient()
        func ask(_ query: String) async throws -> [JSON] {
            let url = "http://127.0.0.1:\(port)/api/v1/query?query=\(query)"
            let answer = try? await client.send(OutgoingRequest("GET", url: url, body: nil))
            // Until Prometheus is up it says so with another status.
            guard let answer, answer.status == 200 else { return [] }
            return try JSON(String(decoding: answer.body, as: UTF8.self))["data"]["result"].elements
        }
        _ = try await eventually("remote read") {
            // Only the server has this metric.
            try await ask("count(process_start_time_seconds)").isEmpty ? nil : true
        }
        _ = try await eventually("federation") { try await ask("up%7Bjob=%22martlet%22%7D").isEmpty ? nil : true }
    }

    @Test func `an alert goes on waiting after a restart`() async throws {
        let folder = try Folder()
        let rules = try folder.write(
            "rules.yml",
            """
            groups:
              - name: g
                interval: 1s
                rules: [{alert: Always, expr: vector(1), for: 1h, labels: {team: a}}]
            """
        )
        let configuration = "rule_files: [\"\(rules)\"]\n"
        var before = ""
        do {
            let server = try await ServerUnderTest(in: folder, configuration: configuration)
            before = try await eventually("the alert waits") {
                let alert = try await server.data("alerts")["alerts"].elements.first
                return alert.map { $0["activeAt"].text }
            }
            // As old as that the alert is at the start, at least, which takes less time than that.
            _ = try await eventually("its beginning is stored, and that it went on for 8 s") {
                let count = try await server.data("query", [("query", "sum(count_over_time(ALERTS_FOR_STATE[1m]))")])
                let value = count["result"].elements.first?["value"].elements.last?.text
                return value.flatMap(Double.init).map { $0 >= 9 } == true ? true : nil
            }
            #expect(server.process.end() == 0)
        }
        let started = SystemWallClock().millisecondsSinceEpoch
        let server = try await ServerUnderTest(in: folder, configuration: configuration)
        let after = try await eventually("the alert waits again") {
            try await server.data("alerts")["alerts"].elements.first.map { $0["activeAt"].text }
        }
        let beforeTime = try #require(RFC3339.nanosecondsSinceEpoch(before))
        let afterTime = try #require(RFC3339.nanosecondsSinceEpoch(after))
        // The time away is added, so that the alert is as old as it was when the server stopped.
        #expect(afterTime >= beforeTime - 1_000_000_000 && afterTime < started * 1_000_000)
    }
}
