import MartletYAML
import MartletCore

extension ServerConfiguration {
    init(reading reader: MappingReader) {
        isListenNamed = reader.has("listen")
        isHealthListenNamed = reader.has("health_listen")
        listen = reader.listenAddress("listen", default: listen)
        healthListen = reader.listenAddress("health_listen", default: healthListen)
        isOTLPListenNamed = reader.has("otlp_http_listen")
        otlpListen = reader.listenAddress("otlp_http_listen", default: otlpListen)
        isGRPCListenNamed = reader.has("otlp_grpc_listen")
        grpcListen = reader.listenAddress("otlp_grpc_listen", default: grpcListen)
        allowsInsecureListen = reader.bool("insecure_listen", default: false)
        isJSONAPIEnabled = reader.bool("json_api_enabled", default: true)
        isPrometheusEnabled = reader.bool("prometheus_enabled", default: true)
        tls = reader.mapping("tls") { ServerTLS(reading: $0) }
        externalURL = reader.string("external_url")
        if let externalURL, !externalURL.hasPrefix("http://"), !externalURL.hasPrefix("https://") {
            reader.report("external_url must begin with http:// or https://", at: "external_url")
        }
        limits = reader.mapping("limits") { ServerLimits(reading: $0) } ?? limits
        notificationAllowlist = reader.strings("notification_allowlist")
        if reader.node("authentication") != nil {
            // Starting without the protection that a file asks for would be worse than not starting.
            reader.report(
                "\"authentication\" is not served by this version; listen on loopback only and remove it",
                at: "authentication"
            )
        }
    }
}

extension ServerTLS {
    init?(reading reader: MappingReader) {
        _ = reader.requiredString("cert_file")
        _ = reader.requiredString("key_file")
        clientAuthorityFile = reader.path("client_ca_file")
        guard let certificate = reader.path("cert_file"), let key = reader.path("key_file") else { return nil }
        certificateFile = certificate
        keyFile = key
    }
}

extension ServerLimits {
    init(reading reader: MappingReader) {
        connections = reader.int("connections", in: 1...1_000_000, default: connections)
        headerBytes = reader.positiveSize("header_bytes") ?? headerBytes
        bodyBytes = reader.positiveSize("body_bytes") ?? bodyBytes
        headerTimeout = reader.positiveDuration("header_timeout") ?? headerTimeout
        bodyTimeout = reader.positiveDuration("body_timeout") ?? bodyTimeout
        queryTimeout = reader.positiveDuration("query_timeout") ?? queryTimeout
        queryConcurrency = reader.int("query_concurrency", in: 1...10_000, default: queryConcurrency)
        querySamples = reader.int("query_samples", in: 1 ... .max, default: querySamples)
    }
}

extension TracesConfiguration {
    init(reading reader: MappingReader) {
        retention = reader.positiveDuration("retention") ?? retention
        bytesMax = reader.positiveSize("max_bytes")
        reader.mapping("inputs") { inputs in
            jaegerAgentListen = inputs.listenAddress("jaeger_agent_listen", default: nil)
        }
        reader.warnUnserved(["sampling", "tail"], in: "traces.")
    }
}

extension LogsConfiguration {
    init(reading reader: MappingReader) {
        retention = reader.positiveDuration("retention") ?? retention
        bytesMax = reader.positiveSize("max_bytes")
        metrics = reader.mappings("metrics") { LogMetric(reading: $0) }
        sources = reader.mappings("sources") { LogSource(reading: $0) }
        let names = Dictionary(sources.map { ($0.name, 1) }, uniquingKeysWith: +)
        for (name, count) in names where count > 1 {
            reader.report("\(count) sources have the name \"\(name)\"; names tell them apart in metrics", at: "sources")
        }
        reader.warnUnserved(["levels", "sampling"], in: "logs.")
    }
}

extension MetricsConfiguration {
    init(reading reader: MappingReader) {
        collectionInterval = reader.positiveDuration("collection_interval") ?? collectionInterval
        reader.warnUnserved(["push_interval", "naming"], in: "metrics.")
    }
}

