import MartletCore

extension Configuration {
    /// What an Alertmanager would run on: routes, receivers by name, inhibition and times, without secrets.
    ///
    /// `amtool` reads this to explain routes, and knows only Alertmanager's keys; how receivers are told is left out.
    ///
    /// - Parameter receivers: The names of all receivers, those of `alerts.channels` among them.
    /// - Returns: A YAML document.
    public func alertmanagerYAML(receivers: [String]) -> String {
        var entries: [(key: String, value: DumpNode)] = []
        let root = DumpNode.mapping([("receiver", .text(receivers.first ?? "none"))])
        entries.append(("route", alertingSections.route.map { DumpNode(redacting: $0, key: "route") } ?? root))
        let names = receivers.isEmpty ? ["none"] : receivers
        entries.append(("receivers", .list(names.map { .mapping([("name", .text($0))]) })))
        let sections = [
            ("inhibit_rules", alertingSections.inhibitRules), ("time_intervals", alertingSections.timeIntervals),
            ("mute_time_intervals", alertingSections.muteTimeIntervals),
        ]
        for case (let key, let node?) in sections { entries.append((key, DumpNode(redacting: node, key: key))) }
        return DumpNode.mapping(entries).document
    }
}
