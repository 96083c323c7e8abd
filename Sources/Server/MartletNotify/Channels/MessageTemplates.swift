public import MartletAlerting
import MartletCore
public import MartletSeries

/// The texts of notifications: templates in Alertmanager's language, with what they see.
///
/// A template that fails gives a plain text instead, which names the error, so that people are told all the same.
public struct MessageTemplates: Sendable {
    /// The definitions that every field can use, the built-in ones first.
    private let definitions: [Template]
    private let externalURL: String
    private let patterns: any PatternCompiler

    /// Creates the built-in texts with those of template files, which win.
    ///
    /// - Parameters:
    ///   - files: The texts of template files with their names.
    ///   - externalURL: This server's address.
    ///   - patterns: Compiles the expressions of `match` and `reReplaceAll`.
    /// - Throws: `TemplateError` for a file that is malformed.
    public init(
        files: [(name: String, text: String)] = [],
        externalURL: String,
        patterns: any PatternCompiler
    ) throws(TemplateError) {
        var definitions: [Template] = []
        for (name, text) in [("built-in", Self.builtIn)] + files {
            definitions.append(try Template(text, name: name, using: []))
        }
        self.definitions = definitions
        self.externalURL = externalURL
        self.patterns = patterns
    }

    /// One field of a message, ready to be filled in.
    public struct Field: Sendable {
        fileprivate let template: Template?
        fileprivate let failure: String

        /// Whether the field is an empty text.
        public var isEmpty: Bool { template?.source.isEmpty ?? false }
    }

    /// Prepares a field; one that is malformed tells so in every message.
    func field(_ source: String, name: String) -> Field {
        do throws(TemplateError) {
            return Field(template: try Template(source, name: name, using: definitions), failure: "")
        } catch {
            return Field(template: nil, failure: error.description)
        }
    }

    /// What is wrong with a field's template, or `nil`.
    func problem(_ source: String, name: String) -> String? {
        let prepared = field(source, name: name)
        return prepared.template == nil ? prepared.failure : nil
    }

    /// A field's text for a notification.
    func text(
        _ field: Field,
        _ notification: Notification,
        escape: (@Sendable (String) -> String)? = nil
    ) -> String {
        guard let template = field.template else { return Self.plain(notification, field.failure, escape) }
        var context = TemplateContext(
            data: data(notification),
            time: notification.decidedAt,
            externalURL: externalURL,
            patterns: patterns
        ) { _ throws(RuleQueryError) in throw RuleQueryError("query is not available in notifications") }
        context.escape = escape
        do throws(TemplateError) {
            return try template.expand(context)
        } catch {
            return Self.plain(notification, error.description, escape)
        }
    }

    private static func plain(
        _ notification: Notification,
        _ failure: String,
        _ escape: (@Sendable (String) -> String)?
    ) -> String {
        let text =
            "\(MessageText.title(notification)) - \(MessageText.message(notification)) (template error: \(failure))"
        return escape?(text) ?? text
    }

    // MARK: - Data

    /// What a template sees: Alertmanager's data.
    private func data(_ notification: Notification) -> TemplateValue {
        let items = notification.items
        let alerts = items.map(Self.alert)
        return .record(
            type: "template.Data",
            fields: [
                "Receiver": .string(notification.channel.receiver),
                "Status": .string(notification.status.rawValue),
                "Alerts": .list(alerts),
                "GroupLabels": .labels(notification.groupLabels),
                "CommonLabels": .labels(MessageText.common(items.map(\.alert.labels))),
                "CommonAnnotations": .labels(MessageText.common(items.map(\.alert.annotations))),
                "ExternalURL": .string(externalURL),
                "GroupKey": .string(notification.groupKey),
                "Title": .string(MessageText.title(notification)),
                "Message": .string(MessageText.message(notification)),
                "Severity": .string(notification.severity?.rawValue ?? ""),
            ]
        )
    }

    private static func alert(_ item: Notification.Item) -> TemplateValue {
        let alert = item.alert
        return .record(
            type: "template.Alert",
            fields: [
                "Status": .string(item.status.rawValue),
                "Labels": .labels(alert.labels),
                "Annotations": .labels(alert.annotations),
                "StartsAt": .time(nanoseconds: alert.startsAt * 1_000_000),
                "EndsAt": .time(nanoseconds: item.status == .resolved ? alert.endsAt * 1_000_000 : 0),
                "GeneratorURL": .string(alert.generatorURL),
                "Fingerprint": .string(alert.fingerprint.description),
                "Value": alert.value.map(TemplateValue.float) ?? .none,
            ]
        )
    }

    // MARK: - Built-in texts

    /// The definitions that Alertmanager's configurations refer to by name, in words of our own.
    private static let builtIn: String = {
        let named: [(String, String)] = [
            ("__alertmanager", "Martlet"),
            ("__alertmanagerURL", "{{ .ExternalURL }}/?view=alerts"),
            ("__subject", "{{ .Title }}"),
            (
                "__text_alert_list",
                "{{ range . }}{{ range .Labels.SortedPairs }}{{ .Name }} = {{ .Value }}\n{{ end }}"
                    + "{{ range .Annotations.SortedPairs }}{{ .Name }}: {{ .Value }}\n{{ end }}"
                    + "{{ if .GeneratorURL }}{{ .GeneratorURL }}\n{{ end }}\n{{ end }}"
            ),
            (
                "__all",
                "{{ if .Alerts.Firing }}Firing:\n{{ template \"__text_alert_list\" .Alerts.Firing }}{{ end }}"
                    + "{{ if .Alerts.Resolved }}Resolved:\n{{ template \"__text_alert_list\" .Alerts.Resolved }}{{ end }}"
            ),
        ]
        let subjects = [
            "slack.default.title", "slack.default.fallback", "email.default.subject", "pagerduty.default.description",
            "opsgenie.default.message", "msteams.default.summary", "msteams.default.title", "msteamsv2.default.title",
            "discord.default.title", "ntfy.default.title", "pushover.default.title",
        ]
        let texts = [
            "email.default.text", "opsgenie.default.description", "msteams.default.text", "msteamsv2.default.text",
            "discord.default.message", "telegram.default.message", "ntfy.default.message", "pushover.default.message",
            "pagerduty.default.instances",
        ]
        let links = [
            "slack.default.titlelink", "pagerduty.default.clientURL", "opsgenie.default.source", "ntfy.default.click",
        ]
        let rest: [(String, String)] = [
            ("slack.default.username", "Martlet"), ("slack.default.pretext", ""),
            ("slack.default.text", "{{ .Message }}"),
            ("slack.default.footer", ""), ("slack.default.iconemoji", ""), ("slack.default.iconurl", ""),
            ("slack.default.callbackid", ""), ("pagerduty.default.client", "Martlet"), ("discord.default.content", ""),
        ]
        let all =
            named + subjects.map { ($0, "{{ template \"__subject\" . }}") }
            + texts.map { ($0, "{{ template \"__all\" . }}") }
            + links.map { ($0, "{{ template \"__alertmanagerURL\" . }}") } + rest
        return all.map { "{{ define \"\($0.0)\" }}\($0.1){{ end }}" }.joined()
    }()
}
