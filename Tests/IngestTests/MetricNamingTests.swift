@testable import MartletIngest
import MartletCore
import MartletOTLP
import Testing

@Suite("Names of OpenTelemetry")
struct MetricNamingTests {
    @Test(
        arguments: [
            ("http.server.request.duration", "s", .other, "http_server_request_duration_seconds"),
            ("system.cpu.time", "s", .counter, "system_cpu_time_seconds_total"),
            ("requests.total", "", .counter, "requests_total"),
            ("total.requests", "1", .counter, "requests_total"),
            ("process.memory", "By", .gauge, "process_memory_bytes"),
            ("memory.bytes", "By", .gauge, "memory_bytes"),
            ("cpu.utilization", "1", .gauge, "cpu_utilization_ratio"),
            ("net.io", "By/s", .gauge, "net_io_bytes_per_second"),
            ("rate", "{packets}/s", .gauge, "rate_per_second"),
            ("queue", "{items}", .gauge, "queue"),
            ("temperature", "Cel", .gauge, "temperature_celsius"),
            ("share", "%", .gauge, "share_percent"),
            ("odd.unit", "foo/bar", .gauge, "odd_unit_foo_per_bar"),
            ("2xx.count", "", .counter, "_2xx_count_total"),
            ("a..b__c", "", .gauge, "a_b_c"),
            ("größe", "", .gauge, "gr_e"),
            ("ns:metric", "ms", .gauge, "ns:metric_milliseconds"),
        ] as [(String, String, MetricNaming.Kind, String)]
    )
    func `get letters, unit and total`(name: String, unit: String, kind: MetricNaming.Kind, expected: String) {
        let naming = MetricNaming(strategy: .underscoreEscapingWithSuffixes)
        #expect(naming.name(of: name, unit: unit, kind: kind) == expected)
    }

    @Test(
        arguments: [
            (.underscoreEscapingWithoutSuffixes, "http.requests", "1", .counter, "http_requests"),
            (.underscoreEscapingWithoutSuffixes, "a..b__c", "s", .gauge, "a_b__c"),
            (.underscoreEscapingWithoutSuffixes, "1a", "s", .gauge, "_1a"),
            (.noUTF8EscapingWithSuffixes, "http.requests", "", .counter, "http.requests_total"),
            (.noUTF8EscapingWithSuffixes, "http.duration", "s", .other, "http.duration_seconds"),
            (.noUTF8EscapingWithSuffixes, "http.duration.seconds", "s", .other, "http.duration_seconds"),
            (.noUTF8EscapingWithSuffixes, "io_bytes_total", "By", .counter, "io_bytes_total"),
            (.noUTF8EscapingWithSuffixes, "io", "By/s", .gauge, "io_bytes_per_second"),
            (.noUTF8EscapingWithSuffixes, "größe", "1", .gauge, "größe_ratio"),
            (.noTranslation, "größe.x", "By", .counter, "größe.x"),
        ] as [(TranslationStrategy, String, String, MetricNaming.Kind, String)]
    )
    func `follow the strategy`(
        strategy: TranslationStrategy,
        name: String,
        unit: String,
        kind: MetricNaming.Kind,
        expected: String
    ) {
        #expect(MetricNaming(strategy: strategy).name(of: name, unit: unit, kind: kind) == expected)
    }

    @Test(arguments: [("s", "seconds"), ("By/s", "bytes_per_second"), ("1", ""), ("{x}", ""), ("KiBy", "kibibytes")])
    func `a unit has words`(unit: String, words: String) {
        #expect(MetricNaming.unitText(unit) == words)
    }

    @Test(
        arguments: [
            ("http.method", "http_method"), ("0day", "key_0day"), ("_private", "key_private"), ("__a", "__a"),
            ("größe", "gr__e"), ("a-b", "a_b"),
        ]
    )
    func `of attributes become names of labels`(key: String, name: String) {
        #expect(AttributeLabels(escapes: true).name(of: key) == name)
        #expect(AttributeLabels(escapes: false).name(of: key) == key)
    }

    @Test func `attributes that become the same label are put together`() {
        let labels = AttributeLabels(escapes: true).labels(
            of: [
                Attribute("b.c", "2"), Attribute("b-c", "1"), Attribute("a", .int(3)), Attribute("a", "again"),
                Attribute("", "x"), Attribute("empty", ""), Attribute("__name__", "evil"),
            ]
        )
        #expect(labels == [Label("a", "3"), Label("b_c", "1;2")])
    }
}
