import MartletAlerting

extension ReceiverConfiguration {
    /// The receiver's channels as entries of `alerts.channels`.
    func dumps(isDefault: Bool, _ showsSecrets: Bool) -> [DumpNode] {
        let entries =
            webhooks.map { (type: "webhook", keys: $0.dump(showsSecrets)) }
            + channels.map { (type: $0.kind.rawValue, keys: $0.dump(showsSecrets)) }
        return entries.map { type, keys in
            let head: [(key: String, value: DumpNode)] = [("name", .text(name)), ("type", .text(type))]
            return .mapping(head + (isDefault ? [] : [("default", .bool(false))]) + keys)
        }
    }
}

extension WebhookConfiguration {
    fileprivate func dump(_ showsSecrets: Bool) -> [(key: String, value: DumpNode)] {
        var entries = DumpNode.secret(url, "url", showsSecrets)
        entries.append(("send_resolved", .bool(sendsResolved)))
        if maxAlerts > 0 { entries.append(("max_alerts", .int(maxAlerts))) }
        entries.append(("timeout", .duration(timeout)))
        if let template { entries.append(("template", .text(template))) }
        if let minimumSeverity { entries.append(("min_severity", .text(minimumSeverity.rawValue))) }
        return entries + [("http_config", .mapping(http.dump(showsSecrets: showsSecrets)))]
    }
}

extension ChannelConfiguration {
    /// What differs from the defaults of the kind.
    fileprivate func dump(_ showsSecrets: Bool) -> [(key: String, value: DumpNode)] {
        let keys = ChannelKeys.keys(of: kind)
        var entries: [(key: String, value: DumpNode)] = [
            ("send_resolved", .bool(sendsResolved)), ("timeout", .duration(timeout)),
        ]
        if let minimumSeverity { entries.append(("min_severity", .text(minimumSeverity.rawValue))) }
        for (key, value) in texts.sorted(by: { $0.key < $1.key }) where keys.texts[key] != .some(value) {
            entries.append((key, .text(value)))
        }
        for (key, source) in secrets.sorted(by: { $0.key < $1.key }) {
            entries += DumpNode.secret(source, key, showsSecrets)
        }
        for (key, items) in lists.sorted(by: { $0.key < $1.key }) where !items.isEmpty {
            entries.append((key, .texts(items)))
        }
        for (key, map) in maps.sorted(by: { $0.key < $1.key }) where !map.isEmpty {
            // Headers and environments may carry credentials.
            let pairs = map.sorted { $0.key < $1.key }.map { name, value in
                (name, DumpNode.text(showsSecrets || key == "details" ? value : Secret.placeholder))
            }
            entries.append((key, .mapping(pairs)))
        }
        for (key, flag) in flags.sorted(by: { $0.key < $1.key }) where keys.flags[key] != flag {
            entries.append((key, .bool(flag)))
        }
        for (key, number) in numbers.sorted(by: { $0.key < $1.key }) { entries.append((key, .int(number))) }
        if !fields.isEmpty { entries.append(("fields", .list(fields.map(\.dump)))) }
        if kind == .email {
            if http.tls != TLSSettings() { entries.append(("tls_config", http.tls.dump)) }
        } else if kind != .log, kind != .command {
            entries.append(("http_config", .mapping(http.dump(showsSecrets: showsSecrets))))
        }
        return entries
    }
}

extension ChannelConfiguration.Field {
    fileprivate var dump: DumpNode {
        .mapping([("title", .text(title)), ("value", .text(value)), ("short", .bool(isShort))])
    }
}
