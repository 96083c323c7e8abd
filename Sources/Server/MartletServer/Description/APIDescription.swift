import MartletCore
import MartletHTTPServer

/// This server's HTTP API as an OpenAPI 3.1 document, served as `/openapi.json`.
///
/// - SeeAlso: [OpenAPI 3.1](https://spec.openapis.org/oas/v3.1.1.html)
struct APIDescription: Sendable {
    private let bytes: [UInt8]

    init(_ operations: [APIOperation] = Self.operations) {
        bytes = Self.document(operations)
    }

    /// Every described path.
    static var operations: [APIOperation] {
        prometheusQueries + prometheusMetadata + prometheusTargets + prometheusRules + prometheusStatus + exchange
            + traces + jaeger + intake + service + health + alerting + alertmanager + audit + auditSearch + logInputs
            + logs + errors + administration
    }

    func addRoutes(to router: inout Router) {
        router.add("GET", path: "/openapi.json") { _, _ in .json(bytes) }
    }

    private static func document(_ operations: [APIOperation]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.member("openapi", "3.1.0")
            $0.key("info")
            $0.object {
                $0.member("title", "Martlet")
                $0.member("version", Version.current)
                $0.member(
                    "description",
                    "Queries, rules, targets and status, as Prometheus serves them, alerts, traces, logs, audit, health, and exchange."
                )
            }
            $0.key("paths")
            $0.object { paths in
                // What a path does is told together, also where its methods do different things.
                var told: Set<String> = []
                for path in operations.map(\.path) where told.insert(path).inserted {
                    let here = operations.filter { $0.path == path }
                    paths.key(path)
                    paths.object { item in
                        for operation in here {
                            for method in operation.methods {
                                item.key(method.lowercased())
                                item.object { write(operation, method, isOnly: here.count == 1, to: &$0) }
                            }
                        }
                    }
                }
            }
            $0.key("components")
            $0.object {
                $0.key("schemas")
                $0.object { writeSchemas(to: &$0) }
            }
        }
        return writer.bytes
    }

    private static func write(
        _ operation: APIOperation,
        _ method: String,
        isOnly: Bool,
        to writer: inout JSONWriter
    ) {
        let name = operation.path.split { "/{}.-_".contains($0) }.joined(separator: "-")
        let isForm = method == "POST" && operation.body == nil && operation.methods.contains("GET")
        let isFirst = method == "GET" || isOnly && method == operation.methods[0]
        writer.member("operationId", isFirst ? name : "\(name)-\(method.lowercased())")
        writer.member("tags", strings: [operation.area])
        writer.member("summary", operation.summary)
        let shown = operation.parameters.filter { $0.isInPath || !isForm }
        if !shown.isEmpty {
            writer.key("parameters")
            writer.array(shown) { writer, parameter in
                writer.object {
                    $0.member("name", parameter.name)
                    $0.member("in", parameter.isInPath ? "path" : "query")
                    $0.member("required", parameter.isRequired || parameter.isInPath)
                    $0.member("description", parameter.help)
                    $0.key("schema")
                    writeSchema(of: parameter, to: &$0)
                    if let example = parameter.example, !parameter.isRepeated { $0.member("example", example) }
                }
            }
        }
        if isForm || operation.body != nil { writeBody(operation, to: &writer) }
        writer.key("responses")
        writer.object { writeResponses(operation, to: &$0) }
    }

    private static func writeSchema(of parameter: APIOperation.Parameter, to writer: inout JSONWriter) {
        writer.object {
            if parameter.isRepeated {
                $0.member("type", "array")
                $0.key("items")
                $0.object {
                    $0.member("type", "string")
                    if let example = parameter.example { $0.member("examples", strings: [example]) }
                }
            } else {
                $0.member("type", "string")
            }
        }
    }

    private static func writeBody(_ operation: APIOperation, to writer: inout JSONWriter) {
        writer.key("requestBody")
        writer.object {
            $0.member("required", true)
            $0.key("content")
            $0.object {
                $0.key(operation.body ?? "application/x-www-form-urlencoded")
                $0.object {
                    $0.key("schema")
                    $0.object { schema in
                        guard operation.body == nil else {
                            schema.member("type", "string")
                            return
                        }
                        let fields = operation.parameters.filter { !$0.isInPath }
                        schema.member("type", "object")
                        schema.member("required", strings: fields.filter(\.isRequired).map(\.name))
                        schema.key("properties")
                        schema.object {
                            for field in fields {
                                $0.key(field.name)
                                writeSchema(of: field, to: &$0)
                            }
                        }
                    }
                }
            }
        }
    }

    private static func writeResponses(_ operation: APIOperation, to writer: inout JSONWriter) {
        if case .none = operation.content {
            writer.key("204")
            writer.object { $0.member("description", "Done.") }
        } else {
            writer.key("200")
            writer.object {
                $0.member("description", "The answer.")
                $0.key("content")
                $0.object { writeContent(operation.content, to: &$0) }
            }
        }
        writer.key("default")
        writer.object {
            $0.member("description", "What went wrong, and what to do about it.")
            $0.key("content")
            $0.object {
                $0.key("application/json")
                $0.object {
                    $0.key("schema")
                    $0.object { $0.member("$ref", "#/components/schemas/Error") }
                }
            }
        }
    }

    private static func writeContent(_ content: APIOperation.Content, to writer: inout JSONWriter) {
        func envelope(_ writer: inout JSONWriter, _ data: (inout JSONWriter) -> Void) {
            writer.key("application/json")
            writer.object {
                $0.key("schema")
                $0.object {
                    $0.key("allOf")
                    $0.array { list in
                        list.object { $0.member("$ref", "#/components/schemas/Success") }
                        list.object {
                            $0.member("type", "object")
                            $0.member("required", strings: ["data"])
                            $0.key("properties")
                            $0.object {
                                $0.key("data")
                                $0.object { data(&$0) }
                            }
                        }
                    }
                }
            }
        }
        switch content {
        case .data(let members):
            envelope(&writer) {
                $0.member("type", "object")
                if !members.isEmpty { $0.member("required", strings: members) }
            }
        case .list: envelope(&writer) { $0.member("type", "array") }
        case .text: envelope(&writer) { $0.member("type", "string") }
        case .other(let type):
            writer.key(type)
            writer.object { _ in }
        case .stream:
            writer.key("text/event-stream")
            writer.object { _ in }
        case .none: break
        }
    }

    private static func writeSchemas(to writer: inout JSONWriter) {
        writer.key("Success")
        writer.object {
            $0.member("type", "object")
            $0.member("required", strings: ["status"])
            $0.key("properties")
            $0.object {
                $0.key("status")
                $0.object { $0.member("const", "success") }
                for name in ["warnings", "infos"] {
                    $0.key(name)
                    $0.object {
                        $0.member("type", "array")
                        $0.key("items")
                        $0.object { $0.member("type", "string") }
                    }
                }
            }
        }
        writer.key("Error")
        writer.object {
            $0.member("type", "object")
            $0.member("required", strings: ["status", "errorType", "error"])
            $0.key("properties")
            $0.object {
                $0.key("status")
                $0.object { $0.member("const", "error") }
                $0.key("errorType")
                $0.object {
                    $0.member(
                        "enum",
                        strings: [
                            "bad_data", "execution", "timeout", "canceled", "internal", "unavailable", "not_found",
                        ]
                    )
                }
                $0.key("error")
                $0.object { $0.member("type", "string") }
            }
        }
    }
}
