public import MartletProtobuf

extension WriteScanner {
    /// Walks a 2.0 request, `io.prometheus.write.v2.Request`.
    ///
    /// - Parameters:
    ///   - bytes: The message, already uncompressed.
    ///   - visitor: Is told the table of texts, then the series in the order sent.
    /// - Throws: ``RemoteWriteError``, also what the visitor throws.
    /// - Complexity: O(*n*) in the number of bytes.
    @inlinable
    public mutating func scan<Visitor: WriteVisitor>(
        version2 bytes: Span<UInt8>,
        _ visitor: inout Visitor
    ) throws(RemoteWriteError) {
        let symbols = try symbols(bytes)
        visitor.symbols(symbols)
        var references: [Int] = []
        var cursor = WireCursor(0..<bytes.count)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            switch tag {
            case 5 << 3 | 2:
                try countSeries(offset)
                try series(bytes, try cursor.range(bytes), symbols.count, &references, &visitor)
            default: try cursor.skip(tag, known: { $0 == 5 }, bytes, offset: offset)
            }
        }
    }

    /// The table of texts, which may come anywhere in the message.
    @usableFromInline
    func symbols(_ bytes: Span<UInt8>) throws(RemoteWriteError) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var cursor = WireCursor(0..<bytes.count)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            guard tag == 4 << 3 | 2 else {
                if tag >> 3 == 4, tag & 7 < 3 { throw .unexpectedWireType(field: 4, offset: offset) }
                try cursor.skip(tag, bytes, offset: offset)
                continue
            }
            guard ranges.count < limits.symbols else {
                throw .limitExceeded("texts", limit: limits.symbols, offset: offset)
            }
            let range = try cursor.range(bytes)
            if ranges.isEmpty, !range.isEmpty { throw .firstSymbolNotEmpty(offset: offset) }
            ranges.append(range)
        }
        return ranges
    }

    @inlinable
    mutating func series<Visitor: WriteVisitor>(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        _ symbolCount: Int,
        _ references: inout [Int],
        _ visitor: inout Visitor
    ) throws(RemoteWriteError) {
        references.removeAll(keepingCapacity: true)
        // The labels and the creation time are needed before the samples, wherever they stand.
        var created: Int64 = 0
        var cursor = WireCursor(range)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            switch tag {
            case 1 << 3 | 2:
                var list = WireCursor(try cursor.range(bytes))
                while !list.isAtEnd { try reference(bytes, &list, symbolCount, &references) }
            case 1 << 3: try reference(bytes, &cursor, symbolCount, &references)
            case 6 << 3: created = Int64(bitPattern: try cursor.varint(bytes))
            default: try cursor.skip(tag, bytes, offset: offset)
            }
        }
        guard references.count % 2 == 0 else { throw .oddReferences(offset: range.lowerBound) }
        try visitor.series(references: references, created: created)
        cursor = WireCursor(range)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            switch tag {
            case 2 << 3 | 2:
                try countSample(offset)
                let (timestamp, value) = try sample(bytes, try cursor.range(bytes))
                visitor.sample(timestamp: timestamp, value: value)
            case 3 << 3 | 2:
                try countSample(offset)
                try visitor.histogram(try cursor.range(bytes))
            case 4 << 3 | 2:
                try countExtra(offset)
                try visitor.exemplar(try cursor.range(bytes))
            case 5 << 3 | 2:
                try visitor.metadata(try cursor.range(bytes))
            case 1 << 3 | 2, 1 << 3, 6 << 3: try cursor.skip(tag, bytes, offset: offset)
            default: try cursor.skip(tag, known: { $0 <= 6 }, bytes, offset: offset)
            }
        }
    }

    /// Reads one reference and checks that the table has it.
    @inlinable
    @inline(__always)
    func reference(
        _ bytes: Span<UInt8>,
        _ cursor: inout WireCursor,
        _ symbolCount: Int,
        _ references: inout [Int]
    ) throws(RemoteWriteError) {
        let offset = cursor.at
        let symbol = try cursor.varint(bytes)
        guard symbol < UInt64(symbolCount) else {
            throw .unknownSymbol(symbol, count: symbolCount, offset: offset)
        }
        guard references.count < 2 * limits.labels else {
            throw .limitExceeded("labels in a series", limit: limits.labels, offset: offset)
        }
        references.append(Int(symbol))
    }
}
