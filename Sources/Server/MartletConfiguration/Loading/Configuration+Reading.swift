import MartletCore
import MartletYAML

extension Configuration {
    /// Keys that are known, and what would serve them, but that this version does nothing with.
    private static let unservedKeys = [
        "performance", "dashboards", "remote_write", "remote_read",
        "include", "tracing", "runtime", "scrape_config_files", "tracing_config",
    ]

    mutating func read(_ reader: MappingReader) {
        global = reader.mapping("global") { GlobalConfiguration(reading: $0) } ?? global
        scrapeConfigurations = readJobs(reader)
        ruleFiles = readRuleFiles(reader)
        server = reader.mapping("server") { ServerConfiguration(reading: $0) } ?? server
        metrics = reader.mapping("metrics") { MetricsConfiguration(reading: $0) } ?? metrics
        if let monitoring = reader.node("monitoring") {
            storage.readRetention(monitoring: monitoring, reader.context)
        }
        storage = reader.mapping("storage") { StorageConfiguration(reading: $0, over: storage) } ?? storage
        traces = reader.mapping("traces") { TracesConfiguration(reading: $0) } ?? traces
        audit = reader.mapping("audit") { AuditSettings(reading: $0) } ?? audit
        logs = reader.mapping("logs") { LogsConfiguration(reading: $0) } ?? logs
        otlp = reader.mapping("otlp") { OTLPConfiguration(reading: $0) } ?? otlp
        health = reader.mapping("health") { HealthConfiguration(reading: $0) } ?? health
        alertingSections.global = reader.node("global")
        alertingSections.route = reader.node("route")
        alertingSections.receivers = reader.node("receivers")
        alertingSections.inhibitRules = reader.node("inhibit_rules")
        alertingSections.timeIntervals = reader.node("time_intervals")
        alertingSections.muteTimeIntervals = reader.node("mute_time_intervals")
        alertingSections.templates = reader.node("templates")
        alertingSections.alerting = reader.node("alerting")
        alertingSections.alerts = reader.node("alerts")
        alertingSections.monitoring = reader.node("monitoring") ?? settings(reader)
        reader.warnUnserved(Self.unservedKeys)
    }

    /// Settings in capitals that stand at the top of the file, as frameworks write them, as if under `monitoring`.
    private func settings(_ reader: MappingReader) -> YAMLNode? {
        let keys = ["ENABLED", "ALERT_RULES", "NOTIFICATION_CHANNELS"]
        let pairs = keys.compactMap { key in
            reader.node(key).map { (key: YAMLNode(.scalar(key, isPlain: true), at: reader.mark(of: key)), value: $0) }
        }
        return pairs.isEmpty ? nil : YAMLNode(.mapping(pairs), at: pairs[0].key.mark)
    }

    private func readJobs(_ reader: MappingReader) -> [ScrapeConfiguration] {
        var marks: [String: YAMLMark] = [:]
        return reader.mappings("scrape_configs") { job in
            guard let configuration = ScrapeConfiguration(reading: job, global: global) else { return nil }
            if let first = marks[configuration.jobName] {
                job.report("job name \"\(configuration.jobName)\" is already taken at \(first)", at: "job_name")
            } else {
                marks[configuration.jobName] = job.mark(of: "job_name")
            }
            return configuration
        }
    }

    private func readRuleFiles(_ reader: MappingReader) -> [String] {
        reader.list("rule_files") { node in
            guard let path = reader.context.string(node, expected: "a path") else { return nil }
            let resolved = reader.context.resolve(path)
            if !resolved.contains(where: { "*?[".contains($0) }), FileContent.stamp(of: resolved) == nil {
                reader.context.warn("rule file \(resolved) does not exist", at: node.mark)
            }
            return resolved
        }
    }
}

extension MappingReader {
    /// Accepts keys that nothing serves, with a warning each.
    func warnUnserved(_ keys: [String], in section: String = "") {
        for key in keys where node(key) != nil {
            warn("\"\(section)\(key)\" is not served by this version and has no effect", at: key)
        }
    }
}
