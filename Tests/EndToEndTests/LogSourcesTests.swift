import Foundation
import Testing

/// Logs of real programs through the real server: rsyslog, nginx, `logger`, an SDK of OpenTelemetry, and `martlet run`.
@Suite("Sources of logs", .fewAtOnce)
struct LogSourcesTests {
    private static let hasSDK = Tools.hasPython("opentelemetry.exporter.otlp.proto.http")

    /// The records that a search finds, once there are enough.
    private func find(_ words: String, _ count: Int = 1, on server: ServerUnderTest) async throws -> [JSON] {
        try await eventually("\(count) records of \(words)") {
            let answer = try await server.get("/api/v1/logs/query", [("query", words), ("limit", "1000")])
            let records = try JSON(answer)["data"]["records"].elements
            return records.count >= count ? records : nil
        }
    }

    private func start(_ sources: String) async throws -> ServerUnderTest {
        try await ServerUnderTest(configuration: "logs:\n  sources:\n\(sources)")
    }

    @Test(.enabled(if: Tools.has("rsyslogd"), "scripts/setup --test installs rsyslog"))
    func `rsyslog forwards over TCP`() async throws {
        let port = try Tools.freePort()
        let server = try await start("    - {name: relay, syslog_tcp: '127.0.0.1:\(port)'}\n")
        let folder = try Folder()
        let input = folder.url.appending(path: "in.log").path
        try "".write(toFile: input, atomically: false, encoding: .utf8)
        let configuration = try folder.write(
            "rsyslog.conf",
            """
            global(workDirectory="\(folder.url.path)")
            module(load="imfile" PollingInterval="1")
            input(type="imfile" File="\(input)" Tag="shop:" Severity="warning" Facility="local3")
            module(load="imuxsock" SysSock.Use="off")
            input(type="imuxsock" Socket="\(folder.url.path)/log")
            action(type="omfwd" target="127.0.0.1" port="\(port)" protocol="tcp" TCP_Framing="octet-counted"
                   template="RSYSLOG_SyslogProtocol23Format")
            """
        )
        let rsyslog = try ChildProcess(
            Tools.path(of: "rsyslogd") ?? "/usr/sbin/rsyslogd",
            ["-n", "-f", configuration, "-i", folder.url.appending(path: "pid").path],
            directory: folder.url
        )
        let handle = try #require(FileHandle(forWritingAtPath: input))
        for index in 0..<20 { try handle.write(contentsOf: Data("pangolin order \(index) is late\n".utf8)) }
        try handle.close()
        let records = try await find("pangolin", 20, on: server)
        #expect(records.count == 20, "\(rsyslog.text)")
        #expect(records.allSatisfy { $0["level"].text == "warn" })
        #expect(records.allSatisfy { $0["service"].text == "shop" })
        #expect(records.allSatisfy { $0["attributes"]["syslog.facility"].text == "local3" })
        // What programs on its machine say through syslog(3) comes with a space in front.
        for message in ["quokka is late", #"{"level":"error","message":"axolotl declined","order":"A-7"}"#] {
            let logger = try await Tools.run("logger", "-u", folder.url.path + "/log", "-t", "till", message)
            #expect(logger.status == 0, "\(logger.error)")
        }
        #expect(try await find("quokka", on: server).map { $0["body"].text } == ["quokka is late"])
        let declined = try await find("axolotl", on: server)
        #expect(declined.map { $0["body"].text } == ["axolotl declined"])
        #expect(declined.map { $0["level"].text } == ["error"])
        #expect(declined.map { $0["service"].text } == ["till"])
        #expect(declined.map { $0["attributes"]["order"].text } == ["A-7"])
        rsyslog.end()
    }

