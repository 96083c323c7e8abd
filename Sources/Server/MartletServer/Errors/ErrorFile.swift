import MartletCore
import MartletFiles
import MartletLogging

/// The groups of errors in a file, so that a restart does not forget when an error was first seen.
enum ErrorFile {
    static let version = 1

    /// Writes the groups beside the file and puts them in its place.
    static func write(_ path: String, next: UInt64, groups: [ErrorGroup]) throws(FileError) {
        var writer = JSONWriter()
        writer.object {
            $0.member("version", version)
            $0.member("next", String(next))
            $0.member("groups", array: groups) { append($1, to: &$0) }
        }
        let disk = POSIXFileSystem()
        let temporary = path + ".tmp"
        let file = try disk.create(temporary)
        do throws(FileError) {
            try file.write(writer.bytes.span)
            try file.sync()
            try file.close()
        } catch {
            try? file.close()
            try? disk.remove(temporary)
            throw error
        }
        try disk.rename(temporary, to: path)
    }

    private static func append(_ group: ErrorGroup, to writer: inout JSONWriter) {
        writer.object {
            $0.member("type", group.type)
            $0.member("service", group.service)
            $0.member("component", group.component)
            $0.member("message", group.message)
            $0.member("count", String(group.count))
            $0.member("firstSeen", String(group.firstSeen))
            $0.member("lastSeen", String(group.lastSeen))
            $0.member("firstRelease", group.firstRelease)
            $0.member("lastRelease", group.lastRelease)
            if let trace = group.exampleTrace {
                $0.member("traceId", trace.traceID.description)
                $0.member("spanId", trace.spanID.description)
                $0.member("sampled", trace.isSampled)
            }
        }
    }

    /// Reads the groups; what cannot be read is left out, as the errors themselves are in logs and traces.
    static func read(_ path: String) -> (next: UInt64?, groups: [ErrorGroup]) {
        guard let map = try? POSIXFileSystem().map(path) else { return (nil, []) }
        let bytes = map.withBytes { bytes in (0..<bytes.count).map { bytes[$0] } }
        guard let value = try? JSONParser.parse(bytes), value["version"]?.integer(Int.self) == version else {
            return (nil, [])
        }
        let groups = (value["groups"]?.elements ?? []).compactMap(group)
        return (value["next"]?.text.flatMap { UInt64($0) }, groups)
    }

    private static func group(_ value: JSONValue) -> ErrorGroup? {
        func text(_ name: String) -> String { value[name]?.text ?? "" }
        guard let count = UInt64(text("count")), let first = Int64(text("firstSeen")),
            let last = Int64(text("lastSeen"))
        else { return nil }
        var context: SpanContext?
        if let trace = TraceID(text("traceId")), let span = SpanID(text("spanId")) {
            context = SpanContext(traceID: trace, spanID: span, flags: value["sampled"] == .bool(true) ? 1 : 0)
        }
        let latest = ErrorTracker.Occurrence(
            time: last,
            type: text("type"),
            message: text("message"),
            service: text("service"),
            component: text("component"),
            release: text("lastRelease"),
            context: context
        )
        return ErrorGroup(latest: latest, count: count, firstSeen: first, firstRelease: text("firstRelease"))
    }
}
