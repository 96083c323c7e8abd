import MartletCore
public import MartletSearch
public import MartletSeries

extension SearchDialect {
    /// What a search may say of spans.
    ///
    /// - Parameter patterns: What understands regular expressions.
    /// - Returns: The dialect.
    public static func spans(_ patterns: any PatternCompiler) -> SearchDialect {
        SearchDialect(
            stageRefusal: "traces are found, not counted; take the step out, or search logs",
            patternProblem: { source in
                do throws(PatternError) {
                    _ = try patterns.compile(source)
                    return nil
                } catch {
                    return "\(error)"
                }
            },
            problem: { field, test in field.isAttribute ? nil : spanProblem(field.name, test) }
        )
    }

    private static let statuses = "status is error, ok, unset or a number such as 500 or 500..599"

    private static func spanProblem(_ name: String, _ test: SearchTest) -> String? {
        switch name {
        case "level", "severity": return "spans have no level; write status:error"
        case "status":
            switch test {
            case .equals(let value):
                let isKnown = SpanPlan.status(value.text) != nil || (value.number != nil && value.unit == .none)
                return isKnown ? nil : "\(statuses); got \"\(value.text)\""
            case .compares(_, let value):
                return value.number != nil && value.unit == .none ? nil : "\(statuses); got \"\(value.text)\""
            case .glob, .pattern, .exists: return nil
            }
        case "duration":
            switch test {
            case .equals(let value), .compares(_, let value):
                let isDuration = value.unit == .duration || value.number == 0
                return isDuration ? nil : "a duration has a unit, such as 200ms, 1.5s or 2m; got \"\(value.text)\""
            case .glob, .pattern: return "a duration is compared with another, as in duration:>200ms"
            case .exists: return nil
            }
        case "kind", "span.kind":
            guard case .equals(let value) = test, SpanPlan.kind(value.text) == nil else { return nil }
            let names = SpanKind.allCases.map(\.name)
            let near = Suggestion.closest(to: value.text.lowercased(), among: names)
            return "\"\(value.text)\" is no kind of span"
                + (near.map { " (did you mean \"\($0)\"?)" } ?? "; there are \(names.joined(separator: ", "))")
        case "time", "timestamp":
            switch test {
            case .glob, .pattern: return "a time is compared with another, as in time:>=2026-01-31T12:00:00Z"
            default: return nil
            }
        case "trace", "trace_id", "span", "span_id":
            switch test {
            case .equals, .exists: return nil
            default: return "an id is written out: \(name):0af7651916cd43dd"
            }
        default: return nil
        }
    }
}
