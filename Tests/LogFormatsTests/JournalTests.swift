import MartletCore
import MartletLogFormats
import Testing

@Suite("journald export")
struct JournalTests {
    static let entry: [UInt8] =
        Array(
            """
            __CURSOR=s=1;i=2
            __REALTIME_TIMESTAMP=1795262399000001
            PRIORITY=3
            _HOSTNAME=web1
            SYSLOG_IDENTIFIER=sshd
            _PID=812
            _SYSTEMD_UNIT=ssh.service
            _UID=0
            CODE_FILE=a.c
            CODE_LINE=7
            CODE_FUNC=main
            USER_ID=42
            MESSAGE

            """.utf8
        ) + [9, 0, 0, 0, 0, 0, 0, 0] + Array("two\nlines\n\nMESSAGE=second\nPRIORITY=x\n\n".utf8)

    @Test func `reads entries with texts and with bytes, whatever pieces they come in`() {
        for size in [1, 2, 3, 7, 50, 1000] {
            var export = JournalExport()
            var records: [ParsedLine] = []
            var rest = Self.entry[...]
            while !rest.isEmpty {
                records += export.take(rest.prefix(size), observed: observed)
                rest = rest.dropFirst(size)
            }
            #expect(records.map(\.body) == ["two\nlines", "second"], "pieces of \(size) bytes")
            #expect(records[0].entry.severity == 17)
            #expect(records[0].time == "2026-11-21T11:59:59.000001Z")
            #expect(records[0].source == ["host.name": "web1", "service.name": "sshd"])
            #expect(
                records[0].fields == [
                    "process.pid": "812", "systemd.unit": "ssh.service", "journal.uid": "0", "code.file.path": "a.c",
                    "code.line.number": "7", "code.function.name": "main", "user_id": "42",
                ]
            )
            #expect(export.counts.records == 2)
            #expect(export.finish(observed: observed) == nil)
        }
    }

    @Test func `ends the last entry with the stream`() {
        var export = JournalExport()
        #expect(
            export.take(Array("_SOURCE_REALTIME_TIMESTAMP=1795262399000000\nMESSAGE=a".utf8)[...], observed: observed)
                .isEmpty
        )
        let line = export.finish(observed: observed) ?? export.finish(observed: observed)
        #expect(line?.body == "a")
    }

    @Test func `passes over entries without a message and entries that are too long`() {
        var limits = LogInputLimits()
        limits.lineBytes = 100
        var export = JournalExport(limits: limits)
        var bytes = Array("PRIORITY=1\n\nMESSAGE=".utf8) + [UInt8](repeating: 0x78, count: 300) + Array("\n\n".utf8)
        bytes += Array("MESSAGE\n".utf8) + [200, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0x0a, count: 200)
        bytes += Array("\n\nMESSAGE=fine\n\n".utf8)
        let records = export.take(bytes[...], observed: observed)
        #expect(records.map(\.body) == ["fine"])
        #expect(export.skipped == 3)
    }

    @Test func `is not led astray by a length of all ones`() {
        var export = JournalExport()
        let bytes = Array("MESSAGE\n".utf8) + [UInt8](repeating: 0xff, count: 8) + Array("rest of it".utf8)
        #expect(export.take(bytes[...], observed: observed).isEmpty)
        #expect(export.finish(observed: observed) == nil)
        #expect(export.skipped == 1)
    }
}
