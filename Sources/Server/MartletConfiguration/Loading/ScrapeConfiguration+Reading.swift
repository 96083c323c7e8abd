import MartletCore
import MartletYAML

extension ScrapeConfiguration {
    /// Prometheus' discoveries that are not served.
    private static let otherDiscoveries = [
        "azure", "consul", "digitalocean", "dns", "docker", "dockerswarm", "ec2", "eureka", "gce", "hetzner", "http",
        "ionos", "kubernetes", "kuma", "lightsail", "linode", "marathon", "nerve", "nomad", "openstack", "ovhcloud",
        "puppetdb", "scaleway", "serverset", "stackit", "triton", "uyuni", "vultr",
    ]

    /// Reads one entry of `scrape_configs`; `nil` where it has no name.
    init?(reading reader: MappingReader, global: GlobalConfiguration) {
        let name = reader.requiredString("job_name")
        self.init(jobName: name ?? "")
        interval = reader.positiveDuration("scrape_interval") ?? global.scrapeInterval
        timeout = reader.scrapeTimeout(interval: interval, inherited: global.scrapeTimeout)
        metricsPath = reader.string("metrics_path", default: metricsPath)
        parameters = Self.parameters(reader)
        scheme = reader.choice("scheme", Scheme.self)?.rawValue ?? scheme
        http = HTTPClientSettings(reading: reader)
        asksForCompression = reader.bool("enable_compression", default: true)
        honorsLabels = reader.bool("honor_labels", default: false)
        honorsTimestamps = reader.bool("honor_timestamps", default: true)
        tracksTimestampStaleness = reader.bool("track_timestamps_staleness", default: false)
        protocols = reader.scrapeProtocols(inherited: global.scrapeProtocols)
        fallbackProtocol = reader.choice("fallback_scrape_protocol", ScrapeProtocol.self)
        limits = ScrapeLimits(reading: reader, inherited: global.limits)
        staticGroups = reader.mappings("static_configs") { TargetGroup(reading: $0) }
        fileDiscoveries = reader.mappings("file_sd_configs") { FileDiscovery(reading: $0) }
        relabelRules = reader.mappings("relabel_configs") { RelabelRule(reading: $0) }
        metricRelabelRules = reader.mappings("metric_relabel_configs") { RelabelRule(reading: $0) }
        reader.acceptScrapeOptions()
        reader.warnUnserved(["native_histogram_bucket_limit", "scrape_failure_log_file"])
        for discovery in Self.otherDiscoveries where reader.node("\(discovery)_sd_configs") != nil {
            let key = "\(discovery)_sd_configs"
            reader.report("\"\(key)\" is not supported; supported are static_configs and file_sd_configs", at: key)
        }
        if name == nil { return nil }
    }

    private enum Scheme: String, CaseIterable {
        case http
        case https
    }

    private static func parameters(_ reader: MappingReader) -> [Parameter] {
        reader.mapping("params") { params in
            params.keys.map { Parameter(name: $0, values: params.strings($0)) }
        }?.sorted { $0.name < $1.name } ?? []
    }
}

extension TargetGroup {
    /// Reads a group, from static configuration or a target file.
    ///
    /// Unknown keys are reported by whoever finishes the reader.
    public init(reading reader: MappingReader) {
        let targets = reader.list("targets") { Self.target($0, reader.context) }
        self.init(targets: targets, labels: reader.labels("labels"))
    }

    /// A target's address: `host:port`, without a scheme or a path.
    static func target(_ node: YAMLNode, _ context: ReadingContext) -> String? {
        guard let address = context.string(node, expected: "an address such as host:9100") else {
            if node.isNull { context.report("expected an address such as host:9100, found nothing", at: node.mark) }
            return nil
        }
        if address.contains("/") {
            context.report(
                "\"\(address)\" is not a valid target; write host:port, and the rest as scheme and metrics_path",
                at: node.mark
            )
            return nil
        }
        return address
    }
}

extension FileDiscovery {
    init?(reading reader: MappingReader) {
        let context = reader.context
        let interval = reader.positiveDuration("refresh_interval")
        guard let node = reader.requiredNode("files") else { return nil }
        let patterns: [String] = context.list(node) { item in
            guard let pattern = context.string(item, expected: "a path") else { return nil }
            let name = pattern.split(separator: "/").last ?? ""
            guard [".json", ".yml", ".yaml"].contains(where: { name.hasSuffix($0) }) else {
                context.report(
                    "path \"\(pattern)\" must end in .json, .yml or .yaml, and only its last part may be a pattern",
                    at: item.mark
                )
                return nil
            }
            return context.resolve(pattern)
        }
        self.init(patterns: patterns)
        if let interval { refreshInterval = interval }
    }
}
