import MartletCore

extension TemplateFunctions {
    /// The functions of notification templates: those of Prometheus and those that Alertmanager has beside them.
    ///
    /// - SeeAlso: [Notification template reference](https://prometheus.io/docs/alerting/0.28/notifications/)
    public static let notification = prometheus.adding([
        "join": Function(2...2) { arguments, _ throws(TemplateFailure) in
            let separator = try arguments[0].requireString()
            var texts: [String] = []
            for item in try arguments[1].requireList() { texts.append(try item.requireString()) }
            return .string(texts.joined(separator: separator))
        },
        "trimSpace": Function(1...1) { arguments, _ throws(TemplateFailure) in
            let text = try arguments[0].requireString()
            let kept = text.drop { $0.isWhitespace }
            let end = kept.lastIndex { !$0.isWhitespace }.map { kept.index(after: $0) } ?? kept.startIndex
            return .string(String(kept[..<end]))
        },
        "stringSlice": Function(0 ... .max) { arguments, _ throws(TemplateFailure) in
            for argument in arguments { _ = try argument.requireString() }
            return .list(arguments)
        },
        "safeUrl": Function(1...1) { arguments, _ throws(TemplateFailure) in
            .string(try arguments[0].requireString())
        },
        "toJson": Function(1...1) { arguments, _ throws(TemplateFailure) in
            var writer = JSONWriter()
            write(arguments[0], to: &writer)
            return .string(String(decoding: writer.bytes, as: UTF8.self))
        },
        "date": Function(2...2) { arguments, _ throws(TemplateFailure) in
            guard case .time(let nanoseconds) = arguments[1] else { throw TemplateFailure("date needs a time") }
            return .string(TemplateTime.format(nanoseconds, try arguments[0].requireString()))
        },
        "since": Function(1...1) { arguments, context throws(TemplateFailure) in
            guard case .time(let nanoseconds) = arguments[0] else { throw TemplateFailure("since needs a time") }
            return .duration(nanoseconds: context.time &* 1_000_000 &- nanoseconds)
        },
    ])

    private static func write(_ value: TemplateValue, to writer: inout JSONWriter) {
        switch value {
        case .none: writer.null()
        case .bool(let flag): writer.bool(flag)
        case .integer(let number), .duration(let number): writer.integer(number)
        case .float(let number): writer.number(number)
        case .string(let text): writer.string(text)
        case .time(let nanoseconds): writer.string(RFC3339.shortString(nanosecondsSinceEpoch: nanoseconds))
        case .list(let items): writer.array(items) { write($1, to: &$0) }
        case .labels(let items):
            writer.object { for (key, text) in items.sorted(by: { $0.key < $1.key }) { $0.member(key, text) } }
        case .map(let items), .record(_, let items):
            writer.object { writer in
                for (key, value) in items.sorted(by: { $0.key < $1.key }) {
                    writer.key(key)
                    write(value, to: &writer)
                }
            }
        }
    }
}
