/// What a member of a line's object tells, by its name.
enum KnownKey {
    case time
    case level
    case message
    case trace
    case span
    case service
    case host

    /// What the name means, in any case; `nil` for an ordinary attribute.
    init?(_ name: String) {
        guard name.utf8.count <= 20, let key = Self.names[name.lowercased()] else { return nil }
        self = key
    }

    private static let names: [String: KnownKey] = [
        "time": .time, "timestamp": .time, "@timestamp": .time, "ts": .time, "t": .time, "date": .time,
        "datetime": .time,
        "asctime": .time, "eventtime": .time, "time_local": .time, "time_iso8601": .time, "msec": .time,
        "level": .level, "severity": .level, "lvl": .level, "loglevel": .level, "log_level": .level,
        "log.level": .level,
        "levelname": .level, "severity_text": .level, "severitytext": .level,
        "message": .message, "msg": .message, "log": .message, "short_message": .message, "body": .message,
        "event": .message, "text": .message,
        "trace_id": .trace, "traceid": .trace, "trace.id": .trace, "trace": .trace,
        "span_id": .span, "spanid": .span, "span.id": .span, "span": .span,
        "service": .service, "service.name": .service, "service_name": .service, "servicename": .service,
        "app": .service,
        "application": .service,
        "host": .host, "hostname": .host, "host.name": .host,
    ]
}
