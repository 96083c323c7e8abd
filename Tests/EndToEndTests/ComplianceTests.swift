import Foundation
import MartletCompression
import MartletCore
import MartletHTTPClient
import MartletHTTPServer
import MartletRemoteWrite
import Testing

/// The compliance list of PromQL, asked of this server and of Prometheus, which were sent the same samples.
///
/// Prometheus 2.42 takes both ends of a range, 3.x and Martlet leave out the first: the samples lie 1.234 s off the grid of
/// the evaluations, so that none is on a range's end.
@Suite("Compliance", .serialized, .fewAtOnce)
struct ComplianceTests {
    private static let list = Conformance.folder.appending(path: "promql-compliance/queries.tsv")

    @Test(.enabled(if: Tools.has("prometheus") && FileManager.default.fileExists(atPath: list.path)))
    func `every query of the compliance list gives what Prometheus gives`() async throws {
        let martlet = try await ServerUnderTest(
            configuration: "storage: {out_of_order_window: 2h}\nscrape_configs: []\n"
        )
        let prometheus = try await Peer(in: martlet.folder)
        // Half a second off the steps of subqueries, for the same reason.
        let end = SystemWallClock().millisecondsSinceEpoch / 60_000 * 60_000 - 59_500
        for body in Demo(end: end).bodies {
            #expect(try await martlet.send("POST", "/api/v1/write", headers: Self.headers, body: body).status < 300)
            #expect(try await prometheus.send("/api/v1/write", Self.headers, body: body).status < 300)
        }
        let lines = try String(contentsOf: Self.list, encoding: .utf8).split(separator: "\n")
        var differences: [String] = []
        var compared = 0
        for line in lines {
            let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
            let (verdict, query) = (parts[0], parts[1])
            for isRange in [false, true] {
                let ours = try await Self.ask(query, end, isRange) {
                    try await martlet.send("POST", $0, headers: Self.form, body: $1)
                }
                let theirs = try await Self.ask(query, end, isRange) {
                    try await prometheus.send($0, Self.form, body: $1)
                }
                let kind = isRange ? "range" : "instant"
                compared += 1
                if (verdict == "ok") != (ours["status"].text == "success") {
                    differences.append("\(kind) \(query): \(ours["error"].text)")
                } else if ours["status"].text != theirs["status"].text {
                    differences.append("\(kind) \(query): \(ours["error"].text) against \(theirs["error"].text)")
                } else if verdict != "ok" {
                    continue
                } else if let difference = Self.difference(
                    ours["data"],
                    theirs["data"],
                    ordered: query.hasPrefix("sort")
                ) {
                    differences.append("\(kind) \(query): \(difference)")
                }
            }
        }
        print("compliance: \(compared - differences.count) of \(compared) answers equal")
        #expect(lines.count >= 500)
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }

    private static let headers = [
        ("Content-Type", "application/x-protobuf"), ("Content-Encoding", "snappy"),
        ("X-Prometheus-Remote-Write-Version", "0.1.0"),
    ]
    private static let form = [("Content-Type", "application/x-www-form-urlencoded")]

    private static func ask(
        _ query: String,
        _ end: Int64,
        _ isRange: Bool,
        _ send: (String, [UInt8]) async throws -> IncomingResponse
    ) async throws -> JSON {
        var parameters = [("query", query)]
        if isRange {
            parameters += [
                ("start", "\(Double(end - 600_000) / 1000)"), ("end", "\(Double(end) / 1000)"), ("step", "10"),
            ]
        } else {
            parameters.append(("time", "\(Double(end) / 1000)"))
        }
        let body = parameters.map { "\($0.0)=\(FormEncoding.percentEncoded($0.1))" }.joined(separator: "&")
        let response = try await send(isRange ? "/api/v1/query_range" : "/api/v1/query", Array(body.utf8))
        return try JSON(String(decoding: response.body, as: UTF8.self))
    }

    // MARK: - Comparison

    private static func difference(_ ours: JSON, _ theirs: JSON, ordered: Bool) -> String? {
        let type = theirs["resultType"].text
        guard ours["resultType"].text == type else { return "\(ours["resultType"].text) against \(type)" }
        guard type == "vector" || type == "matrix" else {
            return difference(ofSamples: [ours["result"]], [theirs["result"]])
        }
        let left = ours["result"].elements
        let right = theirs["result"].elements
        guard left.count == right.count else { return "\(left.count) series against \(right.count)" }
        func sorted(_ elements: [JSON]) -> [JSON] { ordered ? elements : elements.sorted { name($0) < name($1) } }
        for (one, other) in zip(sorted(left), sorted(right)) {
            guard name(one) == name(other) else { return "\(name(one)) against \(name(other))" }
            let member = type == "vector" ? "value" : "values"
            let samples =
                type == "vector" ? ([one[member]], [other[member]]) : (one[member].elements, other[member].elements)
            if let difference = difference(ofSamples: samples.0, samples.1) { return "\(name(one)): \(difference)" }
        }
        return nil
    }

    private static func name(_ element: JSON) -> String {
        element["metric"].members.map { "\($0.key)=\($0.value.text)" }.sorted().joined(separator: ",")
    }

