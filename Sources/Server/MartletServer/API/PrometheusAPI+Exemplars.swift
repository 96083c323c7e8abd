import MartletCore
import MartletHTTPServer
import MartletPromQL
import MartletSeries
import MartletTSDB

extension PrometheusAPI {
    /// `query_exemplars`: the exemplars of all series that a query's selectors choose.
    func queryExemplars(_ call: Call) throws -> Answer {
        let start = try call.parameters.time("start") ?? 0
        let end = try call.parameters.time("end") ?? .max
        guard end >= start else {
            throw APIError(kind: .badData, message: "end timestamp must not be before start timestamp")
        }
        let query = call.parameters["query"] ?? ""
        let selectors: [[LabelMatcher]]
        do throws(PromQLError) {
            guard !query.isEmpty else {
                throw PromQLError.parse(message: "no expression found in input", line: 1, column: 1)
            }
            selectors = try engine.parse(query).selectors
        } catch {
            throw APIError(kind: .badData, message: error.description)
        }
        let found = server.store.exemplars(matching: selectors, in: start...end)
        return Answer { writer in
            writer.array(found) { writer, series in
                writer.object {
                    $0.member("seriesLabels", labels: series.labels)
                    $0.key("exemplars")
                    $0.array(series.exemplars) { writer, exemplar in
                        writer.object {
                            $0.member("labels", labels: exemplar.labels)
                            $0.member("value", Self.text { FloatText.append(exemplar.value, to: &$0) })
                            $0.key("timestamp")
                            $0.raw(Self.text { FloatText.append(seconds: exemplar.timestamp, to: &$0) })
                        }
                    }
                }
            }
        }
    }

    private static func text(_ write: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        write(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Expression {
    /// The conditions of each selector in the tree, in the order of the text.
    var selectors: [[LabelMatcher]] {
        switch self {
        case .number, .string: []
        case .selector(let node): [node.matchers]
        case .range(let node): [node.selector.matchers]
        case .subquery(let node): node.inner.selectors
        case .call(let node): node.arguments.flatMap(\.selectors)
        case .aggregation(let node): (node.parameter?.selectors ?? []) + node.operand.selectors
        case .binary(let node): node.left.selectors + node.right.selectors
        case .unary(let node): node.operand.selectors
        case .parenthesized(let node): node.inner.selectors
        }
    }
}
