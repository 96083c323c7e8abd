import MartletAlerting
import MartletCore
import MartletSeries
import MartletYAML

/// Reads Alertmanager's sections, Prometheus' `alerting`, and our own `alerts`.
///
/// ```swift
/// var notification = NotificationConfiguration()
/// let configuration = try ConfigurationLoader.load(path: path, patterns: patterns) { configuration, context in
///     notification = NotificationLoader.read(configuration.alertingSections, context)
/// }
/// ```
public struct NotificationLoader {
    let context: ReadingContext
    private let receivers: [String]
    private let intervals: Set<String>

    /// What the sections say; what is wrong with them is reported to the context.
    public static func read(_ sections: AlertingSections, _ context: ReadingContext) -> NotificationConfiguration {
        var configuration = NotificationConfiguration()
        let reading = ReceiverReading(context, global: sections.global)
        configuration.resolveTimeout = reading.resolveTimeout ?? configuration.resolveTimeout
        configuration.receivers = reading.read(sections.receivers)
        let nodes = [("time_intervals", sections.timeIntervals), ("mute_time_intervals", sections.muteTimeIntervals)]
        for case (_, let node?) in nodes {
            configuration.intervals.merge(CalendarReading(context).read(node)) { $1 }
        }
        if let node = sections.alertsMapping { readAlerts(node, reading, &configuration) }
        if let node = sections.monitoring { FriendlyChannelReading(reading).read(monitoring: node, &configuration) }
        let loader = NotificationLoader(
            context: context,
            receivers: configuration.receivers.map(\.name),
            intervals: Set(configuration.intervals.keys)
        )
        if let node = sections.alertsMapping { loader.readPolicies(node, &configuration) }
        if let route = sections.route {
            configuration.route = loader.readRoute(route, parent: nil)
        } else if let node = sections.receivers {
            context.warn("receivers are told nothing without a \"route\"", at: node.mark)
        }
        if let node = sections.inhibitRules { configuration.inhibitions = loader.readInhibitions(node) }
        if let node = sections.templates { configuration.templates = loader.readTemplates(node) }
        if let node = sections.alerting { configuration.alertmanagers = loader.readAlertmanagers(node) }
        loader.check(configuration)
        return configuration
    }

    // MARK: - Routes

    private func readRoute(_ node: YAMLNode, parent: Route?) -> Route? {
        guard let reader = MappingReader(node, context) else { return nil }
        defer { reader.finish() }
        var route = parent ?? Route(receiver: "")
        route.routes = []
        route.receiver = readReceiver(reader, parent: parent)
        route.matchers = readMatchers(reader, ["matchers"], "match", "match_re")
        route.continues = reader.bool("continue", default: false)
        route.grouping = readGrouping(reader) ?? route.grouping
        route.groupWait = reader.duration("group_wait", default: route.groupWait)
        route.groupInterval = reader.positiveDuration("group_interval") ?? route.groupInterval
        route.repeatInterval = reader.positiveDuration("repeat_interval") ?? route.repeatInterval
        // Alertmanager's routes do not inherit these.
        route.muteIntervals = readIntervalNames(reader, "mute_time_intervals")
        route.activeIntervals = readIntervalNames(reader, "active_time_intervals")
        if parent == nil { checkRoot(route, reader) }
        route.routes = reader.list("routes") { readRoute($0, parent: route) }
        return route
    }

    private func readReceiver(_ reader: MappingReader, parent: Route?) -> String {
        guard let name = reader.string("receiver"), !name.isEmpty else {
            if parent == nil {
                context.report("missing field \"receiver\": the root route needs one", at: reader.mark(of: "receiver"))
            }
            return parent?.receiver ?? ""
        }
        checkReceiver(name, reader, "receiver")
        return name
    }

    private func checkReceiver(_ name: String, _ reader: MappingReader, _ key: String) {
        guard !receivers.contains(name) else { return }
        let near = Suggestion.closest(to: name, among: receivers).map { " (did you mean \"\($0)\"?)" } ?? ""
        reader.report("unknown \(key == "receiver" ? "receiver" : "channel") \"\(name)\"\(near)", at: key)
    }

