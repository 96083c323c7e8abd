import MartletAlerting
import MartletCore
import MartletHTTPServer
import MartletPatterns
import MartletPromQL
import MartletSeries
import Testing

@testable import MartletServer

@Suite("Requests")
struct RequestTests {
    private func parameters(_ query: String) -> Parameters {
        Parameters(HTTPRequest(method: "GET", path: "/", query: FormEncoding.decode(query)))
    }

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch let error as APIError {
            return error.message
        } catch {
            return "\(error)"
        }
    }

    @Test func `a form's parameters win over those of the query`() {
        let request = HTTPRequest(
            method: "POST",
            path: "/",
            query: [("query", "a"), ("time", "1")],
            headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Array("query=b".utf8)
        )
        #expect(Parameters(request)["query"] == "b")
        #expect(Parameters(request)["time"] == "1")
    }

    @Test func `errors have Prometheus' words`() {
        #expect(
            message { _ = try parameters("time=x").time("time") }
                == #"invalid parameter "time": Invalid time value for 'time': cannot parse "x" to a valid timestamp"#
        )
        #expect(
            message { _ = try parameters("").requiredTime("start") }
                == #"invalid parameter "start": cannot parse "" to a valid timestamp"#
        )
        #expect(
            message { _ = try parameters("step=1y2").requiredDuration("step") }
                == #"invalid parameter "step": cannot parse "1y2" to a valid duration"#
        )
        #expect(
            message { _ = try parameters("step=1e100").requiredDuration("step") }
                == #"invalid parameter "step": cannot parse "1e100" to a valid duration. It overflows int64"#
        )
        #expect(
            message { _ = try parameters("limit=x").limit() }
                == #"invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax"#
        )
        #expect(
            message { _ = try parameters("limit=-1").limit() }
                == #"invalid parameter "limit": limit must be non-negative"#
        )
    }

    @Test(arguments: [
        ("limit=0", Int.max), ("limit=7", 7), ("", Int.max),
    ])
    func `no limit and zero mean all`(query: String, limit: Int) throws {
        #expect(try parameters(query).limit() == limit)
    }

    @Test(
        arguments: [
            ("1.5", 1500), ("-62135596800", -62_135_596_800_000), ("2015-07-01T20:10:51.781Z", 1_435_781_451_781),
            ("1969-12-31T23:59:59.5Z", -500), ("+292277025-08-18T07:12:54.999999999Z", 9_223_372_036_854_775),
        ] as [(String, Int64)]
    )
    func `times are seconds, RFC 3339 or Go's extremes`(text: String, milliseconds: Int64) {
        #expect(Parameters.milliseconds(text) == milliseconds)
    }

    @Test(arguments: [
        ("job", "job"), ("U__http_2e_status", "http.status"), ("U__a__b", "a_b"), ("U___1f600_", "😀"),
        ("U__a_zz_", "U__a_zz_"), ("U__a_2e", "U__a_2e"), ("U__a_110000_", "U__a_110000_"),
    ])
    func `names in paths are freed of their escapes`(escaped: String, plain: String) {
        #expect(EscapedName.plain(escaped) == plain)
    }

    // MARK: - Rules

    private var groups: [RuleGroupState] {
        (1...4).map { number in
            RuleGroupState(
                RuleGroup(
                    name: "g\(number)",
                    file: "f",
                    labels: ["team": number < 3 ? "a" : "b"],
                    rules: [
                        .alerting(AlertingRule(name: "Down\(number)", expression: "up==0")),
                        .recording(RecordingRule(record: "r\(number)", expression: "up")),
                    ]
                )
            )
        }
    }

    private func page(_ query: String, matching selectors: [[LabelMatcher]] = []) throws -> (names: [String], String?) {
        let (found, token) = try RulesRequest(parameters(query), matching: selectors).page(of: groups)
        return (found.flatMap { $0.rules.map(\.rule.name) }, token)
    }

    @Test func `rules are chosen by kind, name, group and labels`() throws {
        #expect(try page("").names.count == 8)
        #expect(try page("type=alert&rule_group[]=g2").names == ["Down2"])
        #expect(try page("type=record&rule_name[]=r1&rule_name[]=Down1").names == ["r1"])
        #expect(try page("file[]=other").names.isEmpty)
        #expect(try page("type=record", matching: [[LabelMatcher("team", .equal, "b")]]).names == ["r3", "r4"])
        #expect(message { _ = try page("type=x") } == #"invalid parameter "type": not supported value "x""#)
    }

    @Test func `groups come page by page`() throws {
        let first = try page("group_limit=3")
        #expect(first.names.count == 6)
        let token = try #require(first.1)
        let second = try page("group_limit=3&group_next_token=\(token)")
        #expect(second.names == ["Down4", "r4"] && second.1 == nil)
        #expect(message { _ = try page("group_next_token=\(token)") }.contains("group_limit needs to be present"))
        #expect(message { _ = try page("group_limit=1&group_next_token=x") }.contains("invalid group_next_token 'x'"))
        #expect(message { _ = try page("group_limit=0") }.contains("group_limit needs to be greater than 0"))
        #expect(message { _ = try page("group_limit=x") }.contains("group_limit needs to be a valid number"))
    }

    // MARK: - Trees

    @Test(arguments: [
        (#"1.5e-5"#, #"{"type":"numberLiteral","val":"0.000015"}"#),
        (#"-"a""#, ""),
        (
            #"-up"#,
            #"{"expr":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"up"}],"name":"up","offset":0,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"op":"-","type":"unaryExpr"}"#
        ),
        (
            #"a and on(x) b"#,
            #""matching":{"card":"many-to-many","include":[],"labels":["x"],"on":true},"op":"and","#
        ),
        (
            #"max_over_time(a[5m:1m] @ 10)"#,
            #""offset":0,"range":300000,"startOrEnd":null,"step":60000,"timestamp":10000,"type":"subquery"}"#
        ),
        (#"(1)"#, #"{"expr":{"type":"numberLiteral","val":"1"},"type":"parenExpr"}"#),
        (
            #"topk(2, a)"#,
            #""grouping":[],"op":"topk","param":{"type":"numberLiteral","val":"2"},"type":"aggregation","without":false}"#
        ),
    ])
    func `trees are written as Prometheus writes them`(query: String, expected: String) throws {
        guard !expected.isEmpty else { return }
        let expression = try QueryEngine(patterns: RE2Patterns()).parse(query)
        var writer = JSONWriter()
        SyntaxTreeText.write(expression, to: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self).contains(expected))
    }

    // MARK: - Queries that run

    @Test func `queries beyond the concurrency wait, and those beyond the waiting are refused`() throws {
        let metrics = ServerMetrics()
        let tracker = QueryTracker(
            .init(concurrency: 1, slow: .seconds(60)),
            registry: metrics.registry,
            clock: SystemWallClock(),
            log: .silent
        )
        func ask(_ timeout: Duration, _ body: () throws -> Void = {}) throws {
            try tracker.run("up", kind: "instant", client: "c", range: 0...0, timeout: timeout, isCancelled: { false })
            {
                try body()
                return ((), 3)
            }
        }
        try ask(.seconds(1)) {
            #expect(tracker.running.map(\.text) == ["up"])
            #expect(throws: QueryTracker.Refusal.self) { try ask(.milliseconds(5)) }
        }
        #expect(tracker.running.isEmpty && tracker.waiting == 0)
        let top = try #require(tracker.top(5).first)
        #expect(top.count == 1 && top.samplesRead == 3 && top.failures == 0)
        #expect(throws: APIError.self) { try ask(.seconds(1)) { throw APIError(kind: .execution, message: "x") } }
        #expect(tracker.top(5).first?.failures == 1)
    }

    @Test func `only so many texts are remembered`() throws {
        let tracker = QueryTracker(.init(), registry: ServerMetrics().registry, clock: SystemWallClock(), log: .silent)
        for number in 0..<(QueryTracker.textsMax + 50) {
            try tracker.run(
                String(number),
                kind: "instant",
                client: "c",
                range: 0...0,
                timeout: .seconds(1),
                isCancelled: { false }
            ) { ((), 0) }
        }
        #expect(tracker.top(.max).count == QueryTracker.textsMax)
    }
}
