import MartletCore
import MartletProtobuf

extension WriteRequest {
    /// Reads a request from its protobuf bytes, already uncompressed.
    ///
    /// Fields that are not known are skipped. Memory grows with what is there, never with what a length claims.
    ///
    /// - Parameters:
    ///   - bytes: The message.
    ///   - limits: What it may hold at most.
    /// - Throws: ``RemoteWriteError`` with the offset of the byte that could not be read.
    /// - Complexity: O(*n*) in the number of bytes.
    public init(decoding bytes: [UInt8], limits: Limits = Limits()) throws(RemoteWriteError) {
        self.init()
        var reader = WireReader(bytes)
        var index = 0
        var sampleCount = 0
        while let field = try reader.next() {
            switch field.number {
            case 1:
                guard index < limits.series else {
                    throw .limitExceeded("series", limit: limits.series, offset: field.offset)
                }
                let parts = try SeriesParts(try reader.message(field), limits, &sampleCount)
                add(parts, at: index)
                index += 1
            case 3:
                guard metadata.count < limits.metadata else {
                    throw .limitExceeded("metadata entries", limit: limits.metadata, offset: field.offset)
                }
                if let entry = try Self.metadata(try reader.message(field)) { metadata.append(entry) }
            default: break
            }
        }
    }

    private mutating func add(_ parts: SeriesParts, at index: Int) {
        exemplarCount += parts.exemplars
        histogramCount += parts.histograms
        if let reason = parts.reason {
            rejections.append(
                Rejection(index: index, reason: reason, labels: parts.labels, samples: parts.samples.count)
            )
        } else {
            series.append(WriteSeries(labels: parts.labels, samples: parts.samples))
        }
    }

    /// A description of a family; `nil` where a text of it is not UTF-8 or the name is missing.
    private static func metadata(_ message: WireReader) throws(RemoteWriteError) -> Metadata? {
        var reader = message
        var type = MetricType.unknown
        var (name, help, unit): (String?, String?, String?) = ("", "", "")
        while let field = try reader.next() {
            switch field.number {
            case 1: type = WireType.type(of: try reader.integer(field))
            case 2: name = try reader.text(field)
            case 4: help = try reader.text(field)
            case 5: unit = try reader.text(field)
            default: break
            }
        }
        guard let name, let help, let unit, !name.isEmpty else { return nil }
        return Metadata(name: name, metadata: MetricMetadata(type: type, help: help, unit: unit))
    }
}

/// A series as it is read, before it is known whether it can be taken.
private struct SeriesParts {
    var labels: [Label] = []
    var samples: [WriteSeries.Sample] = []
    var exemplars = 0
    var histograms = 0
    var reason: WriteRequest.Rejection.Reason?

    init(
        _ message: WireReader,
        _ limits: WriteRequest.Limits,
        _ sampleCount: inout Int
    ) throws(RemoteWriteError) {
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: try addLabel(try reader.message(field), limits)
            case 2:
                sampleCount += 1
                guard sampleCount <= limits.samples else {
                    throw .limitExceeded("samples", limit: limits.samples, offset: field.offset)
                }
                samples.append(try Self.sample(try reader.message(field)))
            case 3: exemplars += 1
            case 4: histograms += 1
            default: break
            }
        }
    }

    private mutating func addLabel(_ message: WireReader, _ limits: WriteRequest.Limits) throws(RemoteWriteError) {
        var reader = message
        var (name, value): (String?, String?) = ("", "")
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try reader.text(field)
            case 2: value = try reader.text(field)
            default: break
            }
        }
        guard let name, let value else { return reject(.invalidUTF8) }
        guard !name.isEmpty else { return reject(.emptyLabelName) }
        guard labels.count < limits.labels else { return reject(.tooManyLabels) }
        if let last = labels.last, !last.name.utf8.lexicographicallyPrecedes(name.utf8) {
            reject(labels.contains { $0.name == name } ? .duplicateLabel : .unsortedLabels)
        }
        labels.append(Label(name, value))
    }

    /// Remembers the first reason.
    private mutating func reject(_ reason: WriteRequest.Rejection.Reason) {
        self.reason = self.reason ?? reason
    }

    private static func sample(_ message: WireReader) throws(RemoteWriteError) -> WriteSeries.Sample {
        var reader = message
        var sample = WriteSeries.Sample(timestamp: 0, value: 0)
        while let field = try reader.next() {
            switch field.number {
            case 1: sample.value = try reader.double(field)
            case 2: sample.timestamp = try reader.integer(field)
            default: break
            }
        }
        return sample
    }
}

/// The numbers of the metric types in the protocol.
enum WireType {
    /// The types, each at its number.
    static let types: [MetricType] = [
        .unknown, .counter, .gauge, .histogram, .gaugeHistogram, .summary, .info, .stateSet,
    ]

    static func type(of number: Int64) -> MetricType {
        types.indices.contains(Int(clamping: number)) ? types[Int(clamping: number)] : .unknown
    }

    static func number(of type: MetricType) -> UInt64 {
        UInt64(types.firstIndex(of: type) ?? 0)
    }
}
