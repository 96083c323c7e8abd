import MartletCore
import MartletHTTPServer
import MartletPromQL
import MartletSeries
import Synchronization

/// A query's answer as JSON, written from the columns of the result straight into the parts that are sent.
///
/// At no time is more than a part of the text in memory. Small answers are one part.
final class QueryResultBody: Sendable {
    /// What stands around the result.
    struct Notes: Sendable {
        var warnings: [String] = []
        var infos: [String] = []

        /// The `stats` member's value, JSON already.
        var statistics: String?

        /// The `explanation` member's value, JSON already.
        var plan: String?
    }

    /// How many bytes a part has at least, but for the last.
    static let partBytesMin = 64 << 10

    private enum Stage {
        case head
        case element(Int)
        case sample(element: Int, Int)
        case histogram(element: Int, Int, isFirst: Bool)
        case tail
        case done
    }

    private let value: QueryValue
    private let notes: Notes
    private let stage = Mutex(Stage.head)

    init(_ value: QueryValue, _ notes: Notes) {
        self.value = value
        self.notes = notes
    }

    /// The answer: at once where it is small, else in parts.
    var response: HTTPResponse {
        guard let first = next() else { return .json([]) }
        let isComplete = stage.withLock { if case .done = $0 { true } else { false } }
        if isComplete { return .json(first) }
        let unsent = Mutex<[UInt8]?>(first)
        let parts: @Sendable () -> [UInt8]? = { [self] in
            if let first = unsent.withLock({ part in
                defer { part = nil }
                return part
            }) {
                return first
            }
            return next()
        }
        return HTTPResponse(status: 200, headers: ["Content-Type": "application/json"], body: .chunks(parts))
    }

    /// The next part, or `nil` after the last.
    func next() -> [UInt8]? {
        stage.withLock { stage in
            if case .done = stage { return nil }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(Self.partBytesMin + 4096)
            while bytes.count < Self.partBytesMin {
                if case .done = stage { break }
                stage = write(stage, to: &bytes)
            }
            return bytes
        }
    }

    private func write(_ stage: Stage, to bytes: inout [UInt8]) -> Stage {
        switch stage {
        case .head:
            bytes.append(
                contentsOf: "{\"status\":\"success\",\"data\":{\"resultType\":\"\(value.typeName)\",\"result\":".utf8
            )
            return writeStart(to: &bytes)
        case .element(let index): return writeElement(index, to: &bytes)
        case .sample(let element, let index): return writeSamples(element, from: index, to: &bytes)
        case .histogram(let element, let index, let isFirst):
            return writeHistograms(element, from: index, isFirst, to: &bytes)
        case .tail:
            writeTail(to: &bytes)
            return .done
        case .done: return .done
        }
    }

    private func writeStart(to bytes: inout [UInt8]) -> Stage {
        switch value {
        case .scalar(let sample):
            Self.write(sample.timestamp, sample.value, to: &bytes)
            return .tail
        case .string(let text, let timestamp):
            bytes.append(UInt8(ascii: "["))
            FloatText.append(seconds: timestamp, to: &bytes)
            bytes.append(UInt8(ascii: ","))
            JSONText.append(text, to: &bytes)
            bytes.append(UInt8(ascii: "]"))
            return .tail
        case .vector, .matrix:
            bytes.append(UInt8(ascii: "["))
            return .element(0)
        }
    }