    private func readIntervalNames(_ reader: MappingReader, _ key: String) -> [String] {
        let names = reader.strings(key)
        for name in names where !intervals.contains(name) {
            let near =
                Suggestion.closest(to: name, among: intervals.sorted()).map { " (did you mean \"\($0)\"?)" } ?? ""
            reader.report("unknown time interval \"\(name)\"\(near)", at: key)
        }
        return names
    }

    private func checkRoot(_ route: Route, _ reader: MappingReader) {
        if !route.matchers.isEmpty {
            let key = ["matchers", "match", "match_re"].first(where: reader.has) ?? "matchers"
            reader.report("the root route takes all alerts and may have no \"\(key)\"", at: key)
        }
        if route.continues { reader.report("the root route has no siblings to continue with", at: "continue") }
        for key in ["mute_time_intervals", "active_time_intervals"] where reader.node(key) != nil {
            reader.report("the root route may have no \"\(key)\"; give it to a route below", at: key)
        }
    }

    private func readGrouping(_ reader: MappingReader) -> Route.Grouping? {
        guard reader.node("group_by") != nil else { return nil }
        let names = reader.strings("group_by")
        if names.contains("...") {
            if names.count > 1 {
                reader.report("\"...\" groups by all labels and stands alone in group_by", at: "group_by")
            }
            return .everyLabel
        }
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            reader.report("label \"\(name)\" is given twice in group_by", at: "group_by")
        }
        return .labels(names)
    }

    /// Conditions under all of their keys, as Alertmanager sorts them, which shows in the names of groups.
    private func readMatchers(
        _ reader: MappingReader,
        _ keys: [String],
        _ equalKey: String,
        _ patternKey: String
    ) -> [LabelMatcher] {
        var matchers: [LabelMatcher] = []
        for entry in reader.texts(equalKey) { matchers.append(LabelMatcher(entry.key, .equal, entry.value)) }
        for entry in reader.texts(patternKey) {
            do throws(PatternError) {
                matchers.append(try LabelMatcher(entry.key, .matches, entry.value, compiler: context.patterns))
            } catch {
                context.report("bad regular expression \"\(entry.value)\": \(error.description)", at: entry.mark)
            }
        }
        for key in keys { matchers += reader.list(key) { readMatcher($0) }.flatMap(\.self) }
        return matchers.sorted {
            ($0.name, $0.value, $0.operation.rawValue) < ($1.name, $1.value, $1.operation.rawValue)
        }
    }

    private func readMatcher(_ item: YAMLNode) -> [LabelMatcher]? {
        guard let text = context.string(item, expected: "a matcher such as severity=\"page\"") else { return nil }
        do throws(MatcherText.SyntaxError) {
            return try MatcherText.parse(text, patterns: context.patterns)
        } catch {
            context.report("bad matcher \(LabelSyntax.quoted(text)): \(error.description)", at: item.mark)
            return nil
        }
    }

    // MARK: - Inhibition and templates

    private func readInhibitions(_ node: YAMLNode) -> [InhibitionRule] {
        context.list(node) { item in
            guard let reader = MappingReader(item, context) else { return nil }
            defer { reader.finish() }
            _ = reader.string("name")
            return InhibitionRule(
                sourceMatchers: readMatchers(reader, ["source_matchers"], "source_match", "source_match_re"),
                targetMatchers: readMatchers(reader, ["target_matchers"], "target_match", "target_match_re"),
                equal: reader.strings("equal")
            )
        }
    }

    private func readTemplates(_ node: YAMLNode) -> [TemplateFile] {
        context.list(node) { item -> [TemplateFile]? in
            guard let pattern = context.string(item, expected: "a path") else { return nil }
            let paths = FileContent.paths(matching: context.resolve(pattern))
            if paths.isEmpty { context.warn("no template file matches \(pattern)", at: item.mark) }
            return paths.compactMap { path in
                do throws(FileError) {
                    let text = try FileContent.text(of: path, bytesMax: 1 << 20)
                    do throws(TemplateError) {
                        _ = try Template(text, name: path, using: [])
                    } catch {
                        context.report("bad template: \(error.description)", at: item.mark)
                    }
                    return TemplateFile(name: path, text: text)
                } catch {
                    context.report("cannot read template file \(path): \(error.reason)", at: item.mark)
                    return nil
                }
            }
        }.flatMap(\.self)
    }

    // MARK: - Other Alertmanagers

    private func readAlertmanagers(_ node: YAMLNode) -> ExternalAlertmanagers {
        var external = ExternalAlertmanagers()
        guard let reader = MappingReader(node, context) else { return external }
        defer { reader.finish() }
        external.alertRelabelRules = reader.mappings("alert_relabel_configs") { RelabelRule(reading: $0) }
        external.groups = reader.mappings("alertmanagers") { entry in
            var group = ExternalAlertmanagers.Group()
            if let scheme = entry.string("scheme") {
                if scheme != "http", scheme != "https" { entry.report("scheme must be http or https", at: "scheme") }
                group.scheme = scheme
            }
            group.pathPrefix = entry.string("path_prefix", default: "")
            group.timeout = entry.positiveDuration("timeout") ?? group.timeout
            if let version = entry.string("api_version"), version != "v2" {
                entry.report("api_version \"\(version)\" is not supported; supported is v2", at: "api_version")
            }
            group.http = HTTPClientSettings(reading: entry)
            group.targets = entry.mappings("static_configs") { TargetGroup(reading: $0) }.flatMap(\.targets)
            group.files = entry.mappings("file_sd_configs") { FileDiscovery(reading: $0) }
            group.relabelRules = entry.mappings("relabel_configs") { RelabelRule(reading: $0) }
            group.alertRelabelRules = entry.mappings("alert_relabel_configs") { RelabelRule(reading: $0) }
            return group
        }
        return external
    }
}

