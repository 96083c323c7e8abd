import Foundation
import MartletSQLite
import Testing

@Suite("SQLite")
struct SQLiteTests {
    private final class Place {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-sqlite-\(UUID().uuidString)")
        var path: String { folder.appending(path: "state.db").path }

        init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

        deinit { try? FileManager.default.removeItem(at: folder) }
    }

    @Test func `waits for the disk and writes the log ahead`() throws {
        let place = try Place()
        let database = try Database(path: place.path)
        #expect(try database.integer("PRAGMA synchronous") == 2)
        #expect(try database.rows("PRAGMA journal_mode") { $0.text(0) } == ["wal"])
    }

    @Test func `gives back every kind of value as it was bound`() throws {
        let place = try Place()
        let database = try Database(path: place.path)
        try database.execute("CREATE TABLE t (v)")
        let values: [SQLiteValue] = [
            .null, .integer(.min), .integer(.max), .real(-0.5), .text(""), .text("ä\u{0}b"), .blob([]),
            .blob([0, 255]),
        ]
        for value in values { try database.execute("INSERT INTO t VALUES (?)", [value]) }
        #expect(try database.rows("SELECT v FROM t ORDER BY rowid") { $0[0] } == values)
        let found = try database.rows("SELECT v FROM t ORDER BY rowid") { $0.optionalText(0) }
        #expect(found.count == values.count - 1)
        #expect(try database.rows("SELECT v FROM t WHERE v IS NULL") { $0.isNull(0) } == [true])
        #expect(
            try database.rows("SELECT v, 1 FROM t WHERE v = -0.5") { [$0.real(0), Double($0.count)] } == [[-0.5, 2]]
        )
        #expect(try database.rows("SELECT v FROM t WHERE v = X'00ff'") { $0.blob(0) } == [[0, 255]])
        #expect(try database.rows("SELECT v FROM t WHERE v IS NULL") { $0.optionalInteger(0) } == [])
    }

    @Test func `says what failed, in which statement and where`() throws {
        let place = try Place()
        let database = try Database(path: place.path)
        let error = #expect(throws: SQLiteError.self) { try database.execute("SELECT v FORM nowhere") }
        #expect(
            error?.description
                == "SQLite error 1: near \"nowhere\": syntax error in \"SELECT v FORM nowhere\" at byte 14"
        )
        let count = #expect(throws: SQLiteError.self) { try database.execute("SELECT ?", []) }
        #expect(count?.message == "the statement has 1 parameters and 0 values were given")
        #expect(throws: SQLiteError.self) { try database.execute("") }
        #expect(throws: SQLiteError.self) { try Database(path: place.folder.path) }
    }

    @Test func `takes all of a transaction or nothing`() throws {
        let place = try Place()
        let database = try Database(path: place.path)
        try database.execute("CREATE TABLE t (v UNIQUE)")
        let error = #expect(throws: SQLiteError.self) {
            try database.transaction { () throws(SQLiteError) in
                try database.execute("INSERT INTO t VALUES (1)")
                try database.transaction { () throws(SQLiteError) in
                    _ = try database.execute("INSERT INTO t VALUES (2)")
                }
                try database.execute("INSERT INTO t VALUES (1)")
            }
        }
        #expect(error?.isConstraint == true)
        #expect(error?.isFull == false)
        #expect(try database.integer("SELECT count(*) FROM t") == 0)
        #expect(
            try database.transaction { () throws(SQLiteError) in try database.execute("INSERT INTO t VALUES (7)") } == 1
        )
        #expect(try database.integer("SELECT v FROM t WHERE v > 7") == nil)
    }

    @Test func `takes the steps that are missing, once, and refuses a later version`() throws {
        let place = try Place()
        let first = [Migration("begin", ["CREATE TABLE a (v)", "INSERT INTO a VALUES (1)"])]
        let both = first + [Migration("add b", ["CREATE TABLE b (v)"])]
        try Database(path: place.path).migrate(first)
        let database = try Database(path: place.path)
        try database.migrate(both)
        try database.migrate(both)
        #expect(try database.integer("SELECT count(*) FROM a") == 1)
        #expect(try database.integer("SELECT count(*) FROM b") == 0)
        let error = #expect(throws: SQLiteError.self) { try database.migrate(first) }
        #expect(error?.message.contains("has version 2 and this program knows 1") == true)
        let broken = both + [Migration("broken", ["CREATE TABLE c (v)", "CREATE TABLE c (v)"])]
        #expect(throws: SQLiteError.self) { try database.migrate(broken) }
        #expect(try database.integer("SELECT count(*) FROM sqlite_master WHERE name = 'c'") == 0)
    }

    @Test func `tells that another connection holds the file`() throws {
        let place = try Place()
        let one = try Database(path: place.path)
        let other = try Database(path: place.path, busyTimeout: .milliseconds(1))
        try one.execute("CREATE TABLE t (v)")
        try one.transaction { () throws(SQLiteError) in
            try one.execute("INSERT INTO t VALUES (1)")
            let error = #expect(throws: SQLiteError.self) { try other.execute("INSERT INTO t VALUES (2)") }
            #expect(error?.isBusy == true)
        }
        #expect(try other.integer("SELECT count(*) FROM t") == 1)
    }

    @Test func `keeps few statements prepared and fails after it was closed`() throws {
        let place = try Place()
        let database = try Database(path: place.path)
        for number in 0..<200 { #expect(try database.integer("SELECT \(number)") == Int64(number)) }
        try database.checkpoint()
        database.close()
        database.close()
        let error = #expect(throws: SQLiteError.self) { try database.integer("SELECT 1") }
        #expect(error?.message == "the database is closed")
    }
}
