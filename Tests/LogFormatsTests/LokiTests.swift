import MartletCore
import MartletLogFormats
import MartletOTLP
import MartletProtobuf
import Testing

@Suite("Loki push")
struct LokiTests {
    @Test func `reads a push in JSON`() throws {
        let push = try LokiPush(
            json: Array(
                """
                {"streams":[{"stream":{"job":"web","level":"warn","host":"h1","env":"x"},"values":[
                ["1795262399000000001","level=error msg=boom n=1"],
                ["1795262399000000002","plain words",{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","k":"v"}]]}]}
                """.utf8
            ),
            observed: observed
        )
        let logs = push.batch.resourceLogs
        #expect(logs.count == 1)
        #expect(
            logs[0].resource.attributes == [
                Attribute("env", "x"), Attribute("host.name", "h1"), Attribute("service.name", "web"),
            ]
        )
        let entries = logs[0].scopeLogs[0].entries
        #expect(entries.map(\.body.text) == ["boom", "plain words"])
        #expect(entries.map(\.severity) == [17, 13])
        #expect(entries.map(\.time) == [1_795_262_399_000_000_001, 1_795_262_399_000_000_002])
        #expect("\(entries[1].traceID)" == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect("\(entries[1].spanID)" == "00f067aa0ba902b7")
        #expect(entries[1].attributes == [Attribute("k", "v")])
        #expect(push.counts.records == 2)
    }

    @Test func `reads a push in protobuf`() throws {
        var writer = ProtobufWriter()
        writer.message(1) { stream in
            stream.text(1, #"{app="api", env = "a\"b\\c\n\t\r\d", }"#)
            stream.message(2) { entry in
                entry.message(1) { time in
                    time.integer(1, 1_795_262_399)
                    time.integer(2, 5)
                }
                entry.text(2, "{\"msg\":\"hello\",\"severity\":\"info\"}")
                entry.message(3) { pair in
                    pair.text(1, "pod")
                    pair.text(2, "p1")
                }
            }
            stream.unsigned(3, 99)
        }
        let push = try LokiPush(protobuf: writer.bytes, observed: observed)
        let logs = push.batch.resourceLogs
        #expect(
            logs[0].resource.attributes == [Attribute("service.name", "api"), Attribute("env", "a\"b\\c\n\t\r\\d")]
        )
        #expect(logs[0].scopeLogs[0].entries.map(\.body.text) == ["hello"])
        #expect(logs[0].scopeLogs[0].entries[0].attributes == [Attribute("pod", "p1")])
        #expect(logs[0].scopeLogs[0].entries[0].time == 1_795_262_399_000_000_005)
    }

    @Test(arguments: [
        "", "[]", "{}", "{\"streams\":[{\"values\":[[\"x\",\"y\"]]}]}", "{\"streams\":[{\"values\":[[1]]}]}",
    ])
    func `refuses JSON of another form`(text: String) {
        #expect(throws: LokiPush.Failure.self) { try LokiPush(json: Array(text.utf8), observed: observed) }
    }

    @Test(arguments: ["x", "{a}", "{a=b}", "{a=\"b}", "{a=\"b\"", "{a=\"b\" c=\"d\"}", "{=\"x\"}", "{a=\"b\\"])
    func `refuses labels of another form`(labels: String) {
        var writer = ProtobufWriter()
        writer.message(1) { $0.text(1, labels) }
        #expect(throws: LokiPush.Failure.self) { try LokiPush(protobuf: writer.bytes, observed: observed) }
    }

    @Test func `refuses every truncation of a push or reads less, and never stops`() throws {
        var writer = ProtobufWriter()
        writer.message(1) { stream in
            stream.text(1, "{a=\"b\"}")
            stream.message(2) { $0.text(2, "line") }
        }
        for count in 0..<writer.bytes.count {
            let push = try? LokiPush(protobuf: Array(writer.bytes.prefix(count)), observed: observed)
            #expect(push?.batch.count ?? 0 == 0)
        }
        #expect(throws: LokiPush.Failure.self) { try LokiPush(protobuf: [0x0a, 0x02, 0x0a], observed: observed) }
    }
}
