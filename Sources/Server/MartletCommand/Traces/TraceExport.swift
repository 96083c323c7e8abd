import MartletCore
import MartletOTLP
import MartletTraceStore

/// The forms a trace can be written in.
enum TraceExport: String, CaseIterable {
    /// OTLP as JSON on one line, as OpenTelemetry's files have it.
    case otlp
    /// The spans one by one, with the critical path.
    case json
    /// Chrome's trace events, for Perfetto and chrome://tracing.
    case chrome
    /// The critical path as folded stacks, for flame graphs.
    case folded

    func text(_ trace: ShownTrace) -> String {
        switch self {
        case .otlp: return String(decoding: trace.request.json(), as: UTF8.self) + "\n"
        case .json: return Self.json(trace)
        case .chrome: return Self.chrome(trace)
        case .folded:
            var times = CriticalTimes()
            times.add(trace.basics)
            return times.folded
        }
    }

    private static func json(_ trace: ShownTrace) -> String {
        var critical: [Int: Int64] = [:]
        for section in trace.path.sections { critical[section.span, default: 0] += section.duration }
        var writer = JSONWriter()
        writer.object {
            $0.member("traceId", trace.basics.first?.traceID.description ?? "")
            $0.member("spans", array: trace.order) { writer, entry in
                let (basics, span) = (trace.basics[entry.span], trace.spans[entry.span])
                writer.object {
                    $0.member("spanId", basics.spanID.description)
                    if basics.parentID.isValid { $0.member("parentSpanId", basics.parentID.description) }
                    $0.member("depth", entry.depth)
                    $0.member("service", basics.service)
                    $0.member("operation", basics.operation)
                    $0.member("kind", basics.kind.name)
                    $0.member("startUnixNano", String(basics.start))
                    $0.member("durationNanoseconds", basics.duration)
                    $0.member("criticalNanoseconds", critical[entry.span] ?? 0)
                    $0.member("error", basics.status == .error)
                    $0.key("attributes")
                    $0.object { for attribute in span.attributes { $0.member(attribute.key, attribute.value.text) } }
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }

    /// - SeeAlso: [Trace Event Format](https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU)
    private static func chrome(_ trace: ShownTrace) -> String {
        let services = Set(trace.basics.map(\.service)).sorted()
        var writer = JSONWriter()
        writer.object {
            $0.member("displayTimeUnit", "ns")
            $0.key("traceEvents")
            $0.array { writer in
                for (process, service) in services.enumerated() {
                    writer.object {
                        $0.member("ph", "M")
                        $0.member("name", "process_name")
                        $0.member("pid", process + 1)
                        $0.member("args") { $0.member("name", service) }
                    }
                }
                for (thread, entry) in trace.order.enumerated() {
                    let basics = trace.basics[entry.span]
                    writer.object {
                        $0.member("ph", "X")
                        $0.member("name", basics.operation)
                        $0.member("cat", basics.kind.name)
                        $0.member("pid", (services.firstIndex(of: basics.service) ?? 0) + 1)
                        $0.member("tid", thread + 1)
                        $0.member("ts", Double(basics.start) / 1000)
                        $0.member("dur", Double(basics.duration) / 1000)
                        $0.member("args") { writer in
                            for attribute in trace.spans[entry.span].attributes {
                                writer.member(attribute.key, attribute.value.text)
                            }
                        }
                    }
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }
}
