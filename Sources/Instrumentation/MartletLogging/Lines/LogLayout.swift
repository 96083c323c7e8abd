import MartletCore

/// A line's layout with places to fill, as Python's logging writes it: `%(asctime)s - %(name)s - %(levelname)s - %(message)s`.
///
/// The places are `asctime` (`2026-11-21 03:25:20,123`, UTC), `name` (the target), `levelname` (`INFO`, `WARNING`), `message`,
/// `fields` (the fields as logfmt), `trace_id` and `span_id` (empty outside of a span); `%%` is a percent sign.
public struct LogLayout: LogLines {
    private enum Part {
        case text(String)
        case place(Place)
    }

    private enum Place: String, CaseIterable {
        case asctime, name, levelname, message, fields
        case traceID = "trace_id"
        case spanID = "span_id"
    }

    private let parts: [Part]

    /// Reads a layout.
    ///
    /// - Parameter text: The layout.
    /// - Throws: ``LogLayoutError`` that names the place, counted in characters from 1.
    public init(parsing text: String) throws(LogLayoutError) {
        var parts: [Part] = []
        var plain = ""
        var rest = Substring(text)
        while let percent = rest.firstIndex(of: "%") {
            plain += rest[..<percent]
            let column = text.distance(from: text.startIndex, to: percent) + 1
            rest = rest[rest.index(after: percent)...]
            if rest.first == "%" {
                plain += "%"
                rest = rest.dropFirst()
                continue
            }
            guard rest.first == "(", let close = rest.firstIndex(of: ")"), rest[close...].dropFirst().first == "s"
            else {
                throw LogLayoutError(column: column, name: nil)
            }
            let name = String(rest[rest.index(after: rest.startIndex)..<close])
            guard let place = Place(rawValue: name) else { throw LogLayoutError(column: column, name: name) }
            if !plain.isEmpty { parts.append(.text(plain)) }
            plain = ""
            parts.append(.place(place))
            rest = rest[close...].dropFirst(2)
        }
        plain += rest
        if !plain.isEmpty { parts.append(.text(plain)) }
        self.parts = parts
    }

    /// The names of the places.
    static let names = Place.allCases.map(\.rawValue)

    /// The record in this layout; control characters are escaped.
    public func line(for record: LogRecord) -> String {
        var line = ""
        for part in parts {
            switch part {
            case .text(let text): line += HarmlessText.bare(text)
            case .place(let place): line += Self.fill(place, record)
            }
        }
        return line + "\n"
    }

    private static func fill(_ place: Place, _ record: LogRecord) -> String {
        switch place {
        case .asctime: time(record)
        case .name: HarmlessText.bare(record.target)
        case .levelname: record.level == .warn ? "WARNING" : record.level.name.uppercased()
        case .message: HarmlessText.bare(record.message)
        case .fields:
            record.fields.map { "\(HarmlessText.bare($0.name))=\(HarmlessText.field($0.value))" }.joined(separator: " ")
        case .traceID: record.context.map { "\($0.traceID)" } ?? ""
        case .spanID: record.context.map { "\($0.spanID)" } ?? ""
        }
    }

    private static func time(_ record: LogRecord) -> String {
        let text = RFC3339.string(nanosecondsSinceEpoch: record.nanosecondsSinceEpoch, fractionDigits: 3)
        return String(text.dropLast().map { $0 == "T" ? " " : $0 == "." ? "," : $0 })
    }
}

/// What is wrong with the text of a ``LogLayout``.
public struct LogLayoutError: Error, Hashable, CustomStringConvertible {
    /// Where, in characters from 1.
    public let column: Int

    /// The name that is not known, if that is what is wrong.
    public let name: String?

    /// What is wrong, and what would be right.
    public var description: String {
        guard let name else {
            return "column \(column) of a log layout: after \"%\" comes \"%\" or a place such as \"(message)s\""
        }
        let nearest = Suggestion.closest(to: name, among: LogLayout.names)
        let hint = nearest.map { " (did you mean \"\($0)\"?)" } ?? ""
        let known = LogLayout.names.joined(separator: ", ")
        return "column \(column) of a log layout: unknown place \"\(name)\"\(hint); there are \(known)"
    }
}
