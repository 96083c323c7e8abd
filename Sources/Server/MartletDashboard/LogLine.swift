public import MartletCore
import MartletTerminal

/// A log record as the browser shows it.
public struct LogLine: Sendable {
    /// The record as the server told it.
    public let json: JSONValue

    /// The record's place in the store, by which it is known again.
    public let id: String

    /// Its severity.
    public let level: String

    /// Where it comes from: the service, and the component where it names one.
    public let component: String

    /// The trace it belongs to; empty for none.
    public let trace: String

    /// The time in nanoseconds since 1970.
    public let time: Int64

    /// The time as RFC 3339 in UTC.
    public let timestamp: String

    /// The beginning of its text, as a terminal may show it.
    public let summary: String

    /// Its attributes as `key=value`, in the order of keys, as a terminal may show them.
    public let attributes: String

    /// So many characters of a text are prepared for a list, which is more than a line has.
    static let summaryMax = 1000

    /// Reads a record of an answer.
    public init(_ json: JSONValue) {
        self.json = json
        id = json["id"]?.text ?? ""
        level = json["level"]?.text ?? ""
        trace = json["traceId"]?.text ?? ""
        timestamp = json["timestamp"]?.text ?? ""
        time = Int64(json["time"]?.text ?? "") ?? 0
        summary = VisibleText.harmless(String(Self.text(json["body"]).prefix(Self.summaryMax)))
        let members = json["attributes"]?.members ?? [:]
        let parts = [json["service"]?.text, members["component"]?.text].compactMap { $0 }.filter { !$0.isEmpty }
        component = VisibleText.harmless(String(parts.joined(separator: "/").prefix(Self.summaryMax)))
        var words = members.sorted { $0.key < $1.key }.filter { $0.key != "component" }
            .map { "\($0.key)=\(Self.quotedIfNeeded(String(Self.text($0.value).prefix(Self.summaryMax))))" }
        if let event = json["eventName"]?.text, !event.isEmpty { words.insert("event=\(event)", at: 0) }
        attributes = VisibleText.harmless(String(words.joined(separator: " ").prefix(Self.summaryMax)))
    }

    /// The time of day to the millisecond.
    var timeOfDay: String { String(timestamp.dropFirst(11).prefix(12)) }

    /// The day as year, month and day.
    var day: String { String(timestamp.prefix(10)) }

    /// A value as a word: a text as it is, anything else as JSON.
    static func text(_ value: JSONValue?) -> String {
        guard let value else { return "" }
        return value.text ?? "\(value)"
    }

    private static func quotedIfNeeded(_ text: String) -> String {
        text.isEmpty || text.contains(" ") || text.contains("=") ? JSONText.quoted(text) : text
    }
}
