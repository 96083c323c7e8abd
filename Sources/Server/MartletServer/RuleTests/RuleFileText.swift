public import MartletAlerting
import MartletCore

/// Groups of rules as the text of a rule file, so that rules in words can go wherever rule files go.
public enum RuleFileText {
    /// The groups as JSON, which is YAML too.
    public static func json(_ groups: [RuleGroup]) -> String {
        var writer = JSONWriter()
        writer.object {
            $0.member("groups", array: groups.enumerated()) { writer, entry in
                writer.object { write(entry.element, number: entry.offset, to: &$0) }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func write(_ group: RuleGroup, number: Int, to writer: inout JSONWriter) {
        // Names are unique within a file only, and these may come from several.
        writer.member("name", "\(group.name) \(number + 1)")
        writer.member("interval", text(group.interval))
        if group.limit > 0 { writer.member("limit", group.limit) }
        if group.queryOffset > .zero { writer.member("query_offset", text(group.queryOffset)) }
        if !group.labels.isEmpty { writer.member("labels", texts: group.labels) }
        writer.member("rules", array: group.rules) { writer, rule in
            writer.object {
                switch rule {
                case .recording(let rule): $0.member("record", rule.record)
                case .alerting(let rule):
                    $0.member("alert", rule.name)
                    $0.member("for", text(rule.holdDuration))
                    if rule.keepFiringFor > .zero { $0.member("keep_firing_for", text(rule.keepFiringFor)) }
                    if !rule.annotations.isEmpty { $0.member("annotations", texts: rule.annotations) }
                }
                $0.member("expr", rule.expression)
                if !rule.labels.isEmpty { $0.member("labels", texts: rule.labels) }
            }
        }
    }

    private static func text(_ duration: Duration) -> String {
        DurationText.string(milliseconds: Int64(duration / .milliseconds(1)))
    }
}
