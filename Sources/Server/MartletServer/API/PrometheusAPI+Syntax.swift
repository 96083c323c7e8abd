import MartletCore
import MartletHTTPServer
import MartletPromQL

extension PrometheusAPI {
    /// `format_query`: the query as it is usually laid out.
    func formatQuery(_ call: Call) throws -> Answer {
        let text = try parse(call.parameters, engine).1.prettyPrinted
        return Answer { $0.string(text) }
    }

    /// `parse_query`: the query as a tree.
    func parseQuery(_ call: Call) throws -> Answer {
        let tree = try parse(call.parameters, engine).1
        return Answer { SyntaxTreeText.write(tree, to: &$0) }
    }
}