// MARK: - Our own section

extension NotificationLoader {
    /// Reads `alerts.channels`: each is a receiver of its own.
    private static func readAlerts(
        _ node: YAMLNode,
        _ reading: ReceiverReading,
        _ configuration: inout NotificationConfiguration
    ) {
        let context = reading.channels.context
        // Unknown keys of the section are reported where its policies are read.
        guard let reader = MappingReader(node, context) else { return }
        configuration.allowsCommands = reader.bool("allow_commands", default: false)
        FriendlyChannelReading(reading).read(list: reader.list("channels", { $0 }), &configuration)
    }

    /// Reads `alerts.escalation_policies`.
    private func readPolicies(_ node: YAMLNode, _ configuration: inout NotificationConfiguration) {
        guard let reader = MappingReader(node, context) else { return }
        // The rules of this section are read together with all others.
        reader.skip(["channels", "allow_commands", "rules", "defaults", "production", "thresholds", "enabled"])
        var names: Set<String> = []
        configuration.policies = reader.mappings("escalation_policies") { entry in
            guard let name = entry.requiredString("name") else { return nil }
            if !names.insert(name).inserted { entry.report("policy \"\(name)\" is already defined", at: "name") }
            let matchers = readMatchers(entry, ["matchers"], "match", "match_re")
            let levels: [EscalationPolicy.Level] = entry.mappings("levels") { level in
                let key = level.has("after") ? "after" : "delay"
                let channels = level.strings("channels")
                for channel in channels { checkReceiver(channel, level, "channels") }
                if channels.isEmpty { level.report("a level needs \"channels\"", at: "channels") }
                var severity: AlertSeverity?
                if let word = level.string("severity") {
                    severity = AlertSeverity(word: word)
                    if severity == nil { level.report("unknown severity \"\(word)\"", at: "severity") }
                }
                return EscalationPolicy.Level(
                    after: level.duration(key, default: .zero),
                    channels: channels,
                    severity: severity,
                    repeatInterval: level.positiveDuration("repeat_interval")
                )
            }
            if levels.isEmpty { entry.report("a policy needs \"levels\"", at: "levels") }
            return EscalationPolicy(name: name, levels: levels, matchers: matchers)
        }
        reader.finish()
    }

    private func check(_ configuration: NotificationConfiguration) {
        guard !configuration.allowsCommands else { return }
        for receiver in configuration.receivers where receiver.channels.contains(where: { $0.kind == .command }) {
            context.report(
                "receiver \"\(receiver.name)\" runs a command, which is off; "
                    + "set alerts.allow_commands: true if that is meant",
                at: nil
            )
        }
    }
}
