import MartletCore
import MartletOTLP
import MartletProtobuf

/// Reads what Loki's clients push: streams of lines with labels.
///
/// Labels describe where lines come from and become the resource; a label that tells of a service becomes `service.name`. Lines
/// are read for what they are, JSON and logfmt included.
///
/// - SeeAlso: [Loki 3.4, HTTP API](https://grafana.com/docs/loki/v3.4.x/reference/loki-http-api/#ingest-logs)
public struct LokiPush: Sendable {
    /// Why a push cannot be read.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        /// What is wrong.
        public let description: String
    }

    /// What becomes of the lines.
    public private(set) var batch = LogBatch()

    /// What became of the lines.
    public var counts: LogInputCounts { parser.counts }

    private var parser: LineParser
    private let limits: LogInputLimits
    private let observed: Int64

    /// Reads a push in JSON.
    ///
    /// - Parameters:
    ///   - json: The body, already uncompressed.
    ///   - observed: When it arrived, in nanoseconds since the epoch.
    ///   - limits: How much of each line is taken.
    /// - Throws: ``Failure``.
    public init(json: [UInt8], observed: Int64, limits: LogInputLimits = LogInputLimits()) throws(Failure) {
        self.init(observed, limits)
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(json)
        } catch {
            throw Failure(description: "\(error)")
        }
        guard let streams = value["streams"]?.elements else {
            throw Failure(description: "the body has no list \"streams\"")
        }
        for stream in streams {
            let labels = (stream["stream"]?.members ?? [:]).sorted { $0.key < $1.key }
            let source = Source(labels.compactMap { entry in entry.value.text.map { (entry.key, $0) } })
            for value in stream["values"]?.elements ?? [] {
                guard let parts = value.elements, parts.count >= 2, let line = parts[1].text,
                    let time = (parts[0].text.flatMap { Int64($0) }) ?? parts[0].integer(Int64.self)
                else { throw Failure(description: "a value is not [\"<nanoseconds>\", \"<line>\"]") }
                let more = parts.count > 2 ? (parts[2].members ?? [:]).sorted { $0.key < $1.key } : []
                add(
                    time,
                    Array(line.utf8),
                    more.compactMap { entry in entry.value.text.map { (entry.key, $0) } },
                    source
                )
            }
        }
    }

    /// Reads a push in protobuf.
    ///
    /// - Parameters:
    ///   - protobuf: The body, already uncompressed.
    ///   - observed: When it arrived, in nanoseconds since the epoch.
    ///   - limits: How much of each line is taken.
    /// - Throws: ``Failure``.
    public init(protobuf: [UInt8], observed: Int64, limits: LogInputLimits = LogInputLimits()) throws(Failure) {
        self.init(observed, limits)
        do {
            var reader = ProtobufReader(protobuf)
            while let field = try reader.next() {
                if field.number == 1 { try readStream(try reader.message(field)) }
            }
        } catch let error as ProtobufError {
            throw Failure(description: "protobuf at byte \(error.offset): \(error)")
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(description: "\(error)")
        }
    }

    private init(_ observed: Int64, _ limits: LogInputLimits) {
        self.observed = observed
        self.limits = limits
        parser = LineParser(.automatic, limits: limits)
    }

    private mutating func readStream(_ message: ProtobufReader) throws {
        var reader = message
        var source = Source([])
        // Labels stand before entries in what clients write, but need not.
        var entries: [ProtobufReader] = []
        while let field = try reader.next() {
            switch field.number {
            case 1:
                guard let labels = LokiLabels.read(try reader.text(field) ?? "") else {
                    throw Failure(description: "the labels of a stream are not {name=\"value\", …}")
                }
                source = Source(labels)
            case 2: entries.append(try reader.message(field))
            default: break
            }
        }
        for entry in entries { try readEntry(entry, source) }
    }

    private mutating func readEntry(_ message: ProtobufReader, _ source: Source) throws {
        var reader = message
        var seconds: Int64 = 0
        var nanoseconds: Int64 = 0
        var line: ArraySlice<UInt8> = []
        var more: [(String, String)] = []
        while let field = try reader.next() {
            switch field.number {
            case 1:
                var time = try reader.message(field)
                while let part = try time.next() {
                    if part.number == 1 { seconds = try time.integer(part) }
                    if part.number == 2 { nanoseconds = try time.integer(part) }
                }
            case 2: line = reader.bytes[try reader.range(field)]
            case 3:
                var pair = try reader.message(field)
                var (name, value) = ("", "")
                while let part = try pair.next() {
                    if part.number == 1 { name = try pair.text(part) ?? "" }
                    if part.number == 2 { value = try pair.text(part) ?? "" }
                }
                if !name.isEmpty { more.append((name, value)) }
            default: break
            }
        }
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        add(overflow ? 0 : scaled.addingReportingOverflow(nanoseconds).partialValue, Array(line), more, source)
    }

    private mutating func add(_ time: Int64, _ line: [UInt8], _ more: [(String, String)], _ source: Source) {
        let line = LineFramer.Line(bytes: line, cutBytes: 0)
        var parsed = parser.parse(line, observed: observed)
        if time > 0 {
            // The time that the client gives counts more than what its line says.
            parsed.entry.time = UInt64(time)
            parsed.entry.attributes.removeAll { $0.key == "log.claimed_time" }
            parser.settleTime(&parsed.entry, observed: observed)
        }
        if parsed.entry.severity == 0, let word = source.level, let severity = LevelWord.severity(word.utf8) {
            (parsed.entry.severity, parsed.entry.severityText) = (severity, word)
        }
        for (name, value) in more where parsed.entry.attributes.count < limits.attributes {
            switch name {
            case "trace_id" where !parsed.entry.traceID.isValid && TraceID(value) != nil:
                parsed.entry.traceID = TraceID(value) ?? .none
            case "span_id" where !parsed.entry.spanID.isValid && SpanID(value) != nil:
                parsed.entry.spanID = SpanID(value) ?? .none
            default: parsed.entry.attributes.append(Attribute(name, value))
            }
        }
        batch.add(parsed, source: source.attributes)
    }

    /// What the labels of a stream say.
    private struct Source {
        var attributes: [Attribute] = []
        var level: String?

        init(_ labels: [(String, String)]) {
            for (name, value) in labels {
                switch name {
                case "level", "detected_level", "severity": level = value
                case "host", "hostname", "instance": attributes.append(Attribute("host.name", value))
                default: attributes.append(Attribute(name, value))
                }
            }
            // The first of these names that a stream has tells its service.
            for name in ["service.name", "service_name", "service", "app", "container", "job"] {
                guard let place = attributes.firstIndex(where: { $0.key == name }) else { continue }
                attributes[place].key = "service.name"
                return
            }
        }
    }
}
