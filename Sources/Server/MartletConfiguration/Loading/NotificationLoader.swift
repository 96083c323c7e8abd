import MartletAlerting
import MartletCore
import MartletSeries
import MartletYAML

/// Reads Alertmanager's `route` and `receivers`.
///
/// ```swift
/// var notification = NotificationConfiguration()
/// let configuration = try ConfigurationLoader.load(path: path, patterns: patterns) { configuration, context in
///     notification = NotificationLoader.read(configuration.alertingSections, context)
/// }
/// ```
public struct NotificationLoader {
    private let context: ReadingContext
    private let receivers: [ReceiverConfiguration]

    /// The routes and receivers; what is wrong with them is reported to the context.
    public static func read(_ sections: AlertingSections, _ context: ReadingContext) -> NotificationConfiguration {
        var configuration = NotificationConfiguration()
        configuration.receivers = ReceiverReading(context, global: sections.global).read(sections.receivers)
        let loader = NotificationLoader(context: context, receivers: configuration.receivers)
        if let route = sections.route {
            configuration.route = loader.readRoute(route, parent: nil)
        } else if let node = sections.receivers {
            context.warn("receivers are told nothing without a \"route\"", at: node.mark)
        }
        loader.warnUnserved(sections)
        return configuration
    }

    private func warnUnserved(_ sections: AlertingSections) {
        let unserved: [(String, YAMLNode?)] = [
            ("inhibit_rules", sections.inhibitRules), ("time_intervals", sections.timeIntervals),
            ("mute_time_intervals", sections.muteTimeIntervals), ("templates", sections.templates),
            ("alerting", sections.alerting),
        ]
        for case (let key, let node?) in unserved {
            context.warn("\"\(key)\" is not served by this version and has no effect", at: node.mark)
        }
    }

    // MARK: - Routes

    private func readRoute(_ node: YAMLNode, parent: Route?) -> Route? {
        guard let reader = MappingReader(node, context) else { return nil }
        defer { reader.finish() }
        var route = parent ?? Route(receiver: "")
        route.routes = []
        route.receiver = readReceiver(reader, parent: parent)
        route.matchers = readMatchers(reader)
        route.continues = reader.bool("continue", default: false)
        route.grouping = readGrouping(reader) ?? route.grouping
        route.groupWait = reader.duration("group_wait", default: route.groupWait)
        route.groupInterval = reader.positiveDuration("group_interval") ?? route.groupInterval
        route.repeatInterval = reader.positiveDuration("repeat_interval") ?? route.repeatInterval
        reader.warnUnserved(["mute_time_intervals", "active_time_intervals"], in: "route.")
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
        if !receivers.contains(where: { $0.name == name }) {
            let near = Suggestion.closest(to: name, among: receivers.map(\.name)).map { " (did you mean \"\($0)\"?)" }
            reader.report("unknown receiver \"\(name)\"\(near ?? "")", at: "receiver")
        }
        return name
    }

    private func checkRoot(_ route: Route, _ reader: MappingReader) {
        if !route.matchers.isEmpty {
            let key = ["matchers", "match", "match_re"].first(where: reader.has) ?? "matchers"
            reader.report("the root route takes all alerts and may have no \"\(key)\"", at: key)
        }
        if route.continues { reader.report("the root route has no siblings to continue with", at: "continue") }
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

    private func readMatchers(_ reader: MappingReader) -> [LabelMatcher] {
        var matchers: [LabelMatcher] = []
        for entry in reader.texts("match") { matchers.append(LabelMatcher(entry.key, .equal, entry.value)) }
        for entry in reader.texts("match_re") {
            do throws(PatternError) {
                matchers.append(
                    try LabelMatcher(entry.key, .matches, entry.value, compiler: context.patterns)
                )
            } catch {
                context.report("bad regular expression \"\(entry.value)\": \(error.description)", at: entry.mark)
            }
        }
        let written: [[LabelMatcher]] = reader.list("matchers") { item in
            guard let text = context.string(item, expected: "a matcher such as severity=\"page\"") else { return nil }
            do throws(MatcherText.SyntaxError) {
                return try MatcherText.parse(text, patterns: context.patterns)
            } catch {
                context.report("bad matcher \(LabelSyntax.quoted(text)): \(error.description)", at: item.mark)
                return nil
            }
        }
        // Alertmanager sorts conditions, which shows in the names of groups.
        return (matchers + written.flatMap(\.self)).sorted {
            ($0.name, $0.value, $0.operation.rawValue) < ($1.name, $1.value, $1.operation.rawValue)
        }
    }
}
