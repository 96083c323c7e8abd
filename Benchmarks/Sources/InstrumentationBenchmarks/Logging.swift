import BenchmarkHarness
import CBarrier
import Martlet

/// What a call of a logger costs its caller, without what the sink does.
enum Logging {
    static func run() {
        let log = LogPipeline(sink: SilentSink(), levels: LogLevels(LogFilter(.info))).logger("shop.checkout")
        Harness.measure("log_off") { count in
            for index in 0..<count {
                log.debug("cart changed", ["order": LogValue(index), "articles": 3, "currency": "EUR"])
                benchmark_barrier()
            }
        }
        Harness.measure("log_3_fields") { count in
            for index in 0..<count {
                log.info("order paid", ["order": LogValue(index), "amount": 12.5, "currency": "EUR"])
                benchmark_barrier()
            }
        }
    }
}
