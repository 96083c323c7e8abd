import MartletCore
import MartletYAML

extension GlobalConfiguration {
    init(reading reader: MappingReader) {
        scrapeInterval = reader.positiveDuration("scrape_interval") ?? scrapeInterval
        scrapeTimeout = reader.scrapeTimeout(interval: scrapeInterval, inherited: scrapeTimeout)
        evaluationInterval = reader.positiveDuration("evaluation_interval") ?? evaluationInterval
        ruleQueryOffset = reader.duration("rule_query_offset", default: ruleQueryOffset)
        externalLabels = reader.labels("external_labels")
        scrapeProtocols = reader.scrapeProtocols(inherited: scrapeProtocols)
        limits = ScrapeLimits(reading: reader, inherited: limits)
        reader.acceptScrapeOptions()
        reader.warnUnserved(["query_log_file", "scrape_failure_log_file"], in: "global.")
        for key in AlertingSections.alertmanagerGlobalKeys { _ = reader.raw(key) }
    }
}

extension ScrapeLimits {
    init(reading reader: MappingReader, inherited: ScrapeLimits) {
        self = inherited
        if let bytes = reader.size("body_size_limit") { bodyBytes = bytes == 0 ? Self.bodyBytesCeiling : bytes }
        samples = reader.int("sample_limit", in: 0 ... .max, default: samples)
        labels = reader.int("label_limit", in: 0 ... .max, default: labels)
        labelNameBytes = reader.int("label_name_length_limit", in: 0 ... .max, default: labelNameBytes)
        labelValueBytes = reader.int("label_value_length_limit", in: 0 ... .max, default: labelValueBytes)
        targets = reader.int("target_limit", in: 0 ... .max, default: targets)
        if let kept = reader.int("keep_dropped_targets", in: 0 ... .max), kept > 0 { keptDroppedTargets = kept }
    }
}

extension MappingReader {
    /// Reads `scrape_timeout`: at most the interval, and cut to it where it is only inherited.
    func scrapeTimeout(interval: Duration, inherited: Duration) -> Duration {
        guard let timeout = positiveDuration("scrape_timeout") else { return min(inherited, interval) }
        if timeout > interval {
            let texts = (timeout.configurationText, interval.configurationText)
            report("scrape_timeout \(texts.0) is greater than scrape_interval \(texts.1)", at: "scrape_timeout")
        }
        return timeout
    }

    /// Reads `scrape_protocols`: known, each once, at least one that this version reads.
    func scrapeProtocols(inherited: [ScrapeProtocol]) -> [ScrapeProtocol] {
        guard let node = node("scrape_protocols") else { return inherited }
        var protocols: [ScrapeProtocol] = []
        for (choice, mark) in context.list(
            node,
            { item in
                context.choice(item, ScrapeProtocol.self, what: "scrape protocol").map { ($0, item.mark) }
            }
        ) {
            if protocols.contains(choice) {
                context.report("scrape protocol \"\(choice.rawValue)\" is named twice", at: mark)
            } else {
                protocols.append(choice)
            }
        }
        if protocols == [.prometheusProto] {
            warn(
                "this version does not read PrometheusProto; the standard text forms are asked for",
                at: "scrape_protocols"
            )
            return ScrapeProtocol.standard
        }
        return protocols.isEmpty ? inherited : protocols
    }

    /// Accepts the options of Prometheus' scraping that have one value here, and says so where another is asked for.
    func acceptScrapeOptions() {
        let switches = [
            "scrape_classic_histograms", "always_scrape_classic_histograms", "convert_classic_histograms_to_nhcb",
            "scrape_native_histograms", "extra_scrape_metrics",
        ]
        for key in switches where bool(key) == true {
            warn("\"\(key)\" is not served by this version and has no effect", at: key)
        }
        if let scheme = string("metric_name_validation_scheme"), scheme != "utf8" {
            if scheme == "legacy" {
                warn(
                    "metric names are always checked as utf8; \"legacy\" has no effect",
                    at: "metric_name_validation_scheme"
                )
            } else {
                report("unknown scheme \"\(scheme)\"; known are utf8, legacy", at: "metric_name_validation_scheme")
            }
        }
        warnUnserved([
            "metric_name_escaping_scheme", "native_histogram_bucket_limit", "native_histogram_min_bucket_factor",
        ])
    }
}
