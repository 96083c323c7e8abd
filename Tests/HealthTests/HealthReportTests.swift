import MartletCore
import MartletHealth
import MartletTestKit
import Testing

@Suite("Health report")
struct HealthReportTests {
    static func record(_ name: String, _ status: HealthStatus, isCritical: Bool = false, at component: String = "")
        async
        -> HealthRecord
    {
        let monitor = HealthMonitor(clock: ManualClock())
        monitor.register(name, isCritical: isCritical, component: component) {
            HealthResult(.state(status), "is \(status)")
        }
        return await monitor.runAllChecks().checks[0]
    }

    @Test func `states are ordered and only healthy is healthy`() {
        #expect(HealthStatus.allCases.sorted() == [.healthy, .degraded, .unhealthy, .critical])
        #expect(HealthStatus.allCases.map(\.level) == [0, 1, 2, 3])
        #expect(HealthStatus.allCases.filter(\.isHealthy) == [.healthy])
        #expect(HealthStatus(rawValue: "degraded") == .degraded)
    }

    @Test(arguments: [
        (HealthStatus.healthy, HealthStatus.healthy, HealthStatus.healthy, HealthStatus.healthy),
        (.unhealthy, .healthy, .degraded, .degraded),
        (.healthy, .unhealthy, .unhealthy, .critical),
        (.critical, .unhealthy, .unhealthy, .critical),
        (.critical, .critical, .critical, .critical),
        (.degraded, .degraded, .degraded, .critical),
    ])
    func `the whole is as bad as its critical checks and degraded by the others`(
        minor: HealthStatus,
        major: HealthStatus,
        fourStates: HealthStatus,
        threeWords: HealthStatus
    ) async {
        let records = [await Self.record("a", minor), await Self.record("b", major, isCritical: true)]
        #expect(HealthReport(records, timestamp: 0).status == fourStates)
        #expect(HealthReport(records, mode: .threeWords, timestamp: 0).status == threeWords)
    }

    @Test func `load balancers get 503 for unhealthy and critical only`() async {
        var codes: [Int] = []
        for status in HealthStatus.allCases {
            let report = HealthReport([await Self.record("a", status, isCritical: true)], timestamp: 0)
            codes.append(report.httpStatusCode())
            #expect(report.httpStatusCode(isAlways200: true) == 200)
        }
        #expect(codes == [200, 200, 503, 503])
    }

    @Test func `an unhealthy leaf degrades those above it`() async throws {
        let records = [
            await Self.record("cart", .unhealthy, at: "shop/cart"), await Self.record("pay", .healthy, at: "shop/pay"),
            await Self.record("mail", .critical, isCritical: true, at: "post/mail"),
        ]
        let minor = HealthReport(Array(records.prefix(2)), timestamp: 0)
        #expect(minor.components["shop/cart"]?.status == .unhealthy)
        #expect(minor.components["shop/pay"]?.status == .healthy)
        #expect(minor.components["shop"]?.status == .degraded)
        #expect(minor.components.status == .degraded)
        #expect(minor.components["nowhere"] == nil)
        let major = HealthReport(records, timestamp: 0)
        #expect(major.components["post"]?.status == .critical)
        #expect(major.components.status == .critical)
        #expect(major.status == .critical)
        #expect(
            minor.components.json == """
                {"name":"","path":"","status":"degraded","checks":[],"parts":[{"name":"shop","path":"shop",\
                "status":"degraded","checks":[],"parts":[{"name":"cart","path":"shop/cart","status":"unhealthy",\
                "checks":["cart"],"parts":[]},{"name":"pay","path":"shop/pay","status":"healthy","checks":["pay"],\
                "parts":[]}]}]}
                """
        )
    }

    @Test func `a component that knows how it is is asked`() async {
        struct Part: ComponentHealth {
            func healthStatus() -> HealthStatus { .degraded }
        }
        let monitor = HealthMonitor(clock: ManualClock())
        monitor.add(component: Part(), at: "shop/cart")
        let report = await monitor.runAllChecks()
        #expect(report.components["shop/cart"]?.status == .degraded)
        #expect(report.checks[0].message == "component is degraded")
    }

    @Test func `the JSON has all that is known`() async {
        let timer = ManualTimer(milliseconds: 1_795_246_877_000)
        let monitor = HealthMonitor(clock: timer, timer: timer)
        monitor.register("cache", kind: .dependency) {
            HealthResult(
                .failed,
                "no \"answer\"",
                details: ["port": 6379, "ratio": 0.5, "tls": false, "host": "h", "limit": .double(.infinity)],
                responseTime: .milliseconds(2)
            )
        }
        #expect(!monitor.report.isComplete)
        #expect(
            monitor.report.json().contains(
                #""message":"not checked yet","details":{},"response_time":null,"last_check":null,"since":null"#
            )
        )
        let report = await monitor.runAllChecks()
        #expect(report.isComplete)
        #expect(
            report.json() == #"""
                {"status":"degraded","healthy":false,"timestamp":1795246877000,"issues":["cache: no \"answer\""],\#
                "checks":[{"name":"cache","status":"degraded","healthy":false,"critical":false,"kind":"dependency",\#
                "component":"","message":"no \"answer\"","details":{"host":"h","limit":"+Inf","port":6379,"ratio":0.5,\#
                "tls":false},"response_time":0.002,"last_check":1795246877000,"since":1795246877000,\#
                "failure_count":1}],"components":{"name":"","path":"","status":"degraded","checks":["cache"],"parts":[]}}
                """#
        )
        #expect(
            report.json(isShort: true) == #"""
                {"status":"degraded","healthy":false,"timestamp":1795246877000,"issues":["cache: no \"answer\""]}
                """#
        )
    }
}
