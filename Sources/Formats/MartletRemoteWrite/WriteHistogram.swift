import MartletProtobuf

/// A native histogram of a remote-write request; both versions number its fields alike.
public struct WriteHistogram: Hashable, Sendable {
    /// What is known of a counter reset just before it.
    public enum ResetHint: UInt64, Hashable, Sendable {
        /// Nothing.
        case unknown
        /// There was one.
        case reset
        /// There was none.
        case notReset
        /// It is a gauge: it has no resets.
        case gauge
    }

    /// A run of neighbouring buckets.
    public struct Span: Hashable, Sendable {
        /// The gap to the run before; for the first run, the index of its first bucket.
        public var offset: Int32

        /// How many buckets the run has.
        public var length: UInt32

        /// Creates a run of buckets.
        public init(offset: Int32, length: UInt32) {
            self.offset = offset
            self.length = length
        }
    }

    /// The buckets of one sign.
    public struct Buckets: Hashable, Sendable {
        /// Which indices the counts belong to.
        public var spans: [Span]

        /// The counts of an integer histogram, each but the first less the one before it.
        public var deltas: [Int64]

        /// The counts of a float histogram.
        public var counts: [Double]

        /// Creates buckets.
        public init(spans: [Span] = [], deltas: [Int64] = [], counts: [Double] = []) {
            self.spans = spans
            self.deltas = deltas
            self.counts = counts
        }
    }

    /// A count, which says whether the histogram is one of integers or of floats.
    public enum Count: Hashable, Sendable {
        /// A whole number.
        case integer(UInt64)
        /// A number with a fraction, as after a division.
        case float(Double)

        /// The count as a number.
        public var number: Double {
            switch self {
            case .integer(let count): Double(count)
            case .float(let count): count
            }
        }
    }

    /// How many observations there are.
    public var count = Count.integer(0)

    /// Their sum.
    public var sum = 0.0

    /// The resolution, −4 through 8, or −53 for custom bounds.
    public var schema: Int32 = 0

    /// The half-width of the zero bucket.
    public var zeroThreshold = 0.0

    /// How many observations the zero bucket holds.
    public var zeroCount = Count.integer(0)

    /// The buckets above zero.
    public var positive = Buckets()

    /// The buckets below zero, by distance from it.
    public var negative = Buckets()

    /// What is known of a counter reset just before it.
    public var resetHint = ResetHint.unknown

    /// When it was read, in milliseconds since the epoch.
    public var timestamp: Int64 = 0

    /// The upper bounds of custom buckets without the last, +Inf.
    public var customBounds: [Double] = []

    /// Creates an empty histogram.
    public init() {}

    /// Reads the message.
    ///
    /// - Parameters:
    ///   - bytes: The request.
    ///   - range: Where the message lies in it.
    ///   - bucketsMax: How many buckets, runs and bounds it may have at most.
    /// - Throws: ``RemoteWriteError``.
    public init(
        decoding bytes: [UInt8],
        in range: Range<Int>,
        bucketsMax: Int = 10_000
    ) throws(RemoteWriteError) {
        self.init()
        do {
            try read(ProtobufReader(bytes, in: range))
        } catch {
            throw RemoteWriteError(error)
        }
        let sizes = [positive, negative].map { $0.spans.count + $0.deltas.count + $0.counts.count }
        guard sizes[0] + sizes[1] + customBounds.count <= bucketsMax else {
            throw .limitExceeded("buckets in a histogram", limit: bucketsMax, offset: range.lowerBound)
        }
    }

    private mutating func read(_ message: ProtobufReader) throws(ProtobufError) {
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: count = .integer(try reader.unsigned(field))
            case 2: count = .float(try reader.double(field))
            case 3: sum = try reader.double(field)
            case 4: schema = Int32(truncatingIfNeeded: try reader.signed(field))
            case 5: zeroThreshold = try reader.double(field)
            case 6: zeroCount = .integer(try reader.unsigned(field))
            case 7: zeroCount = .float(try reader.double(field))
            case 8: negative.spans.append(try Span(try reader.message(field)))
            case 9: try reader.forEachSigned(field) { negative.deltas.append($0) }
            case 10: try reader.forEachDouble(field) { negative.counts.append($0) }
            case 11: positive.spans.append(try Span(try reader.message(field)))
            case 12: try reader.forEachSigned(field) { positive.deltas.append($0) }
            case 13: try reader.forEachDouble(field) { positive.counts.append($0) }
            case 14: resetHint = ResetHint(rawValue: try reader.unsigned(field)) ?? .unknown
            case 15: timestamp = try reader.integer(field)
            case 16: try reader.forEachDouble(field) { customBounds.append($0) }
            default: break
            }
        }
    }

    func encode(to writer: inout ProtobufWriter) {
        switch count {
        case .integer(let count): writer.unsigned(1, count)
        case .float(let count): writer.double(2, count)
        }
        writer.double(3, ifSet: sum)
        if schema != 0 { writer.signed(4, Int64(schema)) }
        writer.double(5, ifSet: zeroThreshold)
        switch zeroCount {
        case .integer(let count): writer.unsigned(6, count)
        case .float(let count): writer.double(7, count)
        }
        negative.encode(8, to: &writer)
        positive.encode(11, to: &writer)
        writer.unsigned(14, ifSet: resetHint.rawValue)
        writer.integer(15, ifSet: timestamp)
        if !customBounds.isEmpty { writer.packedDouble(16, customBounds) }
    }
}

extension WriteHistogram.Span {
    fileprivate init(_ message: ProtobufReader) throws(ProtobufError) {
        self.init(offset: 0, length: 0)
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: offset = Int32(truncatingIfNeeded: try reader.signed(field))
            case 2: length = UInt32(truncatingIfNeeded: try reader.unsigned(field))
            default: break
            }
        }
    }
}

extension WriteHistogram.Buckets {
    fileprivate func encode(_ field: UInt64, to writer: inout ProtobufWriter) {
        for span in spans {
            writer.message(field) {
                if span.offset != 0 { $0.signed(1, Int64(span.offset)) }
                $0.unsigned(2, ifSet: UInt64(span.length))
            }
        }
        if !deltas.isEmpty { writer.packedSigned(field + 1, deltas) }
        if !counts.isEmpty { writer.packedDouble(field + 2, counts) }
    }
}
