import MartletCore

/// Tells what a sandboxed program does as events whose keys are always the same, each with the program's name and version.
///
/// With ``LogLineFormat/json`` a line holds just the keys of the event. Keys without a value are `null`.
public struct StructuredLogger: Sendable {
    /// The program that tells.
    public let appName: String
    /// Its version.
    public let version: String
    /// Where it runs, such as `production`.
    public let environment: String

    private let logger: Logger
    private let audit: (any AuditSink)?

    /// Creates a logger of events.
    ///
    /// - Parameters:
    ///   - appName: The program that tells; its events' target too.
    ///   - version: Its version.
    ///   - environment: Where it runs.
    ///   - pipeline: What the events go through.
    ///   - audit: Where breaches of the rules are recorded too, whatever levels are on.
    public init(
        appName: String,
        version: String,
        environment: String,
        pipeline: LogPipeline,
        audit: (any AuditSink)? = nil
    ) {
        self.audit = audit
        self.appName = appName
        self.version = version
        self.environment = environment
        logger = Logger(appName, pipeline: pipeline)
    }

    /// Tells that a function was executed: at info, or at error where it failed.
    public func logExecution(_ event: ExecutionEvent) {
        log(event.level ?? (event.success ? .info : .error), "wasm_execution", event.context, event.fields)
    }

    /// Tells of a breach of the rules, at warn, and records it in the audit trail where there is one.
    public func logSecurityEvent(_ event: SecurityEvent) {
        audit?.write(AuditRecord(event, program: appName))
        log(.warn, "security_event", event.context, event.fields)
    }

    /// Tells how much of a resource is used: at warn from 90 % of the limit on, at info from 75 % on, else at debug.
    public func logResourceEvent(_ event: ResourceEvent) {
        let level: LogLevel = event.percentage >= 90 ? .warn : event.percentage >= 75 ? .info : .debug
        log(level, "resource_event", event.context, event.fields, leavesPlaceOut: true)
    }

    private func log(
        _ level: LogLevel,
        _ type: String,
        _ context: EventContext,
        _ fields: [(String, LogValue)],
        leavesPlaceOut: Bool = false
    ) {
        guard logger.isEnabled(level) else { return }
        let now = logger.pipeline.clock.nanosecondsSinceEpoch
        let span = SpanContext.current
        let trace = context.traceID ?? span.map { "\($0.traceID)" }
        let common: [(String, LogValue)] = [
            ("timestamp", .string(RFC3339.string(nanosecondsSinceEpoch: now, fractionDigits: 9))),
            ("level", .string(level.name)),
            ("app", .string(appName)),
            ("version", .string(version)),
            ("environment", .string(environment)),
            ("event_type", .string(type)),
        ]
        let place = [("trace_id", LogValue(optional: trace)), ("sandbox_id", LogValue(optional: context.sandboxID))]
            .filter { !leavesPlaceOut || $0.1 != .null }
        logger.pipeline.take(
            LogRecord(
                nanosecondsSinceEpoch: now,
                level: level,
                target: appName,
                message: type,
                fields: LogFields(common + place + fields),
                context: span,
                isEvent: true
            )
        )
    }
}
