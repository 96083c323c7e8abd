import MartletAudit
import MartletCore
import Synchronization

/// Writes matching events out piece by piece, so that an export of any size needs little memory.
final class AuditExport: Sendable {
    private struct State: Sendable {
        var after: UInt64 = 0
        var isBegun = false
        var isDone = false
    }

    private static let pieceBytes = 256 << 10
    private static let columns =
        [
            "number", "taken", "timestamp", "actor", "operation", "resource", "outcome", "reason", "component",
            "trace_id", "details",
        ]

    private let api: AuditAPI
    private let filter: AuditRecordFilter
    private let isCSV: Bool
    private let state = Mutex(State())

    init(api: AuditAPI, filter: AuditRecordFilter, isCSV: Bool) {
        self.api = api
        self.filter = filter
        self.isCSV = isCSV
    }

    /// The next piece, `nil` at the end.
    func next() throws -> [UInt8]? {
        try state.withLock { state in
            guard !state.isDone else { return nil }
            var piece: [UInt8] = []
            if !state.isBegun, isCSV { piece += Array((Self.columns.joined(separator: ",") + "\r\n").utf8) }
            state.isBegun = true
            var (last, isFull) = (state.after, false)
            try api.find(filter, after: state.after) { number, time, value, bytes in
                piece += isCSV ? Self.row(number, time, value) : AuditAPI.line(number, time, bytes) + [0x0a]
                last = number
                isFull = piece.count >= Self.pieceBytes
                return !isFull
            }
            state.after = last
            state.isDone = !isFull
            return piece.isEmpty ? nil : piece
        }
    }

    private static func row(_ number: UInt64, _ time: Int64, _ event: JSONValue) -> [UInt8] {
        let taken = RFC3339.string(nanosecondsSinceEpoch: time, fractionDigits: 9)
        let values = columns.dropFirst(2).map { name in
            switch event[name] {
            case .string(let text)?: text
            case nil, .null?: ""
            case let other?: other.description
            }
        }
        return Array(("\(number),\(taken)," + values.map(quoted).joined(separator: ",") + "\r\n").utf8)
    }

    /// A value as RFC 4180 wants it; one that a spreadsheet would take for a formula gets an apostrophe before it.
    static func quoted(_ text: String) -> String {
        let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
        let safe = isFormula ? "'" + text : text
        guard safe.contains(where: { "\",\r\n".contains($0) || $0 == "\r\n" }) else { return safe }
        return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
