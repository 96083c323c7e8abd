import MartletCore
import MartletHTTPServer
import MartletSeries

extension PrometheusAPI {
    func series(_ call: Call) throws -> Answer {
        guard !call.parameters.values(of: "match[]").isEmpty else {
            throw APIError(kind: .badData, message: "no match[] parameter provided")
        }
        let limit = try call.parameters.limit()
        let range = try range(call.parameters)
        let selectors: [[LabelMatcher]]
        do throws(APIError) {
            selectors = try self.selectors(call.parameters)
        } catch {
            throw APIError.badParameter("match[]", error.message)
        }
        let found = try range.map {
            try source.labelSets(matching: selectors, in: $0, limit: Self.oneMore(limit))
        }
        return limited(found ?? [], limit) { $0.labels($1) }
    }

    func labelNames(_ call: Call) throws -> Answer {
        let limit = try call.parameters.limit()
        let range = try range(call.parameters)
        let selectors = try selectors(call.parameters)
        let found = try range.map {
            try source.labelNames(matching: selectors, in: $0, limit: Self.oneMore(limit))
        }
        return limited(found ?? [], limit) { $0.string($1) }
    }

    func labelValues(_ call: Call) throws -> Answer {
        let name = EscapedName.plain(call.values["name"] ?? "")
        guard !name.isEmpty else {
            throw APIError(kind: .badData, message: "invalid label name: \(LabelSyntax.quoted(name))")
        }
        let limit = try call.parameters.limit()
        let range = try range(call.parameters)
        let selectors = try selectors(call.parameters)
        let found = try range.map {
            try source.labelValues(of: name, matching: selectors, in: $0, limit: Self.oneMore(limit))
        }
        return limited(found ?? [], limit) { $0.string($1) }
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
