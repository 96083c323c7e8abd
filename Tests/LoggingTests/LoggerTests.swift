import MartletCore
import MartletLogging
import Testing

@Suite("Logger")
struct LoggerTests {
    @Test func `levels are per target and can be changed while the program runs`() throws {
        let sink = MemorySink()
        let pipeline = LogPipeline(sink: sink, levels: LogLevels(try LogFilter(parsing: "info,my_app=debug")))
        let other = pipeline.logger("other")
        let mine = pipeline.logger("my_app")
        var evaluated = 0
        func text(_ text: String) -> String {
            evaluated += 1
            return text
        }
        other.debug(text("hidden"))
        mine.debug(text("shown"))
        #expect(evaluated == 1)
        pipeline.levels.filter = try LogFilter(parsing: "debug,my_app=error")
        other.debug(text("shown now"))
        mine.warn(text("hidden now"))
        mine.named("my_app.db").critical(text("shown below"))
        #expect(sink.all.map(\.message) == ["shown", "shown now", "shown below"])
        #expect(evaluated == 3)
        #expect(mine.minimumLevel == .error)
        #expect(mine.isEnabled(.error) && !mine.isEnabled(.warn))
    }

    @Test func `each level has its call`() {
        let sink = MemorySink()
        let log = Logger("a", minimumLevel: .trace, sink: sink)
        log.trace("1")
        log.debug("2")
        log.info("3")
        log.warn("4")
        log.error("5")
        log.critical("6")
        #expect(sink.all.map(\.level) == LogLevel.allCases)
        #expect(LogLevel.allCases.map(\.severityNumber) == [1, 5, 9, 13, 17, 21])
        #expect(LogLevel.allCases.map(\.syslogSeverity) == [7, 7, 6, 4, 3, 2])
        #expect(
            (0...25).map { LogLevel(severityNumber: $0)?.name ?? "-" }.joined(separator: " ") == """
                - trace trace trace trace debug debug debug debug info info info info warn warn warn warn error error error \
                error critical critical critical critical -
                """
        )
        Logger.silent.critical("nobody hears")
    }

    @Test func `a record tells the span it was made in`() async {
        let sink = MemorySink()
        let log = Logger("a", sink: sink)
        await SpanContext.$ofTask.withValue(someSpan) {
            log.info("in a span")
            async let child: Void = log.info("in a child task")
            await child
        }
        log.info("outside")
        #expect(sink.all.map(\.context) == [someSpan, someSpan, nil])
    }

    @Test func `common fields come first and secrets are hidden`() {
        let sink = MemorySink()
        let pipeline = LogPipeline(sink: sink, commonFields: ["app": "shop", "version": "1.2"])
        pipeline.logger("a").info(
            "signed in",
            ["user": "eva", "password": "x", "X-Api-Key": "y", "accessToken": "z", "tokens_per_second": 3]
        )
        #expect(
            LogLineFormat.text.line(for: sink.all[0]).hasSuffix(
                "app=shop version=1.2 user=eva password=<secret> X-Api-Key=<secret> accessToken=<secret> "
                    + "tokens_per_second=3\n"
            )
        )
        let secret = Secret("hunter2")
        #expect("\(secret)" == "<secret>" && String(reflecting: secret) == "<secret>" && secret.exposed == "hunter2")
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(secret == Secret("hunter2"))
    }

    @Test func `what one place tells too often is thinned out, and its weights add up`() {
        let sink = MemorySink()
        let timer = HandTimer()
        let sampler = LogSampler(first: 10, thereafter: 5, timer: timer)
        let pipeline = LogPipeline(sink: sink, sampler: sampler)
        let log = pipeline.logger("a")
        func tell(_ level: LogLevel, _ count: Int) { for _ in 0..<count { log.log(level, "again") } }
        tell(.info, 1000)
        #expect(sink.all.count == 10 + 198)
        #expect(sink.all.reduce(0) { $0 + $1.weight } == 1000)
        #expect(sampler.dropped == 792)
        log.info("from another place")
        #expect(sink.all.last?.weight == 1)
        timer.advance(by: .seconds(1))
        tell(.info, 10)
        #expect(sink.all.count == 219)
        // Errors and sampled traces are all kept.
        tell(.error, 50)
        SpanContext.$ofTask.withValue(someSpan) { tell(.info, 50) }
        #expect(sink.all.count == 319)
    }
}

extension LoggerTests {
    @Test func `a sink that is added gets the same records and levels`() {
        let (first, second) = (MemorySink(), MemorySink())
        let levels = LogLevels(LogFilter(.info))
        let log = LogPipeline(sink: first, levels: levels, commonFields: ["app": "shop"]).logger("db")
        let both = log.adding(second)
        both.info("one", ["password": "x"])
        log.info("two")
        levels.filter = LogFilter(.error)
        both.info("three")
        #expect(first.all.map(\.message) == ["one", "two"])
        #expect(second.all.map(\.message) == ["one"])
        #expect(second.all[0].fields == ["app": "shop", "password": "<secret>"])
        #expect(both.target == "db")
    }
}
