import MartletCore
import MartletYAML

extension GlobalConfiguration {
    /// The section, with Alertmanager's keys as the file has them.
    func dump(raw: YAMLNode?) -> DumpNode {
        var entries: [(key: String, value: DumpNode)] = [
            ("scrape_interval", .duration(scrapeInterval)), ("scrape_timeout", .duration(scrapeTimeout)),
            ("scrape_protocols", .texts(scrapeProtocols.map(\.rawValue))),
            ("evaluation_interval", .duration(evaluationInterval)),
        ]
        if ruleQueryOffset > .zero { entries.append(("rule_query_offset", .duration(ruleQueryOffset))) }
        if !externalLabels.isEmpty { entries.append(("external_labels", .labels(externalLabels))) }
        entries += limits.dump
        if case .mapping(let pairs) = raw?.content {
            for (key, value) in pairs {
                guard let name = key.scalar, AlertingSections.alertmanagerGlobalKeys.contains(name) else { continue }
                entries.append((name, DumpNode(redacting: value, key: name)))
            }
        }
        return .mapping(entries)
    }
}

extension ScrapeLimits {
    /// The body limit, and the others where they are set.
    var dump: [(key: String, value: DumpNode)] {
        var entries: [(key: String, value: DumpNode)] = [("body_size_limit", .size(bodyBytes))]
        let counts = [
            ("sample_limit", samples), ("label_limit", labels), ("label_name_length_limit", labelNameBytes),
            ("label_value_length_limit", labelValueBytes), ("target_limit", targets),
        ]
        for (key, count) in counts where count > 0 { entries.append((key, .int(count))) }
        return entries
    }
}

extension ScrapeConfiguration {
    var dump: DumpNode {
        var entries: [(key: String, value: DumpNode)] = [
            ("job_name", .text(jobName)), ("honor_labels", .bool(honorsLabels)),
            ("honor_timestamps", .bool(honorsTimestamps)),
            ("track_timestamps_staleness", .bool(tracksTimestampStaleness)),
        ]
        if !parameters.isEmpty {
            entries.append(("params", .mapping(parameters.map { ($0.name, $0.dump) })))
        }
        entries += [
            ("scrape_interval", .duration(interval)), ("scrape_timeout", .duration(timeout)),
            ("scrape_protocols", .texts(protocols.map(\.rawValue))),
        ]
        if let fallbackProtocol { entries.append(("fallback_scrape_protocol", .text(fallbackProtocol.rawValue))) }
        entries += [
            ("metrics_path", .text(metricsPath)), ("scheme", .text(scheme)),
            ("enable_compression", .bool(asksForCompression)),
        ]
        entries += limits.dump + http.dump(showsSecrets: false)
        let lists: [(String, [DumpNode])] = [
            ("relabel_configs", relabelRules.map(\.dump)), ("metric_relabel_configs", metricRelabelRules.map(\.dump)),
            ("static_configs", staticGroups.map(\.dump)), ("file_sd_configs", fileDiscoveries.map(\.dump)),
        ]
        for (key, items) in lists where !items.isEmpty { entries.append((key, .list(items))) }
        return .mapping(entries)
    }
}

extension ScrapeConfiguration.Parameter {
    /// The values; those of parameters that carry secrets by their name are hidden.
    fileprivate var dump: DumpNode {
        .texts(SecretKeys.isSecret(name) ? values.map { _ in Secret.placeholder } : values)
    }
}

extension TargetGroup {
    fileprivate var dump: DumpNode {
        .mapping([("targets", .texts(targets))] + (labels.isEmpty ? [] : [("labels", .labels(labels))]))
    }
}

extension FileDiscovery {
    fileprivate var dump: DumpNode {
        .mapping([("files", .texts(patterns)), ("refresh_interval", .duration(refreshInterval))])
    }
}

extension RelabelRule {
    fileprivate var dump: DumpNode {
        var entries: [(key: String, value: DumpNode)] = []
        if !sourceLabels.isEmpty { entries.append(("source_labels", .texts(sourceLabels))) }
        if ![.labelDrop, .labelKeep, .keepEqual, .dropEqual].contains(action) {
            entries.append(("separator", .text(separator)))
        }
        if ![.keepEqual, .dropEqual].contains(action) { entries.append(("regex", .text(regex))) }
        if modulus > 0 { entries.append(("modulus", .plain(String(modulus)))) }
        if !targetLabel.isEmpty { entries.append(("target_label", .text(targetLabel))) }
        if ![.labelDrop, .labelKeep, .keepEqual, .dropEqual].contains(action) {
            entries.append(("replacement", .text(replacement)))
        }
        return .mapping(entries + [("action", .text(action.rawValue))])
    }
}

