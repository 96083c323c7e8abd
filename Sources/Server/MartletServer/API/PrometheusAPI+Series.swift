import MartletCore
import MartletHTTPServer
import MartletSeries

extension PrometheusAPI {
    func series(_ call: Call) throws -> Answer {
        let selectors = try selectors(call.parameters)
        guard !selectors.isEmpty else {
            throw APIError(kind: .badData, message: "no match[] parameter provided")
        }
        let limit = try call.parameters.limit()
        let found = try source.labelSets(matching: selectors, in: range(call.parameters), limit: Self.oneMore(limit))
        return limited(found, limit) { $0.labels($1) }
    }

    func labelNames(_ call: Call) throws -> Answer {
        let limit = try call.parameters.limit()
        let found = try source.labelNames(
            matching: selectors(call.parameters),
            in: range(call.parameters),
            limit: Self.oneMore(limit)
        )
        return limited(found, limit) { $0.string($1) }
    }

    func labelValues(_ call: Call) throws -> Answer {
        let name = call.values["name"] ?? ""
        guard !name.isEmpty else { throw APIError(kind: .badData, message: "invalid label name: \"\"") }
        let limit = try call.parameters.limit()
        let found = try source.labelValues(
            of: name,
            matching: selectors(call.parameters),
            in: range(call.parameters),
            limit: Self.oneMore(limit)
        )
        return limited(found, limit) { $0.string($1) }
    }

    /// One more than the limit is asked for, to know whether something was left out.
    private static func oneMore(_ limit: Int) -> Int { limit == .max ? limit : limit + 1 }

    private func limited<Element>(
        _ found: [Element],
        _ limit: Int,
        _ each: @escaping (inout JSONWriter, Element) -> Void
    ) -> Answer {
        let isTruncated = found.count > limit
        return Answer(warnings: isTruncated ? ["results truncated due to limit"] : []) { writer in
            writer.array(found.prefix(limit), each)
        }
    }
}
