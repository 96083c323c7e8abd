import MartletCore
import MartletHTTPServer
import MartletPromQL
import MartletSeries

extension PrometheusAPI {
    func instantQuery(_ call: Call) throws -> Answer {
        let parameters = call.parameters
        let time = try parameters.time("time") ?? clock.millisecondsSinceEpoch
        let limit = try parameters.limit()
        let engine = try engine(for: parameters)
        let query = try parse(parameters, engine)
        let result = try engine.instant(query, at: time, from: source, isCancelled: call.request.isCancelled)
        return answer(result, limit: limit)
    }

    func rangeQuery(_ call: Call) throws -> Answer {
        let parameters = call.parameters
        let start = try parameters.requiredTime("start")
        let end = try parameters.requiredTime("end")
        guard end >= start else {
            throw APIError.badParameter("end", "end timestamp must not be before start time")
        }
        guard let step = try parameters.duration("step") else {
            throw APIError.badParameter("step", "cannot parse \"\" to a valid duration")
        }
        guard step > 0 else {
            throw APIError.badParameter(
                "step",
                "zero or negative query resolution step widths are not accepted. Try a positive integer"
            )
        }
        guard (end - start) / step <= Self.stepsMax else {
            throw APIError(
                kind: .badData,
                message: "exceeded maximum resolution of 11,000 points per timeseries. "
                    + "Try decreasing the query resolution (?step=XX)"
            )
        }
        let limit = try parameters.limit()
        let engine = try engine(for: parameters)
        let query = try parse(parameters, engine)
        let result = try engine.range(
            query,
            from: start,
            through: end,
            step: step,
            from: source,
            isCancelled: call.request.isCancelled
        )
        return answer(result, limit: limit)
    }

    /// The engine with the request's own timeout and lookback.
    private func engine(for parameters: Parameters) throws(APIError) -> QueryEngine {
        var options = engine.options
        if let timeout = try parameters.duration("timeout") {
            options.timeout = min(options.timeout, .milliseconds(timeout))
        }
        if let lookback = try parameters.duration("lookback_delta") { options.lookback = .milliseconds(lookback) }
        return QueryEngine(patterns: patterns, options: options)
    }

    private func parse(_ parameters: Parameters, _ engine: QueryEngine) throws(APIError) -> Expression {
        let text = try parameters.required("query")
        do {
            return try engine.parse(text)
        } catch {
            throw .badParameter("query", error.description)
        }
    }

    private func answer(_ result: QueryResult, limit: Int) -> Answer {
        var warnings = result.warnings
        var value = result.value
        switch value {
        case .vector(let elements) where elements.count > limit:
            value = .vector(Array(elements.prefix(limit)))
            warnings.append("results truncated due to limit")
        case .matrix(let series) where series.count > limit:
            value = .matrix(Array(series.prefix(limit)))
            warnings.append("results truncated due to limit")
        default: break
        }
        return Answer(warnings: warnings, infos: result.infos) { writer in
            writer.object {
                $0.member("resultType", value.typeName)
                $0.key("result")
                Self.write(value, to: &$0)
            }
        }
    }

    private static func write(_ value: QueryValue, to writer: inout JSONWriter) {
        switch value {
        case .scalar(let sample):
            writer.sample(sample.timestamp, sample.value)
        case .string(let text, let timestamp):
            writer.array {
                $0.timestamp(timestamp)
                $0.string(text)
            }
        case .vector(let elements):
            writer.array(elements) { writer, element in
                writer.object {
                    $0.member("metric", labels: element.labels)
                    $0.key("value")
                    $0.sample(element.timestamp, element.value)
                }
            }
        case .matrix(let series):
            writer.array(series) { writer, series in
                writer.object {
                    $0.member("metric", labels: series.labels)
                    $0.key("values")
                    $0.array { writer in
                        for (timestamp, value) in zip(series.timestamps, series.values) {
                            writer.sample(timestamp, value)
                        }
                    }
                }
            }
        }
    }
}
