import MartletYAML

extension LogSource {
    private enum Start: String, CaseIterable {
        case beginning
        case end
    }

    /// Reads a source; `nil` where it does not say what it reads, which is reported.
    init?(reading reader: MappingReader) {
        guard let name = reader.requiredString("name") else {
            reader.skip(LogSource.keys)
            return nil
        }
        guard let subject = LogSource.subject(reader) else {
            reader.skip(LogSource.keys)
            return nil
        }
        self.name = name
        self.subject = subject
        pattern = reader.string("pattern")
        format = reader.choice("format", Format.self) ?? (pattern == nil ? .auto : .pattern)
        if let pattern { LogSource.check(pattern, reader, "pattern") }
        if pattern == nil, format == .pattern {
            reader.report("format: pattern needs an expression with named groups in \"pattern\"", at: "format")
        }
        if pattern != nil, format != .pattern {
            reader.report(
                "\"pattern\" and \"format: \(format.rawValue)\" contradict one another; remove one",
                at: "pattern"
            )
        }
        if let node = reader.node("multiline") {
            if node.scalar != nil {
                joinsLines = reader.bool("multiline") ?? false
            } else if let nested = MappingReader(node, reader.context) {
                startPattern = nested.requiredString("start")
                if let startPattern { LogSource.check(startPattern, nested, "start") }
                nested.finish()
            }
        }
        beginsAtEnd = reader.choice("from", Start.self) == .end
        attributes = Dictionary(
            (reader.node("attributes") == nil ? [] : reader.texts("attributes")).map { ($0.key, $0.value) }
        ) {
            $1
        }
        if let service = reader.string("service") { attributes["service.name"] = service }
        if case .files = subject { return }
        for key in ["format", "pattern", "multiline", "from"] where reader.has(key) {
            reader.report("\"\(key)\" is for files; syslog is read as syslog", at: key)
        }
    }

    private static let keys = [
        "name", "file", "syslog_udp", "syslog_tcp", "format", "pattern", "multiline", "from", "attributes", "service",
    ]

    private static func subject(_ reader: MappingReader) -> Subject? {
        let named = ["file", "syslog_udp", "syslog_tcp"].filter { reader.has($0) }
        guard named.count == 1, let key = named.first else {
            reader.report("a source needs one of file, syslog_udp and syslog_tcp; it has \(named.count)", at: "name")
            return nil
        }
        guard key != "file" else {
            let isOne = reader.node("file")?.scalar != nil
            let written = isOne ? reader.string("file").map { [$0] } ?? [] : reader.strings("file")
            let paths = written.map { reader.context.resolve($0) }
            for path in paths where path.split(separator: "/").dropLast().contains(where: { $0.contains("*") }) {
                reader.report("\"*\" may only stand in the last part of a path: \"\(path)\"", at: "file")
            }
            return paths.isEmpty ? nil : .files(paths)
        }
        guard let address = reader.listenAddress(key, default: nil) else {
            reader.report("expected an address such as 127.0.0.1:5514", at: key)
            return nil
        }
        return key == "syslog_udp" ? .syslogUDP(address) : .syslogTCP(address)
    }

    private static func check(_ pattern: String, _ reader: MappingReader, _ key: String) {
        _ = reader.pattern(key)
        if key == "pattern", !pattern.contains("(?P<") {
            reader.report("the expression has no named group such as (?P<message>.*)", at: key)
        }
    }
}

extension AuditSettings {
    private enum Durability: String, CaseIterable {
        case each
        case os
    }

    init(reading reader: MappingReader) {
        if reader.string("retention") == "forever" {
            retention = nil
        } else {
            retention = reader.positiveDuration("retention") ?? retention
        }
        bytesMax = reader.positiveSize("max_bytes")
        isSynced = reader.choice("durability", Durability.self) != .os
        blockEvents = reader.int("block_events", in: 1...1_000_000, default: blockEvents)
        guard let node = reader.node("checkpoints"), let nested = MappingReader(node, reader.context) else { return }
        checkpointInterval = nested.positiveDuration("interval") ?? checkpointInterval
        publishesToLog = nested.bool("log", default: true)
        publishFile = nested.path("file")
        publishWebhook = nested.string("webhook")
        if let publishWebhook, !publishWebhook.hasPrefix("http://"), !publishWebhook.hasPrefix("https://") {
            nested.report("webhook must begin with http:// or https://", at: "webhook")
        }
        nested.finish()
    }
}
