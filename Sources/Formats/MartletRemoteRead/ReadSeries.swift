public import MartletCore
import MartletProtobuf

/// One series of an answer: columns of numbers, and histograms that are messages already.
public struct ReadSeries: Sendable {
    /// The labels, sorted by name.
    public var labels: LabelSet
    /// The times of the numbers, in milliseconds since the epoch, ascending.
    public var timestamps: [Int64]
    /// The numbers.
    public var values: [Double]
    /// The native histograms, each as a `prometheus.Histogram` message.
    public var histograms: [[UInt8]]

    /// Creates a series.
    ///
    /// - Precondition: There are as many times as numbers.
    public init(labels: LabelSet, timestamps: [Int64], values: [Double], histograms: [[UInt8]] = []) {
        precondition(timestamps.count == values.count)
        self.labels = labels
        self.timestamps = timestamps
        self.values = values
        self.histograms = histograms
    }
}

/// Writes answers to remote readers.
public enum ReadResponse {
    /// How many samples a chunk holds at most.
    static let chunkSamplesMax = 120

    /// How large a frame of a stream becomes before the next one begins, in bytes.
    static let frameBytesMax = 1 << 20

    /// All series of all queries as one `prometheus.ReadResponse`.
    public static func samples(_ results: [[ReadSeries]]) -> [UInt8] {
        var writer = ProtobufWriter()
        for series in results {
            writer.message(1) { result in
                for one in series {
                    result.message(1) { write(one, to: &$0) }
                }
            }
        }
        return writer.bytes
    }

    private static func write(_ series: ReadSeries, to writer: inout ProtobufWriter) {
        write(series.labels, to: &writer)
        for (timestamp, value) in zip(series.timestamps, series.values) {
            writer.message(2) {
                $0.double(1, value)
                $0.integer(2, timestamp)
            }
        }
        for histogram in series.histograms { writer.bytes(4, histogram) }
    }

    private static func write(_ labels: LabelSet, to writer: inout ProtobufWriter) {
        for label in labels {
            writer.message(1) {
                $0.text(1, label.name)
                $0.text(2, label.value)
            }
        }
    }

    /// The frames of one series in a stream: each a length, a checksum and a `prometheus.ChunkedReadResponse`.
    ///
    /// - Parameters:
    ///   - series: The series; its histograms are not part of chunks of numbers.
    ///   - query: Which of the request's queries it answers.
    /// - Returns: One frame or more.
    public static func frames(_ series: ReadSeries, query: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunks: [[UInt8]] = []
        var size = 0
        func flush() {
            guard !chunks.isEmpty else { return }
            var message = ProtobufWriter()
            message.message(1) { one in
                write(series.labels, to: &one)
                for chunk in chunks { one.bytes(2, chunk) }
            }
            message.integer(2, Int64(query))
            append(message.bytes, to: &bytes)
            chunks = []
            size = 0
        }
        var start = 0
        while start < series.timestamps.count {
            let end = min(start + chunkSamplesMax, series.timestamps.count)
            let chunk = chunk(series.timestamps[start..<end], series.values[start..<end])
            size += chunk.count
            chunks.append(chunk)
            start = end
            if size >= frameBytesMax { flush() }
        }
        flush()
        return bytes
    }

    private static func chunk(_ timestamps: ArraySlice<Int64>, _ values: ArraySlice<Double>) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.integer(1, timestamps.first ?? 0)
        writer.integer(2, timestamps.last ?? 0)
        writer.unsigned(3, 1)
        writer.bytes(4, XORChunk.encode(timestamps, values))
        return writer.bytes
    }

    private static func append(_ message: [UInt8], to bytes: inout [UInt8]) {
        var rest = UInt64(message.count)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
        let checksum = Castagnoli.checksum(message)
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: checksum >> shift)) }
        bytes.append(contentsOf: message)
    }
}
