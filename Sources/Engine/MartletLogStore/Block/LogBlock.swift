import MartletCore
import MartletEvents
import MartletFiles
import MartletOTLP
import MartletSearch
import Synchronization

/// A sealed block of records; its columns are only touched when somebody asks.
final class LogBlock: Sendable {
    /// Says that a column of numbers has their bits.
    static let isBits: UInt8 = 255

    /// What numbers with so many decimals are multiplied by.
    static let powers: [Double] = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

    let file: BlockFile
    let base: UInt64
    let count: Int

    /// Whether no record is older than the one that arrived before it.
    let isSorted: Bool
    let codec: any BlockCodec
    private let tables = Mutex<Tables?>(nil)

    /// What many rows share, small beside the columns.
    struct Tables: Sendable {
        var kinds: [LogTable.Kind] = []
        var origins: [LogTable.Origin] = []
        var columns: [LogColumn] = []
        var decimals: [UInt8] = []
        var shapes: [[Int]] = []
        var separators: [[UInt8]] = []
    }

    init(_ file: BlockFile, codec: any BlockCodec) throws(EventError) {
        self.file = file
        self.codec = codec
        count = file.count
        (base, isSorted) = try file.column(LogSections.base).withBytes {
            $0.count == 9 ? ($0.uint64(at: 0), $0[8] == 1) : (0, false)
        }
    }

    /// The tables, read once.
    func sharedTables() throws(EventError) -> Tables {
        if let known = tables.withLock({ $0 }) { return known }
        var result = Tables()
        try read(LogSections.kindTable) { Self.readKinds($0, &result) }
        try read(LogSections.originTable) { Self.readOrigins($0, &result) }
        try read(LogSections.shapeTable) { Self.readShapes($0, &result) }
        try read(LogSections.separators) { Self.readSeparators($0, &result) }
        let tables = result
        self.tables.withLock { $0 = tables }
        return tables
    }

    private func read(_ name: BlockSection, _ body: (Span<UInt8>) -> Bool) throws(EventError) {
        let isWhole = try file.column(name).withBytes { body($0) }
        if !isWhole { throw file.damaged("its table \(name.kind) makes no sense") }
    }

    private static func text(_ bytes: Span<UInt8>, _ at: inout Int) -> [UInt8]? {
        guard let count = bytes.varint(&at), count <= UInt64(bytes.count - at) else { return nil }
        defer { at += Int(count) }
        return bytes.extracting(at..<(at + Int(count))).array
    }

    private static func readKinds(_ bytes: Span<UInt8>, _ result: inout Tables) -> Bool {
        var at = 0
        guard let count = bytes.varint(&at), count <= UInt64(bytes.count) else { return false }
        for _ in 0..<count {
            guard at + 6 <= bytes.count, let body = LogTable.BodyKind(rawValue: bytes[at + 1]) else { return false }
            let (severity, flags) = (bytes[at], bytes.uint32(at: at + 2))
            at += 6
            guard let word = text(bytes, &at), let name = text(bytes, &at) else { return false }
            result.kinds.append(
                LogTable.Kind(
                    severity: severity,
                    body: body,
                    flags: flags,
                    severityText: String(decoding: word, as: UTF8.self),
                    eventName: String(decoding: name, as: UTF8.self)
                )
            )
        }
        return true
    }

    private static func readOrigins(_ bytes: Span<UInt8>, _ result: inout Tables) -> Bool {
        var at = 0
        guard let count = bytes.varint(&at), count <= UInt64(bytes.count) else { return false }
        for _ in 0..<count {
            guard let heads = text(bytes, &at) else { return false }
            result.origins.append(LogTable.Origin(heads))
        }
        return true
    }

    private static func readShapes(_ bytes: Span<UInt8>, _ result: inout Tables) -> Bool {
        var at = 0
        guard let columns = bytes.varint(&at), columns <= UInt64(bytes.count) else { return false }
        for _ in 0..<columns {
            guard let key = text(bytes, &at), at + 2 <= bytes.count, let type = ValueType(rawValue: bytes[at]) else {
                return false
            }
            result.columns.append(LogColumn(key: key, type: type))
            result.decimals.append(bytes[at + 1])
            guard bytes[at + 1] == isBits || Int(bytes[at + 1]) < powers.count else { return false }
            at += 2
        }
        guard let shapes = bytes.varint(&at), shapes <= UInt64(bytes.count) else { return false }
        for _ in 0..<shapes {
            guard let size = bytes.varint(&at), size <= UInt64(bytes.count - at) else { return false }
            var shape: [Int] = []
            for _ in 0..<size {
                guard let column = bytes.varint(&at), column < columns else { return false }
                shape.append(Int(column))
            }
            result.shapes.append(shape)
        }
        return true
    }

    private static func readSeparators(_ bytes: Span<UInt8>, _ result: inout Tables) -> Bool {
        var at = 0
        guard let count = bytes.varint(&at), count <= UInt64(bytes.count) else { return false }
        for _ in 0..<count {
            guard let separator = text(bytes, &at) else { return false }
            result.separators.append(separator)
        }
        return true
    }
}
