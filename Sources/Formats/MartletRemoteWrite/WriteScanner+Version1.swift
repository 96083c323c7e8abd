public import MartletProtobuf

extension WriteScanner {
    /// Walks a 1.0 request, `prometheus.WriteRequest`.
    ///
    /// - Parameters:
    ///   - bytes: The message, already uncompressed.
    ///   - visitor: Is told what is there, in the order sent.
    /// - Throws: ``RemoteWriteError``, also what the visitor throws.
    /// - Complexity: O(*n*) in the number of bytes; nothing is allocated.
    @inlinable
    public mutating func scan<Visitor: WriteVisitor>(
        version1 bytes: Span<UInt8>,
        _ visitor: inout Visitor
    ) throws(RemoteWriteError) {
        var cursor = WireCursor(0..<bytes.count)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            switch tag {
            case 1 << 3 | 2:
                try countSeries(offset)
                try series(bytes, try cursor.range(bytes), &visitor)
            case 3 << 3 | 2:
                try countExtra(offset)
                try visitor.metadata(try cursor.range(bytes))
            default: try cursor.skip(tag, known: { $0 == 1 }, bytes, offset: offset)
            }
        }
    }

    @inlinable
    @inline(__always)
    mutating func series<Visitor: WriteVisitor>(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        _ visitor: inout Visitor
    ) throws(RemoteWriteError) {
        var cursor = WireCursor(range)
        // Every encoder writes the labels first and in one run, so that they need not be looked at here.
        while !cursor.isAtEnd, bytes[cursor.at] == 0x0a {
            // Most labels are shorter than 128 bytes, so that their length is a byte.
            if cursor.end - cursor.at >= 2, bytes[cursor.at + 1] < 0x80,
                Int(bytes[cursor.at + 1]) <= cursor.end - cursor.at - 2
            {
                cursor.at += 2 + Int(bytes[cursor.at + 1])
                continue
            }
            cursor.at += 1
            _ = try cursor.range(bytes)
        }
        try visitor.series(labels: range.lowerBound..<cursor.at)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            switch tag {
            case 2 << 3 | 2:
                try countSample(offset)
                let (timestamp, value) = try sample(bytes, try cursor.range(bytes))
                visitor.sample(timestamp: timestamp, value: value)
            case 3 << 3 | 2:
                try countExtra(offset)
                try visitor.exemplar(try cursor.range(bytes))
            case 4 << 3 | 2:
                try countSample(offset)
                try visitor.histogram(try cursor.range(bytes))
            // Labels behind samples: legal protobuf that nobody writes.
            case 1 << 3 | 2: throw .unexpectedWireType(field: 1, offset: offset)
            default: try cursor.skip(tag, known: { $0 <= 4 }, bytes, offset: offset)
            }
        }
    }
}