extension HTTPClientSettings {
    /// The settings; secrets that stand in the configuration itself are `<secret>` unless they shall be shown.
    func dump(showsSecrets: Bool) -> [(key: String, value: DumpNode)] {
        var entries: [(key: String, value: DumpNode)] = []
        let hidden = { (source: SecretSource?, key: String) in DumpNode.secret(source, key, showsSecrets) }
        switch credentials {
        case .basic(let user, let password)?:
            entries.append(("basic_auth", .mapping([("username", .text(user))] + hidden(password, "password"))))
        case .basicFromFile(let file, let password)?:
            entries.append(("basic_auth", .mapping([("username_file", .text(file))] + hidden(password, "password"))))
        case .authorization(let scheme, let secret)?:
            entries.append(("authorization", .mapping([("type", .text(scheme))] + hidden(secret, "credentials"))))
        case nil: break
        }
        if tls != TLSSettings() { entries.append(("tls_config", tls.dump)) }
        entries += hidden(proxy.map(SecretSource.inline), "proxy_url")
        entries.append(("follow_redirects", .bool(followsRedirects)))
        if !headers.isEmpty { entries.append(("http_headers", dumpedHeaders(showsSecrets))) }
        return entries
    }

    private func dumpedHeaders(_ showsSecrets: Bool) -> DumpNode {
        let names = headers.reduce(into: [String]()) { if !$0.contains($1.name) { $0.append($1.name) } }
        return .mapping(
            names.map { name in
                var lists: [String: [DumpNode]] = [:]
                for header in headers where header.name == name {
                    for value in header.values {
                        switch value {
                        case .file(let path): lists["files", default: []].append(.text(path))
                        case .inline(let text) where header.isSecret:
                            let shown = showsSecrets ? text.reveal() : Secret.placeholder
                            lists["secrets", default: []].append(.text(shown))
                        case .inline(let text): lists["values", default: []].append(.text(text.reveal()))
                        }
                    }
                }
                return (name, .mapping(lists.sorted { $0.key < $1.key }.map { ($0.key, .list($0.value)) }))
            }
        )
    }
}

extension TLSSettings {
    var dump: DumpNode {
        let files = [
            ("ca_file", authorityFile), ("cert_file", certificateFile), ("key_file", keyFile),
            ("server_name", serverName),
        ]
        var entries: [(key: String, value: DumpNode)] = []
        for case (let key, let value?) in files { entries.append((key, .text(value))) }
        return .mapping(entries + [("insecure_skip_verify", .bool(acceptsAnyCertificate))])
    }
}

extension ServerConfiguration {
    var dump: DumpNode {
        var entries: [(key: String, value: DumpNode)] = [
            ("listen", .text(listen?.description ?? "none")),
            ("health_listen", .text(healthListen?.description ?? "none")),
            ("otlp_http_listen", .text(otlpListen?.description ?? "none")),
            ("otlp_grpc_listen", .text(grpcListen?.description ?? "none")),
            ("insecure_listen", .bool(allowsInsecureListen)), ("json_api_enabled", .bool(isJSONAPIEnabled)),
            ("prometheus_enabled", .bool(isPrometheusEnabled)),
        ]
        if let tls {
            var files: [(key: String, value: DumpNode)] = [
                ("cert_file", .text(tls.certificateFile)), ("key_file", .text(tls.keyFile)),
            ]
            if let authority = tls.clientAuthorityFile { files.append(("client_ca_file", .text(authority))) }
            entries.append(("tls", .mapping(files)))
        }
        if let externalURL { entries.append(("external_url", .text(externalURL))) }
        if !notificationAllowlist.isEmpty { entries.append(("notification_allowlist", .texts(notificationAllowlist))) }
        return .mapping(entries + [("limits", limits.dump)])
    }
}

extension ServerLimits {
    fileprivate var dump: DumpNode {
        .mapping([
            ("connections", .int(connections)), ("header_bytes", .size(headerBytes)), ("body_bytes", .size(bodyBytes)),
            ("header_timeout", .duration(headerTimeout)), ("body_timeout", .duration(bodyTimeout)),
            ("query_timeout", .duration(queryTimeout)), ("query_concurrency", .int(queryConcurrency)),
            ("query_samples", .int(querySamples)),
        ])
    }
}

