import MartletCore

extension HealthReport {
    /// The report as JSON.
    ///
    /// ```json
    /// {"status":"degraded","healthy":false,"timestamp":1795246877000,"issues":["cache: connection refused"],
    ///  "checks":[{"name":"cache","status":"degraded","healthy":false,"critical":false,"kind":"dependency",
    ///  "component":"","message":"connection refused","details":{},"response_time":0.002,"last_check":1795246876990,
    ///  "since":1795246876990,"failure_count":1}],"components":{…}}
    /// ```
    ///
    /// Times are milliseconds since the epoch, `response_time` is in seconds.
    ///
    /// - Parameter isShort: Whether only the state and the issues are told.
    /// - Returns: One JSON object.
    public func json(isShort: Bool = false) -> String {
        var fields = [
            "\"status\":\"\(status.rawValue)\"", "\"healthy\":\(status.isHealthy)", "\"timestamp\":\(timestamp)",
            "\"issues\":[\(issues.map(JSONText.quoted).joined(separator: ","))]",
        ]
        if !isShort {
            fields.append("\"checks\":[\(checks.map(\.json).joined(separator: ","))]")
            fields.append("\"components\":\(components.json)")
        }
        return "{\(fields.joined(separator: ","))}"
    }
}

extension HealthRecord {
    /// The record as JSON, in the form of ``HealthReport/json(isShort:)``.
    public var json: String {
        let details = details.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0.key)):\($0.value.json)" }
        let fields = [
            "\"name\":\(JSONText.quoted(name))", "\"status\":\"\(status.rawValue)\"", "\"healthy\":\(isHealthy)",
            "\"critical\":\(isCritical)", "\"kind\":\"\(kind.rawValue)\"",
            "\"component\":\(JSONText.quoted(component))",
            "\"message\":\(JSONText.quoted(message))", "\"details\":{\(details.joined(separator: ","))}",
            "\"response_time\":\(responseTime.map { FloatText.shortest($0.inSeconds) } ?? "null")",
            "\"last_check\":\(lastCheck.map(String.init) ?? "null")", "\"since\":\(since.map(String.init) ?? "null")",
            "\"failure_count\":\(failureCount)",
        ]
        return "{\(fields.joined(separator: ","))}"
    }
}

extension HealthRun {
    /// The run as JSON: `time`, `status`, `healthy`, `timed_out`, `message`, `duration_ms`.
    public var json: String {
        """
        {"time":\(time),"status":"\(status.rawValue)","healthy":\(isHealthy),"timed_out":\(isTimeout),\
        "message":\(JSONText.quoted(message)),"duration_ms":\(FloatText.shortest(duration / .milliseconds(1)))}
        """
    }
}

extension HealthTransition {
    /// The change as JSON: `time`, `check`, `from`, `to`, `message`.
    public var json: String {
        """
        {"time":\(time),"check":\(JSONText.quoted(check)),"from":"\(from.rawValue)","to":"\(to.rawValue)",\
        "message":\(JSONText.quoted(message))}
        """
    }
}

extension HealthComponent {
    /// The component as JSON: `name`, `path`, `status`, the names of its `checks`, its `parts`.
    public var json: String {
        let names = checks.map { JSONText.quoted($0.name) }.joined(separator: ",")
        return """
            {"name":\(JSONText.quoted(name)),"path":\(JSONText.quoted(path)),"status":"\(status.rawValue)",\
            "checks":[\(names)],"parts":[\(parts.map(\.json).joined(separator: ","))]}
            """
    }
}
