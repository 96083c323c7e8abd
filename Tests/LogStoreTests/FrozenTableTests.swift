import MartletCore
import MartletFiles
import MartletOTLP
import Testing

@testable import MartletEvents
@testable import MartletLogStore

/// What is being sealed needs less memory and can still be searched.
@Suite("Frozen records")
struct FrozenTableTests {
    private func table() throws -> LogTable {
        var table = LogTable(limits: LogLimits(), codec: PlainCodec(), seed: 7)
        for batch in 0..<4 {
            let entries = (0..<500).map { place in
                let number = batch * 500 + place
                return LogEntry(
                    time: UInt64(1_000_000 + number),
                    severity: 9,
                    body: .string("request \(number) of user u\(number % 50) took longer than usual"),
                    attributes: [Attribute("user", .string("u\(number % 50)")), Attribute("n", .int(Int64(number)))]
                )
            }
            let request = LogsRequest(resourceLogs: [ResourceLogs(scopeLogs: [ScopeLogs(entries: entries)])])
            _ = try table.append(request.encoded())
        }
        return table
    }

    /// The bytes of a block of some records.
    private func block(_ table: LogTable) -> [UInt8] {
        final class Kept: @unchecked Sendable { var bytes: [UInt8] = [] }
        struct File: WritableFile {
            let kept: Kept
            func write(_ bytes: Span<UInt8>) { kept.bytes.append(span: bytes) }
            func sync() {}
            func truncate(to size: Int) {}
            func close() {}
        }
        let file = File(kept: Kept())
        let writer = BlockWriter(number: 1, file: file)
        table.write(to: writer)
        writer.finish(count: table.count, times: 0...1, logSequence: 1, sealedAt: 1)
        try? writer.write(to: file)
        return file.kept.bytes
    }

    @Test func `takes less memory and gives the same texts and the same block`() throws {
        let table = try table()
        var frozen = table
        frozen.freeze()
        #expect(frozen.count == 2000)
        #expect(table.byteCount - frozen.byteCount >= 32 * 2000, "the keys and places of 2,000 words and more are gone")
        let user = try #require(frozen.columnList.firstIndex { $0.key == Array("user".utf8) })
        for number in 0..<50 {
            let text = Array("u\(number)".utf8)
            let code = try #require(frozen.code(column: user, of: text))
            #expect(code == table.code(column: user, of: text))
            #expect(frozen.text(column: user, code) == text)
        }
        #expect(frozen.code(column: user, of: Array("u50".utf8)) == nil)
        #expect(frozen.code(column: user, of: []) == nil)
        let message = String(decoding: frozen.message(1234), as: UTF8.self)
        #expect(message == "request 1234 of user u34 took longer than usual")
        let bytes = block(table)
        #expect(bytes.count > 10_000)
        #expect(block(frozen) == bytes)
    }
}