    private func writeElement(_ index: Int, to bytes: inout [UInt8]) -> Stage {
        switch value {
        case .vector(let elements) where index < elements.count:
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            Self.write(elements[index], to: &bytes)
            return .element(index + 1)
        case .matrix(let series) where index < series.count:
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: "{\"metric\":".utf8)
            Self.write(series[index].labels, to: &bytes)
            return .sample(element: index, 0)
        default:
            bytes.append(UInt8(ascii: "]"))
            return .tail
        }
    }

    /// Writes samples of one series until the part is full; numbers come before histograms.
    private func writeSamples(_ element: Int, from first: Int, to bytes: inout [UInt8]) -> Stage {
        guard case .matrix(let all) = value else { return .tail }
        let series = all[element]
        var isFirst = first == 0
        if series.histograms.isEmpty {
            // The usual case, without a look at each sample's kind.
            var index = first
            while index < series.timestamps.count, bytes.count < Self.partBytesMin {
                bytes.append(contentsOf: index == 0 ? Self.valuesStart : Self.comma)
                Self.write(series.timestamps[index], series.values[index], to: &bytes)
                index += 1
            }
            if index < series.timestamps.count { return .sample(element: element, index) }
            bytes.append(contentsOf: (series.timestamps.isEmpty ? "}" : "]}").utf8)
            return .element(element + 1)
        }
        var index = first
        if index > 0 { isFirst = !series.histograms[..<index].contains { $0 == nil } }
        while index < series.timestamps.count, bytes.count < Self.partBytesMin {
            if series.histograms[index] == nil {
                bytes.append(contentsOf: isFirst ? Self.valuesStart : Self.comma)
                isFirst = false
                Self.write(series.timestamps[index], series.values[index], to: &bytes)
            }
            index += 1
        }
        if index < series.timestamps.count { return .sample(element: element, index) }
        if !isFirst { bytes.append(UInt8(ascii: "]")) }
        return .histogram(element: element, 0, isFirst: true)
    }

    private func writeHistograms(_ element: Int, from first: Int, _ wasFirst: Bool, to bytes: inout [UInt8]) -> Stage {
        guard case .matrix(let all) = value else { return .tail }
        let series = all[element]
        var isFirst = wasFirst
        var index = first
        while index < series.histograms.count, bytes.count < Self.partBytesMin {
            if let histogram = series.histograms[index] {
                bytes.append(contentsOf: isFirst ? Self.histogramsStart : Self.comma)
                isFirst = false
                Self.write(series.timestamps[index], histogram, to: &bytes)
            }
            index += 1
        }
        if index < series.histograms.count { return .histogram(element: element, index, isFirst: isFirst) }
        bytes.append(contentsOf: (isFirst ? "}" : "]}").utf8)
        return .element(element + 1)
    }

    private func writeTail(to bytes: inout [UInt8]) {
        if let statistics = notes.statistics {
            bytes.append(contentsOf: ",\"stats\":".utf8)
            bytes.append(contentsOf: statistics.utf8)
        }
        if let plan = notes.plan {
            bytes.append(contentsOf: ",\"explanation\":".utf8)
            bytes.append(contentsOf: plan.utf8)
        }
        bytes.append(UInt8(ascii: "}"))
        for (name, texts) in [("warnings", notes.warnings), ("infos", notes.infos)] where !texts.isEmpty {
            bytes.append(contentsOf: ",\"\(name)\":[".utf8)
            for (index, text) in texts.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONText.append(text, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private static let comma = Array(",".utf8)
    private static let valuesStart = Array(",\"values\":[".utf8)
    private static let histogramsStart = Array(",\"histograms\":[".utf8)

    private static func write(_ element: VectorElement, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "{\"metric\":".utf8)
        write(element.labels, to: &bytes)
        if let histogram = element.histogram {
            bytes.append(contentsOf: ",\"histogram\":".utf8)
            write(element.timestamp, histogram, to: &bytes)
        } else {
            bytes.append(contentsOf: ",\"value\":".utf8)
            write(element.timestamp, element.value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private static func write(_ timestamp: Int64, _ value: Double, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        FloatText.append(seconds: timestamp, to: &bytes)
        bytes.append(UInt8(ascii: ","))
        bytes.append(UInt8(ascii: "\""))
        FloatText.append(value, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: "]"))
    }

    private static func write(_ timestamp: Int64, _ histogram: NativeHistogram, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        FloatText.append(seconds: timestamp, to: &bytes)
        bytes.append(UInt8(ascii: ","))
        HistogramText.append(histogram, to: &bytes)
        bytes.append(UInt8(ascii: "]"))
    }

    private static func write(_ labels: LabelSet, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        var isFirst = true
        for label in labels {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONText.append(label.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            JSONText.append(label.value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}