extension OTLPConfiguration {
    var dump: DumpNode {
        var entries: [(key: String, value: DumpNode)] = [("translation_strategy", .text(strategy.rawValue))]
        if !promotedAttributes.isEmpty { entries.append(("promote_resource_attributes", .texts(promotedAttributes))) }
        if promotesAllAttributes { entries.append(("promote_all_resource_attributes", .bool(true))) }
        if !ignoredAttributes.isEmpty { entries.append(("ignore_resource_attributes", .texts(ignoredAttributes))) }
        if keepsIdentifyingAttributes { entries.append(("keep_identifying_resource_attributes", .bool(true))) }
        entries.append(("promote_scope_metadata", .bool(promotesScope)))
        if convertsHistograms { entries.append(("convert_histograms_to_nhcb", .bool(true))) }
        return .mapping(entries)
    }
}

extension TracesConfiguration {
    var dump: DumpNode {
        var entries: [(key: String, value: DumpNode)] = [("retention", .duration(retention))]
        if let bytesMax { entries.append(("max_bytes", .size(bytesMax))) }
        if let jaegerAgentListen {
            entries.append(("inputs", .mapping([("jaeger_agent_listen", .text(jaegerAgentListen.description))])))
        }
        return .mapping(entries)
    }
}

extension LogsConfiguration {
    var dump: DumpNode {
        var entries: [(key: String, value: DumpNode)] = [("retention", .duration(retention))]
        if let bytesMax { entries.append(("max_bytes", .size(bytesMax))) }
        if !metrics.isEmpty {
            let list = metrics.map { metric in
                DumpNode.mapping([
                    ("name", .text(metric.name)), ("query", .text(metric.query)), ("by", .texts(metric.fields)),
                    ("help", .text(metric.help)),
                ])
            }
            entries.append(("metrics", .list(list)))
        }
        if !sources.isEmpty { entries.append(("sources", .list(sources.map(\.dump)))) }
        return .mapping(entries)
    }
}

extension StorageConfiguration {
    var dump: DumpNode {
        var retention: [(key: String, value: DumpNode)] = [
            ("raw", .duration(rawRetention)), ("hourly", .duration(hourlyRetention)),
            ("daily", .duration(dailyRetention)),
        ]
        if let bytesMax { retention.append(("max_bytes", .size(bytesMax))) }
        var entries: [(key: String, value: DumpNode)] = [
            ("retention", .mapping(retention)), ("durability", .text(durability.rawValue)),
            ("sync_interval", .duration(syncInterval)), ("out_of_order_window", .duration(outOfOrderWindow)),
        ]
        if let seriesMax { entries.append(("series_max", .int(seriesMax))) }
        if let seriesPerTargetMax { entries.append(("series_max_per_target", .int(seriesPerTargetMax))) }
        if let seriesPerMetricMax { entries.append(("series_max_per_metric", .int(seriesPerMetricMax))) }
        return .mapping(entries)
    }
}

extension ScrapeConfiguration {
    /// The job as YAML with its defaults filled in and every secret as `<secret>`.
    public var yaml: String { dump.document }
}

extension HealthConfiguration {
    var dump: DumpNode {
        var entries: [(key: String, value: DumpNode)] = [
            ("interval", .duration(interval)), ("timeout", .duration(timeout)),
            ("overall_status_mode", .text(hasThreeWords ? "s0" : "standard")), ("always_200", .bool(isAlways200)),
            (
                "thresholds",
                .mapping([
                    ("alert", .plain(String(alertThreshold))), ("status", .plain(String(statusThreshold))),
                    ("memory", .plain(FloatText.shortest(memoryThreshold))),
                ])
            ),
        ]
        if !checks.isEmpty { entries.append(("checks", .list(checks.map(\.dump)))) }
        return .mapping(entries)
    }
}

extension HealthCheckConfiguration {
    var dump: DumpNode {
        var entries: [(key: String, value: DumpNode)] = [("name", .text(name))]
        switch subject {
        case .tcp(let host, let port):
            entries.append(("tcp", .text(ListenAddress(host: host, port: Int(port)).description)))
        case .disk(let directory): entries.append(("disk", .text(directory)))
        }
        entries.append(("critical", .bool(isCritical)))
        if !component.isEmpty { entries.append(("component", .text(component))) }
        if let interval { entries.append(("interval", .duration(interval))) }
        if let timeout { entries.append(("timeout", .duration(timeout))) }
        return .mapping(entries)
    }
}