    @Test(.enabled(if: Tools.has("nginx"), "scripts/setup --test installs nginx"))
    func `nginx's access log in JSON is followed through a rotation`() async throws {
        let folder = try Folder()
        let log = folder.url.appending(path: "access.log").path
        let server = try await start("    - {name: web, file: '\(folder.url.path)/access.log', service: nginx}\n")
        let port = try Tools.freePort()
        let format =
            #"{"time":"$time_iso8601","remote_addr":"$remote_addr","request":"$request","status":"$status","request_time":"$request_time"}"#
        let configuration = try folder.write(
            "nginx.conf",
            """
            daemon off; pid \(folder.url.path)/nginx.pid; error_log \(folder.url.path)/error.log;
            events {}
            http {
              log_format j escape=json '\(format)';
              access_log \(log) j;
              client_body_temp_path \(folder.url.path)/a; proxy_temp_path \(folder.url.path)/b; fastcgi_temp_path \(folder.url.path)/c;
              uwsgi_temp_path \(folder.url.path)/d; scgi_temp_path \(folder.url.path)/e;
              server { listen 127.0.0.1:\(port); location / { return 204; } location /wombat { return 503; } }
            }
            """
        )
        let nginx = try ChildProcess(
            Tools.path(of: "nginx") ?? "/usr/sbin/nginx",
            ["-c", configuration, "-p", folder.url.path],
            directory: folder.url
        )
        let ask = { (path: String) async throws -> Bool in
            let url = try #require(URL(string: "http://127.0.0.1:\(port)/\(path)"))
            return try await Tools.run("curl", ["-s", "-o", "/dev/null", url.absoluteString]).status == 0
        }
        _ = try await eventually("nginx answers; it printed \(nginx.text)") { try await ask("quokka/0") ? true : nil }
        for index in 1..<30 { _ = try await ask("quokka/\(index)") }
        // As logrotate does: rename, then tell nginx to open its file again.
        try FileManager.default.moveItem(atPath: log, toPath: log + ".1")
        for index in 30..<40 { _ = try await ask("quokka/\(index)") }
        nginx.signal(SIGUSR1)
        for index in 40..<60 { _ = try await ask("quokka/\(index)") }
        _ = try await ask("wombat")
        let records = try await find("quokka", 60, on: server)
        #expect(records.count == 60)
        let found = Set(records.map { $0["attributes"]["request"].text })
        #expect(found == Set((0..<60).map { "GET /quokka/\($0) HTTP/1.1" }))
        let failed = try await find("wombat", on: server)
        #expect(failed[0]["attributes"]["status"].text == "503")
        #expect(failed[0]["level"].text == "error")
        nginx.end(SIGQUIT)
    }

    @Test(.enabled(if: Tools.has("logger"), "logger is part of Debian's bsdutils"))
    func `logger sends over UDP`() async throws {
        let port = try Tools.freePort()
        let server = try await start("    - {name: hosts, syslog_udp: '127.0.0.1:\(port)', attributes: {site: lab}}\n")
        for form in ["--rfc5424", "--rfc3164"] {
            let sent = try await Tools.run(
                "logger",
                [
                    "-d", "-n", "127.0.0.1", "-P", "\(port)", form, "-t", "backup", "-p", "daemon.err", "--",
                    "capybara \(form) failed",
                ]
            )
            #expect(sent.status == 0, "\(sent.error)")
        }
        let records = try await find("capybara", 2, on: server)
        #expect(records.allSatisfy { $0["level"].text == "error" })
        #expect(records.allSatisfy { $0["service"].text == "backup" })
        #expect(records.allSatisfy { $0["attributes"]["syslog.facility"].text == "daemon" })
    }

    private static let script = """
        import logging, sys
        from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
        from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
        from opentelemetry.exporter.otlp.proto.http import Compression
        from opentelemetry.sdk.resources import Resource
        provider = LoggerProvider(resource=Resource({"service.name": "checkout", "service.version": "1.2"}))
        exporter = OTLPLogExporter(endpoint=sys.argv[1] + "/v1/logs", compression=Compression.Gzip)
        provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
        log = logging.getLogger("cart")
        log.addHandler(LoggingHandler(level=logging.INFO, logger_provider=provider))
        log.error("narwhal payment declined", extra={"order.id": 42, "vip": True})
        provider.shutdown()
        """

