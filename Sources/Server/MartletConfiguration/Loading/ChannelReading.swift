import MartletAlerting
import MartletCore
import MartletYAML

/// Reads one channel of any kind by its table of keys.
struct ChannelReading {
    /// What the `global` section of Alertmanager says for all channels.
    struct Defaults {
        var http: YAMLNode?
        var texts: [ChannelConfiguration.Kind: [String: String]] = [:]
        var secrets: [ChannelConfiguration.Kind: [String: SecretSource]] = [:]
        var flags: [ChannelConfiguration.Kind: [String: Bool]] = [:]
    }

    let context: ReadingContext
    let defaults: Defaults

    /// A channel, or `nil` after what is wrong was reported; unknown keys are for whoever finishes the reader.
    func read(_ kind: ChannelConfiguration.Kind, _ reader: MappingReader) -> ChannelConfiguration? {
        let keys = ChannelKeys.keys(of: kind)
        var channel = ChannelConfiguration(kind)
        channel.sendsResolved = reader.bool("send_resolved", default: keys.sendsResolved)
        channel.timeout = reader.positiveDuration("timeout") ?? (kind == .email ? .seconds(30) : .seconds(10))
        channel.minimumSeverity = severity(reader)
        let name = { (key: String) in
            reader.has(key) ? key : keys.aliases.first { $0.value == key && reader.has($0.key) }?.key ?? key
        }
        for (key, value) in keys.texts {
            let written = key == "to" ? recipients(name(key), reader) : reader.string(name(key))
            channel.texts[key] = written ?? defaults.texts[kind]?[key] ?? value
        }
        for key in keys.secrets {
            channel.secrets[key] = reader.secretSource(name(key)) ?? defaults.secrets[kind]?[key]
        }
        for key in keys.lists { channel.lists[key] = reader.strings(name(key)) }
        for key in keys.maps {
            channel.maps[key] = Dictionary(reader.texts(name(key)).map { ($0.key, $0.value) }) { $1 }
        }
        for (key, value) in keys.flags {
            channel.flags[key] = reader.bool(name(key)) ?? defaults.flags[kind]?[key] ?? value
        }
        for (key, value) in keys.numbers { channel.numbers[key] = reader.int(name(key)) ?? value }
        if kind == .slack { channel.fields = fields(reader) }
        if kind == .email { readMail(reader, &channel) } else { channel.http = http(reader) }
        reader.warnUnserved(keys.unserved, in: "\(kind.rawValue)_configs.")
        return isComplete(channel, keys, reader) ? channel : nil
    }

    /// The client's settings, the channel's own or else the global ones; redirects are followed only if they say so.
    func http(_ reader: MappingReader) -> HTTPClientSettings {
        var settings = HTTPClientSettings()
        settings.followsRedirects = false
        guard let node = reader.node("http_config") ?? defaults.http, let http = MappingReader(node, context) else {
            return settings
        }
        settings = HTTPClientSettings(reading: http)
        settings.followsRedirects = http.bool("follow_redirects", default: false)
        http.finish()
        return settings
    }

    /// The lowest severity that is told, under any of its names.
    func severity(_ reader: MappingReader) -> AlertSeverity? {
        for key in ["min_severity", "minimum_severity"] {
            guard let word = reader.string(key) else { continue }
            if let severity = AlertSeverity(word: word) { return severity }
            let known = AlertSeverity.allCases.map(\.rawValue)
            let near = Suggestion.closest(to: word, among: known).map { " (did you mean \"\($0)\"?)" } ?? ""
            reader.report("unknown severity \"\(word)\"\(near); known are \(known.joined(separator: ", "))", at: key)
        }
        return nil
    }

    private func recipients(_ key: String, _ reader: MappingReader) -> String? {
        guard let node = reader.node(key) else { return nil }
        if case .sequence = node.content { return reader.strings(key).joined(separator: ", ") }
        return reader.string(key)
    }

    private func fields(_ reader: MappingReader) -> [ChannelConfiguration.Field] {
        reader.mappings("fields") { field in
            guard let title = field.requiredString("title"), let value = field.requiredString("value") else {
                return nil
            }
            let isShort = field.bool("short") ?? reader.bool("short_fields", default: false)
            return .init(title: title, value: value, isShort: isShort)
        }
    }

    private func readMail(_ reader: MappingReader, _ channel: inout ChannelConfiguration) {
        channel.http.tls = reader.mapping("tls_config") { TLSSettings(reading: $0) } ?? TLSSettings()
        // The friendly form has host and port apart.
        if let host = reader.string("smtp_host") ?? reader.string("smtp_server") {
            channel.texts["smarthost"] = host.contains(":") ? host : "\(host):\(reader.int("smtp_port", default: 587))"
        } else {
            reader.skip(["smtp_host", "smtp_server"])
            _ = reader.int("smtp_port")
        }
        guard let place = channel.texts["smarthost"] else { return }
        let port = place.split(separator: ":", omittingEmptySubsequences: false).last.flatMap { Int($0) }
        if !place.contains(":") || port == nil {
            let key = ["smarthost", "smtp_host", "smtp_server"].first(where: reader.has) ?? "smarthost"
            reader.report("expected a mail server such as mail.example.org:587, found \"\(place)\"", at: key)
        }
    }

    private func isComplete(_ channel: ChannelConfiguration, _ keys: ChannelKeys, _ reader: MappingReader) -> Bool {
        var isComplete = true
        for choice in keys.required {
            let isGiven = choice.contains { key in
                channel.secrets[key] != nil || !(channel.texts[key] ?? "").isEmpty
            }
            guard !isGiven else { continue }
            isComplete = false
            // One that is there and wrong is reported already.
            let names = choice + choice.map { "\($0)_file" }
            guard !names.contains(where: reader.has) else { continue }
            let secret = choice.first.map { keys.secrets.contains($0) } ?? false
            let quoted = (choice + (secret ? choice.map { "\($0)_file" } : [])).map { "\"\($0)\"" }
            context.report("missing field \(quoted.joined(separator: " or "))", at: reader.mark)
        }
        for key in ["api_url", "webhook_url", "url"] {
            let text: String?
            if case .inline(let secret)? = channel.secrets[key] {
                text = secret.reveal()
            } else {
                text = channel.texts[key]
            }
            guard let text, channel.kind != .ntfy || key == "url" else { continue }
            // A variable that is not put in yet may be any address.
            guard context.environment != nil || !text.hasPrefix("${") else { continue }
            if !text.hasPrefix("http://"), !text.hasPrefix("https://") {
                reader.report("\(key) must begin with http:// or https://", at: key)
                isComplete = false
            }
        }
        return isComplete
    }
}