extension OTLPConfiguration {
    init(reading reader: MappingReader) {
        strategy = reader.choice("translation_strategy", Strategy.self) ?? strategy
        promotedAttributes = reader.strings("promote_resource_attributes")
        promotesAllAttributes = reader.bool("promote_all_resource_attributes", default: false)
        ignoredAttributes = reader.strings("ignore_resource_attributes")
        keepsIdentifyingAttributes = reader.bool("keep_identifying_resource_attributes", default: false)
        promotesScope = reader.bool("promote_scope_metadata", default: true)
        convertsHistograms = reader.bool("convert_histograms_to_nhcb", default: false)
        if promotesAllAttributes, !promotedAttributes.isEmpty {
            reader.report(
                "promote_resource_attributes says which and promote_all_resource_attributes says all; give one of them",
                at: "promote_resource_attributes"
            )
        }
        reader.warnUnserved(
            ["label_name_underscore_sanitization", "label_name_preserve_multiple_underscores"],
            in: "otlp."
        )
    }
}

extension StorageConfiguration {
    /// Reads the section over what other sections say.
    init(reading reader: MappingReader, over base: StorageConfiguration) {
        self = base
        if let retention: Retention = reader.mapping("retention", { Retention(reading: $0) }) {
            rawRetention = retention.raw ?? rawRetention
            hourlyRetention = retention.hourly ?? hourlyRetention
            dailyRetention = retention.daily ?? dailyRetention
            bytesMax = retention.bytesMax
            if retention.daily != nil, reader.node("retention_days") != nil {
                reader.report(
                    "retention_days and retention.daily both say how long daily roll-ups are kept; give one of them",
                    at: "retention_days"
                )
            }
        }
        dailyRetention = reader.days("retention_days") ?? dailyRetention
        durability = reader.choice("durability", Durability.self) ?? durability
        syncInterval = reader.positiveDuration("sync_interval") ?? syncInterval
        outOfOrderWindow = reader.duration("out_of_order_window", default: outOfOrderWindow)
        seriesMax = reader.int("series_max", in: 1 ... .max)
        seriesPerTargetMax = reader.int("series_max_per_target", in: 1 ... .max)
        seriesPerMetricMax = reader.int("series_max_per_metric", in: 1 ... .max)
        readPrometheusKeys(reader)
        reader.warnUnserved(["metrics", "logs", "traces", "exemplars"], in: "storage.")
    }

    private struct Retention {
        var raw: Duration?
        var hourly: Duration?
        var daily: Duration?
        var bytesMax: Int?

        init(reading reader: MappingReader) {
            raw = reader.positiveDuration("raw")
            hourly = reader.positiveDuration("hourly")
            daily = reader.positiveDuration("daily")
            bytesMax = reader.positiveSize("max_bytes")
        }
    }

    /// The `monitoring` section says of its parts how many days they are kept; one store holds them all, the longest counts.
    mutating func readRetention(monitoring node: YAMLNode, _ context: ReadingContext) {
        guard let monitoring = MappingReader(node, context) else { return }
        let days = ["metrics", "performance"].compactMap { part -> Duration? in
            guard let node = monitoring.node(part), case .mapping = node.content else { return nil }
            return MappingReader(node, context)?.days("retention_days")
        }
        dailyRetention = days.max() ?? dailyRetention
    }

    /// Prometheus keeps the same settings under `storage.tsdb`.
    private mutating func readPrometheusKeys(_ reader: MappingReader) {
        guard let tsdb = reader.node("tsdb"), let nested = MappingReader(tsdb, reader.context) else { return }
        outOfOrderWindow = nested.duration("out_of_order_time_window", default: outOfOrderWindow)
        if let retention = nested.node("retention"), let values = MappingReader(retention, reader.context) {
            rawRetention = values.positiveDuration("time") ?? rawRetention
            bytesMax = values.positiveSize("size") ?? bytesMax
            values.warnUnserved(["percentage"], in: "storage.tsdb.retention.")
            values.finish()
        }
        nested.finish()
    }
}

extension MappingReader {
    /// A number of bytes above zero, or `nil`; zero is reported.
    func positiveSize(_ key: String) -> Int? {
        guard let bytes = size(key) else { return nil }
        if bytes > 0 { return bytes }
        report("\"\(key)\" must be more than zero", at: key)
        return nil
    }

    /// A number of days from 1 to some hundred years, or `nil`.
    func days(_ key: String) -> Duration? {
        int(key, in: 1...36_500).map { .seconds($0 * 86_400) }
    }

    /// An address to listen on; the word `none` gives `nil`.
    func listenAddress(_ key: String, default address: ListenAddress?) -> ListenAddress? {
        guard let text = string(key) else { return address }
        if text == "none" { return nil }
        if let address = ListenAddress(text) { return address }
        report("expected an address such as 127.0.0.1:9090 or none, found \"\(text)\"", at: key)
        return address
    }
}