    private static func difference(ofSamples ours: [JSON], _ theirs: [JSON]) -> String? {
        guard ours.count == theirs.count else { return "\(ours.count) samples against \(theirs.count)" }
        for (one, other) in zip(ours.map(\.elements), theirs.map(\.elements)) {
            guard one.count == 2, other.count == 2, one[0].number == other[0].number else {
                return "\(one) against \(other)"
            }
            let (left, right) = (Double(one[1].text) ?? .nan, Double(other[1].text) ?? .nan)
            if left == right || left.isNaN && right.isNaN { continue }
            guard abs(left - right) <= 1e-9 * max(abs(left), abs(right)) else {
                return "at \(one[0].number): \(one[1].text) against \(other[1].text)"
            }
        }
        return nil
    }
}

/// A Prometheus that takes remote write.
private final class Peer: Sendable {
    private let process: ChildProcess
    private let url: String
    private let client: HTTPClient

    init(in folder: Folder) async throws {
        let port = try Tools.freePort()
        let file = try folder.write("prometheus.yml", "global: {scrape_interval: 1h}\n")
        client = try HTTPClient()
        url = "http://127.0.0.1:\(port)"
        process = try ChildProcess(
            "prometheus",
            [
                "--config.file=\(file)", "--storage.tsdb.path=\(folder.url.appending(path: "prometheus").path)",
                "--web.listen-address=127.0.0.1:\(port)", "--web.enable-remote-write-receiver",
            ],
            directory: folder.url
        )
        let (client, url) = (client, url)
        _ = try await eventually("Prometheus is ready") {
            (try? await client.send(OutgoingRequest("GET", url: url + "/-/ready", body: nil)))?.status == 200
                ? true : nil
        }
    }

    deinit {
        process.end(SIGKILL)
    }

    func send(_ path: String, _ headers: [(String, String)], body: [UInt8]) async throws -> IncomingResponse {
        var request = OutgoingRequest("POST", url: url + path, body: body)
        request.headers = headers.map { (name: $0.0, value: $0.1) }
        request.timeout = .seconds(60)
        return try await client.send(request)
    }
}

/// The metrics of Prometheus' demonstration service over an hour and a half: three instances, a sample every 5 s.
private struct Demo {
    let end: Int64

    /// Remote write requests in order of time.
    var bodies: [[UInt8]] {
        var random = SplitMix(state: 42)
        var series = Self.definitions
        let first = end - 90 * 60_000 + 1234
        return stride(from: first, through: end, by: 60_000).map { start in
            for index in series.indices { series[index].samples = [] }
            for time in stride(from: start, to: min(start + 60_000, end + 1), by: 5000) {
                for index in series.indices { series[index].step(time, &random) }
            }
            let request = WriteRequest(
                series: series.map { WriteSeries(labels: $0.labels, samples: $0.samples) }.filter {
                    !$0.samples.isEmpty
                }
            )
            return Snappy.compress(request.encoded())
        }
    }

    private struct Definition {
        enum Kind {
            case constant
            case walk(Double)
            case counter(Double)
            case clock
            case intermittent
        }

        let labels: [Label]
        let kind: Kind
        var value: Double
        var samples: [WriteSeries.Sample] = []

        mutating func step(_ time: Int64, _ random: inout SplitMix) {
            switch kind {
            case .constant: break
            case .walk(let size): value = max(0, (value + size * (random.unit - 0.5)).rounded())
            case .counter(let rate):
                value = random.unit < 0.002 ? 0 : value + rate * random.unit
            case .clock where random.unit < 0.1: value = Double(time) / 1000
            case .clock: break
            case .intermittent: if time / 60_000 % 3 == 0 { return }
            }
            samples.append(WriteSeries.Sample(timestamp: time, value: value))
        }
    }

    private static var definitions: [Definition] {
        var all: [Definition] = []
        func add(
            _ name: String,
            _ kind: Definition.Kind,
            _ value: Double,
            _ instance: String,
            _ more: [String: String] = [:]
        ) {
            let labels = more.merging(["__name__": name, "instance": instance, "job": "demo"]) { $1 }
            all.append(
                Definition(
                    labels: labels.sorted { $0.key < $1.key }.map { Label($0.key, $0.value) },
                    kind: kind,
                    value: value
                )
            )
        }
        for (number, instance) in (0...2).map({ ($0, "demo.promlabs.com:1000\($0)") }) {
            let scale = Double(number + 1)
            for (type, size) in [("free", 3.1e9), ("used", 2.4e9), ("cached", 1.7e9), ("buffers", 4.4e8)] {
                add("demo_memory_usage_bytes", .walk(1e7), (size * scale).rounded(), instance, ["type": type])
            }
            for mode in ["idle", "system", "user"] {
                add("demo_cpu_usage_seconds_total", .counter(3 * scale), 100, instance, ["mode": mode])
            }
            add("demo_num_cpus", .constant, scale * 2, instance)
            add("demo_disk_usage_bytes", .walk(1e6), 4e10 * scale, instance)
            add("demo_batch_last_success_timestamp_seconds", .clock, 1.6e9, instance)
            add("demo_intermittent_metric", .intermittent, 1, instance)
            for path in ["/api/foo", "/api/bar"] {
                for (index, bound) in ["0.0001", "0.001", "0.01", "0.1", "1", "+Inf"].enumerated() {
                    let labels = ["path": path, "method": "GET", "status": "200", "le": bound]
                    add(
                        "demo_api_request_duration_seconds_bucket",
                        .counter(Double(index + 1) * 4),
                        0,
                        instance,
                        labels
                    )
                }
            }
        }
        return all
    }
}

/// Chance that is the same at every run.
private struct SplitMix {
    var state: UInt64

    var unit: Double {
        mutating get {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
        }
    }
}
