import MartletCore
import MartletLogging
import Testing

@Suite("Structured events")
struct EventTests {
    private func members(_ body: (StructuredLogger) -> Void) throws -> (LogLevel, JSONValue) {
        let sink = MemorySink()
        let pipeline = LogPipeline(sink: sink, levels: LogLevels(LogFilter(.trace)), clock: StandingClock())
        body(StructuredLogger(appName: "shop", version: "1.2", environment: "test", pipeline: pipeline))
        let record = try #require(sink.all.first)
        return (record.level, try JSONParser.parse(Array(LogLineFormat.json.line(for: record).utf8)))
    }

    @Test func `an execution has its keys, null where there is nothing`() throws {
        let (level, event) = try members { log in
            log.logExecution(
                ExecutionEvent(
                    function: "add",
                    durationMilliseconds: 1.5,
                    success: true,
                    executionID: "e1",
                    memoryUsed: 4096,
                    customFields: ["tenant": "t1"],
                    context: EventContext(sandboxID: "s1")
                )
            )
        }
        #expect(level == .info)
        #expect(
            event.members?.keys.sorted() == [
                "app", "custom_fields", "duration_ms", "environment", "error", "event_type", "execution_id",
                "fuel_consumed", "function", "level", "memory_used", "sandbox_id", "success", "timestamp", "trace_id",
                "version",
            ]
        )
        #expect(event["event_type"]?.text == "wasm_execution")
        #expect(event["timestamp"]?.text == "2026-11-21T03:25:20.123456789Z")
        #expect(event["error"] == .null && event["trace_id"] == .null && event["fuel_consumed"] == .null)
        #expect(event["custom_fields"]?["tenant"]?.text == "t1")
        #expect(event["app"]?.text == "shop" && event["version"]?.text == "1.2" && event["environment"]?.text == "test")
    }

    @Test func `a failed execution is an error and belongs to the span it was in`() throws {
        let (level, event) = try members { log in
            SpanContext.$ofTask.withValue(someSpan) {
                log.logExecution(ExecutionEvent(function: "f", durationMilliseconds: 2, success: false, error: "trap"))
            }
        }
        #expect(level == .error)
        #expect(event["error"]?.text == "trap")
        #expect(event["trace_id"]?.text == "0af7651916cd43dd8448eb211c80319c")
    }

    @Test func `a security event has its keys at warn`() throws {
        let (level, event) = try members { log in
            log.logSecurityEvent(
                SecurityEvent(violationType: "limit", actionTaken: "blocked", threshold: 10, actualValue: 12)
            )
        }
        #expect(level == .warn)
        #expect(
            event.members?.keys.sorted() == [
                "action_taken", "actual_value", "app", "capability", "environment", "event_type", "level", "resource",
                "sandbox_id", "threshold", "timestamp", "trace_id", "version", "violation_type",
            ]
        )
        #expect(event["level"]?.text == "warn" && event["event_type"]?.text == "security_event")
    }

    @Test(arguments: [(50.0, LogLevel.debug), (80, .info), (95, .warn)])
    func `a resource event has its keys, and its level grows with the usage`(_ usage: Double, _ wanted: LogLevel) throws
    {
        let (level, event) = try members { log in
            log.logResourceEvent(
                ResourceEvent(resourceType: "memory", currentUsage: usage, limit: 100, trend: .increasing)
            )
        }
        #expect(level == wanted)
        #expect(
            event.members?.keys.sorted() == [
                "app", "current_usage", "environment", "event_type", "level", "limit", "percentage", "resource_type",
                "timestamp", "trend", "version",
            ]
        )
        #expect(event["percentage"]?.double == usage && event["trend"]?.text == "increasing")
    }
}
