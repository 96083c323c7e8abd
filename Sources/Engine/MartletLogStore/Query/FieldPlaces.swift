import MartletSearch

/// Where a field's values are found: in attributes, in the resource's, or in what every record has.
struct FieldPlaces: Sendable {
    enum Special: Sendable {
        case none
        case level
        case time
        case trace
        case span
        case message
    }

    var attributes: [String]
    var resource: [String] = []
    var hasScope = false
    var hasEventName = false
    var special = Special.none

    init(_ field: SearchField) {
        attributes = [field.name]
        resource = [field.name]
        guard !field.isAttribute else { return }
        switch field.name {
        case "level", "severity": special = .level
        case "time", "timestamp": special = .time
        case "trace", "trace_id": special = .trace
        case "span", "span_id": special = .span
        case "message", "body", "msg": special = .message
        case "service":
            attributes = ["service", "service.name"]
            resource = ["service.name"]
        case "component": hasScope = true
        case "target", "logger":
            attributes = ["target", "logger", "logger_name"]
            resource = []
            hasScope = true
        case "operation": hasEventName = true
        case "name", "event":
            attributes = [field.name, "event.name"]
            resource = []
            hasEventName = true
        case "host":
            attributes = ["host", "hostname", "host.name"]
            resource = ["host.name", "host"]
        case "status":
            attributes = ["status", "http.response.status_code", "http.status_code", "status_code"]
            resource = []
        case "duration":
            attributes = [
                "duration", "duration_ms", "duration_us", "duration_ns", "duration_s", "duration_seconds",
                "request_time", "elapsed", "elapsed_ms",
            ]
            resource = []
        default: break
        }
    }
}
