import MartletCore

extension Configuration {
    /// The configuration as YAML with its defaults filled in and every secret as `<secret>`.
    ///
    /// Sections of alerting are shown as they stand in the file, again without secrets.
    public var yaml: String {
        var entries: [(key: String, value: DumpNode)] = [("global", global.dump(raw: alertingSections.global))]
        if !ruleFiles.isEmpty { entries.append(("rule_files", .texts(ruleFiles))) }
        if !scrapeConfigurations.isEmpty {
            entries.append(("scrape_configs", .list(scrapeConfigurations.map(\.dump))))
        }
        entries += [
            ("server", server.dump),
            ("metrics", .mapping([("collection_interval", .duration(metrics.collectionInterval))])),
            ("storage", storage.dump),
            ("traces", traces.dump),
            ("audit", audit.dump),
            ("logs", logs.dump),
            ("otlp", otlp.dump),
            ("health", health.dump),
        ]
        let sections = [
            ("alerting", alertingSections.alerting), ("route", alertingSections.route),
            ("receivers", alertingSections.receivers), ("inhibit_rules", alertingSections.inhibitRules),
            ("time_intervals", alertingSections.timeIntervals),
            ("mute_time_intervals", alertingSections.muteTimeIntervals), ("templates", alertingSections.templates),
            ("alerts", alertingSections.alerts), ("monitoring", alertingSections.monitoring),
        ]
        for case (let key, let node?) in sections { entries.append((key, DumpNode(redacting: node, key: key))) }
        return DumpNode.mapping(entries).document
    }
}

extension DumpNode {
    static func bool(_ value: Bool) -> DumpNode { .plain(value ? "true" : "false") }
    static func int(_ value: Int) -> DumpNode { .plain(String(value)) }
    static func size(_ value: Int) -> DumpNode { .plain(SizeText.string(bytes: value)) }
    static func duration(_ value: Duration) -> DumpNode { .plain(value.configurationText) }
    static func texts(_ values: [String]) -> DumpNode { .list(values.map(DumpNode.text)) }
    static func labels(_ labels: LabelSet) -> DumpNode {
        .mapping(labels.map { ($0.name, .text($0.value)) })
    }
}
