import MartletCore

/// A record of the request that is being read: what goes to the columns by row.
struct LogRow: Sendable {
    var time: Int64
    var observed: UInt64
    var trace: TraceID
    var span: UInt64
    var kind: UInt32
    var origin: UInt32
    var shape: UInt32

    /// Where the record's codes and values end.
    var codeEnd: UInt32
    var valueEnd: UInt32
}

extension LogTable {
    /// Moves the records of a request to the columns, a column at a time.
    mutating func appendStaged() {
        let rows = staged
        staged = []
        times.append(rows) { $0.time }
        observed.append(rows) { $0.observed }
        kindCodes.append(rows) { $0.kind }
        originCodes.append(rows) { $0.origin }
        traces.append(rows) { $0.trace }
        spans.append(rows) { $0.span }
        shapes.append(rows) { $0.shape }
        codeStarts.append(rows) { $0.codeEnd }
        valueStarts.append(rows) { $0.valueEnd }
        staged = rows
        staged.removeAll(keepingCapacity: rows.count <= 1 << 12)
    }
}

extension Array {
    @inline(__always)
    fileprivate mutating func append(_ rows: [LogRow], _ value: (LogRow) -> Element) {
        if rows.count < 16 {
            for row in rows { append(value(row)) }
        } else {
            append(contentsOf: rows.map(value))
        }
    }
}
