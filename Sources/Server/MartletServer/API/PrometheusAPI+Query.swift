import MartletCore
import MartletHTTPServer
import MartletPromQL
import MartletSeries

extension PrometheusAPI {
    func instantQuery(_ call: Call) throws -> HTTPResponse {
        let parameters = call.parameters
        let limit = try parameters.limit()
        let time = try parameters.time("time") ?? clock.millisecondsSinceEpoch
        let engine = try engine(for: parameters)
        let started = ContinuousClock.now
        let (text, query) = try parse(parameters, engine)
        let prepared = ContinuousClock.now
        let result = try server.queries.run(
            text,
            kind: "instant",
            client: call.request.remoteAddress,
            range: time...time,
            timeout: engine.options.timeout,
            isCancelled: call.request.isCancelled
        ) {
            let result = try engine.instant(
                query,
                text: text,
                at: time,
                from: source,
                isCancelled: call.request.isCancelled
            )
            return (result, result.statistics.samplesRead)
        }
        let timings = Timings(parsing: prepared - started, evaluating: ContinuousClock.now - prepared)
        return response(result, limit, parameters["stats"], timings, Steps(start: time, step: 0))
    }

    func rangeQuery(_ call: Call) throws -> HTTPResponse {
        let parameters = call.parameters
        let limit = try parameters.limit()
        let start = try parameters.requiredTime("start")
        let end = try parameters.requiredTime("end")
        guard end >= start else {
            throw APIError.badParameter("end", "end timestamp must not be before start time")
        }
        let step = try parameters.requiredDuration("step")
        guard step > 0 else {
            throw APIError.badParameter(
                "step",
                "zero or negative query resolution step widths are not accepted. Try a positive integer"
            )
        }
        let (span, overflows) = end.subtractingReportingOverflow(start)
        guard !overflows, span / step <= Self.stepsMax else {
            throw APIError(
                kind: .badData,
                message: "exceeded maximum resolution of 11,000 points per timeseries. "
                    + "Try decreasing the query resolution (?step=XX)"
            )
        }
        let engine = try engine(for: parameters)
        let started = ContinuousClock.now
        let (text, query) = try parse(parameters, engine)
        guard query.type == .scalar || query.type == .vector else {
            let message =
                "invalid expression type \"\(query.type.rawValue)\" for range query, must be Scalar or instant Vector"
            throw APIError.badParameter("query", message)
        }
        let prepared = ContinuousClock.now
        let result = try server.queries.run(
            text,
            kind: "range",
            client: call.request.remoteAddress,
            range: start...end,
            step: step,
            timeout: engine.options.timeout,
            isCancelled: call.request.isCancelled
        ) {
            let result = try engine.range(
                query,
                text: text,
                from: start,
                through: end,
                step: step,
                from: source,
                isCancelled: call.request.isCancelled
            )
            return (result, result.statistics.samplesRead)
        }
        let timings = Timings(parsing: prepared - started, evaluating: ContinuousClock.now - prepared)
        return response(result, limit, parameters["stats"], timings, Steps(start: start, step: step))
    }

    /// When the steps of a query are, in milliseconds.
    private struct Steps {
        let start: Int64
        let step: Int64
    }

    /// How long the parts of a query took.
    private struct Timings {
        let parsing: Duration
        let evaluating: Duration
    }

    /// The engine with the request's own timeout and lookback.
    private func engine(for parameters: Parameters) throws(APIError) -> QueryEngine {
        var options = engine.options
        if let timeout = try parameters.duration("timeout") {
            options.timeout = min(options.timeout, .milliseconds(max(0, timeout)))
        }
        if let text = parameters["lookback_delta"] {
            do throws(Parameters.DurationProblem) {
                let lookback = try Parameters.duration(text)
                if lookback > 0 { options.lookback = .milliseconds(lookback) }
            } catch {
                throw APIError(kind: .badData, message: "error parsing lookback delta duration: \(error.message)")
            }
        }
        options.countsSamplesPerStep = parameters["stats"] != nil
        options.explains = parameters["explain"] == "true"
        return QueryEngine(patterns: patterns, options: options)
    }

    func parse(_ parameters: Parameters, _ engine: QueryEngine) throws(APIError) -> (text: String, Expression) {
        let text = parameters["query"] ?? ""
        guard !text.isEmpty else {
            throw .badParameter("query", "unknown position: parse error: no expression found in input")
        }
        do {
            return (text, try engine.parse(text))
        } catch {
            throw .badParameter("query", error.description)
        }
    }

    private func response(
        _ result: QueryResult,
        _ limit: Int,
        _ stats: String?,
        _ timings: Timings,
        _ steps: Steps
    ) -> HTTPResponse {
        var notes = QueryResultBody.Notes()
        var value = result.value
        var isTruncated = false
        switch value {
        case .vector(let elements) where elements.count > limit:
            value = .vector(Array(elements.prefix(limit)))
            isTruncated = true
        case .matrix(let series) where series.count > limit:
            value = .matrix(Array(series.prefix(limit)))
            isTruncated = true
        default: break
        }
        notes.warnings = Self.shown(
            (isTruncated ? ["results truncated due to limit"] : []) + result.warnings,
            kind: "warning"
        )
        notes.infos = Self.shown(result.infos, kind: "info")
        if let stats {
            notes.statistics = Self.text(result.statistics, timings, stats == "all" ? steps : nil)
        }
        notes.plan = result.plan.map(Self.text)
        return QueryResultBody(value, notes).response
    }

    /// At most ten notes, and how many were left out.
    private static func shown(_ notes: [String], kind: String) -> [String] {
        guard notes.count > 10 else { return notes }
        return notes.prefix(10) + ["\(notes.count - 10) more \(kind) annotations omitted"]
    }

    private static func text(
        _ statistics: QueryResult.Statistics,
        _ timings: Timings,
        _ steps: Steps?
    ) -> String {
        let parsing = timings.parsing / .seconds(1)
        let evaluating = timings.evaluating / .seconds(1)
        var writer = JSONWriter()
        writer.object {
            $0.key("timings")
            $0.object {
                $0.member("evalTotalTime", parsing + evaluating)
                $0.member("resultSortTime", 0)
                $0.member("queryPreparationTime", parsing)
                $0.member("innerEvalTime", statistics.evaluationTime / .seconds(1))
                $0.member("execQueueTime", max(0, evaluating - statistics.evaluationTime / .seconds(1)))
                $0.member("execTotalTime", parsing + evaluating)
            }
            $0.key("samples")
            $0.object {
                if let steps {
                    $0.key("totalQueryableSamplesPerStep")
                    $0.array(statistics.samplesPerStep.enumerated()) { writer, entry in
                        writer.array {
                            $0.number(Double(steps.start + Int64(entry.offset) * steps.step) / 1000)
                            $0.integer(entry.element)
                        }
                    }
                }
                $0.member("totalQueryableSamples", statistics.queryableSamples)
                $0.member("peakSamples", statistics.peakSamples)
                $0.member("samplesRead", statistics.samplesRead)
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func text(_ plan: QueryPlan) -> String {
        var writer = JSONWriter()
        write(plan, to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Writes a node of the plan; the parser bounds how deep that goes.
    private static func write(_ plan: QueryPlan, to writer: inout JSONWriter) {
        writer.object {
            $0.member("operation", plan.operation)
            $0.member("method", plan.method)
            $0.member("series", plan.series)
            $0.member("samplesRead", plan.samplesRead)
            $0.member("values", plan.values)
            $0.member("seconds", plan.duration / .seconds(1))
            $0.key("children")
            $0.array(plan.children) { write($1, to: &$0) }
        }
    }
}
