public import MartletCore

/// How people name an alert: by its rule and labels, and one of its episodes by the start as well.
public enum AlertName {
    /// The name of an alert over all its episodes: `high_validation_failures_validation` where one label tells alerts of
    /// the rule apart, otherwise the rule and all labels: `TargetDown{instance="a", job="b"}`.
    ///
    /// The label `severity` tells no alerts apart and stands only among several labels.
    public static func key(_ labels: LabelSet) -> String {
        let rule = labels["alertname"] ?? ""
        var telling: Label?
        var others = ""
        var tellingCount = 0
        for label in labels where label.name != "alertname" {
            if label.name != "severity" {
                tellingCount += 1
                telling = label
            }
            others += others.isEmpty ? "" : ", "
            others += "\(LabelSyntax.quotedIfNeeded(label.name))=\(LabelSyntax.quoted(label.value))"
        }
        guard tellingCount > 1 else { return telling.map { "\(rule)_\($0.value)" } ?? rule }
        return "\(rule){\(others)}"
    }

    /// The name of one episode: the key and when it began, in milliseconds since the epoch.
    public static func id(_ labels: LabelSet, startsAt: Int64) -> String { id(key: key(labels), startsAt: startsAt) }

    /// The name of one episode of the alert that a key names.
    public static func id(key: String, startsAt: Int64) -> String { "\(key)_\(startsAt)" }
}
