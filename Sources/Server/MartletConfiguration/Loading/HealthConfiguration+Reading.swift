import MartletCore

extension HealthConfiguration {
    init(reading reader: MappingReader) {
        interval = reader.positiveDuration("interval") ?? reader.positiveDuration("check_interval") ?? interval
        timeout = reader.positiveDuration("timeout") ?? timeout
        if timeout >= interval {
            reader.report("\"timeout\" must be shorter than \"interval\"", at: "timeout")
        }
        if let thresholds = reader.mapping("thresholds", { Thresholds(reading: $0) }) {
            alertThreshold = thresholds.alert ?? alertThreshold
            statusThreshold = thresholds.status ?? statusThreshold
            memoryThreshold = thresholds.memory ?? memoryThreshold
        }
        alertThreshold = reader.int("unhealthy_threshold", in: 1...1000) ?? alertThreshold
        hasThreeWords = reader.choice("overall_status_mode", Mode.self) == .s0
        isAlways200 = reader.bool("always_200", default: false)
        checks = reader.mappings("checks") { HealthCheckConfiguration(reading: $0) }
        var names: Set<String> = ["storage", "collection", "disk_space", "memory_usage"]
        for check in checks where !names.insert(check.name).inserted {
            reader.report("the check name \"\(check.name)\" is taken; give each check a name of its own", at: "checks")
        }
    }

    private enum Mode: String, CaseIterable { case standard, s0 }

    private struct Thresholds {
        var alert: Int?
        var status: Int?
        var memory: Double?

        init(reading reader: MappingReader) {
            alert = reader.int("alert", in: 1...1000)
            status = reader.int("status", in: 1...1000)
            memory = reader.double("memory", in: 0...100)
        }
    }
}

extension HealthCheckConfiguration {
    init?(reading reader: MappingReader) {
        let name = reader.requiredString("name")
        let tcp = reader.string("tcp")
        let disk = reader.path("disk")
        isCritical = reader.bool("critical", default: false)
        component = reader.string("component", default: "")
        interval = reader.positiveDuration("interval")
        timeout = reader.positiveDuration("timeout")
        switch (tcp, disk) {
        case (let tcp?, nil):
            guard let address = ListenAddress(tcp), address.port > 0 else {
                reader.report("expected an address such as 127.0.0.1:6379, found \"\(tcp)\"", at: "tcp")
                return nil
            }
            subject = .tcp(host: address.host, port: UInt16(clamping: address.port))
        case (nil, let disk?): subject = .disk(disk)
        default:
            reader.report("a check needs exactly one of \"tcp\" and \"disk\"", at: "name")
            return nil
        }
        guard let name else { return nil }
        self.name = name
    }
}