    @Test(.enabled(if: hasSDK, "scripts/setup --test installs opentelemetry-sdk"), arguments: [false, true])
    func `OpenTelemetry's own SDK sends logs`(onOwnPort: Bool) async throws {
        let server = try await ServerUnderTest(otlp: true)
        let script = try server.folder.write("send.py", Self.script)
        let sent = try await Tools.run(Tools.python, script, onOwnPort ? try #require(server.otlpURL) : server.url)
        #expect(sent.status == 0, "\(sent.output)\(sent.error)")
        let record = try await find("narwhal", on: server)[0]
        #expect(record["body"].text == "narwhal payment declined")
        #expect(record["service"].text == "checkout")
        #expect(record["level"].text == "error")
        #expect(record["attributes"]["order.id"].number == 42)
        #expect(record["attributes"]["vip"] == .flag(true))
    }

    @Test func `lines come over HTTP as JSON, text, journald's export and Loki's push`() async throws {
        let server = try await ServerUnderTest()
        let lines = try await server.send(
            "POST",
            "/api/v1/logs/ingest",
            [("service", "batch")],
            headers: [("Content-Type", "application/x-ndjson")],
            body: Array("{\"msg\":\"okapi one\",\"level\":\"warn\",\"n\":7}\nnot json okapi\n".utf8)
        )
        #expect(lines.status == 200)
        #expect(try JSON(String(decoding: lines.body, as: UTF8.self))["data"]["unparsed"].number == 1)
        #expect(try await find("okapi", 2, on: server).count == 2)
        let loki = try await server.send(
            "POST",
            "/loki/api/v1/push",
            headers: [("Content-Type", "application/json")],
            body: Array(
                "{\"streams\":[{\"stream\":{\"job\":\"web\"},\"values\":[[\"\(UInt64(Date.now.timeIntervalSince1970) * 1_000_000_000)\",\"lemur line\"]]}]}"
                    .utf8
            )
        )
        #expect(loki.status == 204)
        #expect(try await find("lemur", on: server)[0]["service"].text == "web")
        let journal = try await server.send(
            "POST",
            "/upload",
            headers: [("Content-Type", "application/vnd.fdo.journal")],
            body: Array("MESSAGE=tapir started\nPRIORITY=4\nSYSLOG_IDENTIFIER=init\n\n".utf8)
        )
        #expect(journal.status == 204)
        #expect(try await find("tapir", on: server)[0]["level"].text == "warn")
        #expect(try await server.send("POST", "/api/v1/logs/ingest", body: []).status == 400)
        #expect(try await server.send("POST", "/loki/api/v1/push", body: Array("x".utf8)).status == 400)
        let metrics = try await server.get("/metrics")
        #expect(metrics.contains("martlet_ingest_items_total{protocol=\"lines\",signal=\"logs\"} 2"))
    }

    @Test func `run passes output and status on and stores the lines`() async throws {
        let server = try await ServerUnderTest()
        let script =
            "echo ibex out; echo 'ERROR: ibex err' >&2; printf 'ibex Traceback (most recent call last):\\n  deep\\n'; echo $OTEL_SERVICE_NAME; exit 7"
        let ran = try await Tools.run(Tools.martlet, ["run", "--url", server.url, "--", "sh", "-c", script])
        #expect(ran.status == 7)
        #expect(ran.output.hasPrefix("ibex out\n") && ran.output.hasSuffix("sh\n"))
        #expect(ran.error == "ERROR: ibex err\n")
        let records = try await find("ibex", 3, on: server)
        #expect(Set(records.map { $0["attributes"]["log.iostream"].text }) == ["stdout", "stderr"])
        #expect(records.contains { $0["body"].text == "ibex Traceback (most recent call last):\n  deep" })
        #expect(records.allSatisfy { $0["service"].text == "sh" })
        let piped = try await Tools.run(
            Tools.martlet,
            ["run", "--stdin", "--url", server.url, "--", "feeder"],
            input: "gnu a\ngnu b\n"
        )
        #expect(piped.status == 0 && piped.output == "gnu a\ngnu b\n")
        #expect(try await find("gnu", 2, on: server).allSatisfy { $0["service"].text == "feeder" })
        let lost = try await Tools.run(
            Tools.martlet,
            ["run", "--url", "http://127.0.0.1:1", "--", "sh", "-c", "echo x"]
        )
        #expect(lost.status == 0 && lost.error.contains("1 lines were not stored"))
        #expect(try await Tools.run(Tools.martlet, ["run", "--", "no-such-program-here"]).status == 1)
    }

    @Test func `bad sources are told with their places and nothing is started`() async throws {
        let folder = try Folder()
        let file = try folder.write(
            "bad.yml",
            """
            logs:
              sources:
                - {name: a}
                - {name: b, file: x.log, syslog_udp: '127.0.0.1:1'}
                - {name: c, file: x.log, pattern: '(', formt: json}
                - {name: d, file: '/var/*/x.log'}
                - {name: e, syslog_tcp: '127.0.0.1:1', format: json}
            """
        )
        let checked = try await Tools.run(Tools.martlet, ["check", "config", file])
        #expect(checked.status == 1)
        for place in ["bad.yml:3:", "bad.yml:4:", "bad.yml:5:", "bad.yml:6:", "bad.yml:7:", "did you mean \"format\""] {
            #expect((checked.output + checked.error).contains(place), "\(place) in \(checked.output)\(checked.error)")
        }
    }
}
