extension LogSource {
    var dump: DumpNode {
        var entries: [(key: String, value: DumpNode)] = [("name", .text(name))]
        switch subject {
        case .files(let paths): entries.append(("file", .texts(paths)))
        case .syslogUDP(let address): entries.append(("syslog_udp", .text("\(address)")))
        case .syslogTCP(let address): entries.append(("syslog_tcp", .text("\(address)")))
        }
        if case .files = subject {
            entries.append(("format", .text(format.rawValue)))
            if let pattern { entries.append(("pattern", .text(pattern))) }
            if let startPattern {
                entries.append(("multiline", .mapping([("start", .text(startPattern))])))
            } else if joinsLines {
                entries.append(("multiline", .bool(true)))
            }
            entries.append(("from", .text(beginsAtEnd ? "end" : "beginning")))
        }
        let known = attributes.sorted { $0.key < $1.key }.map { (key: $0.key, value: DumpNode.text($0.value)) }
        if !known.isEmpty { entries.append(("attributes", .mapping(known))) }
        return .mapping(entries)
    }
}

extension AuditSettings {
    var dump: DumpNode {
        var entries: [(key: String, value: DumpNode)] = [
            ("retention", retention.map { .duration($0) } ?? .text("forever")),
            ("durability", .text(isSynced ? "each" : "os")), ("block_events", .int(blockEvents)),
        ]
        if let bytesMax { entries.append(("max_bytes", .size(bytesMax))) }
        var checkpoints: [(key: String, value: DumpNode)] = [
            ("interval", .duration(checkpointInterval)), ("log", .bool(publishesToLog)),
        ]
        if let publishFile { checkpoints.append(("file", .text(publishFile))) }
        // An address may have a secret in it.
        if publishWebhook != nil { checkpoints.append(("webhook", .text("<secret>"))) }
        entries.append(("checkpoints", .mapping(checkpoints)))
        return .mapping(entries)
    }
}
