import CSQLite

// Safety: the handle is opened here, closed once in `close` or `deinit`, and only used through this class, which is not
// sendable: whoever shares a database puts it behind an actor or a lock. Statements are finalized before the handle goes.

/// One SQLite file with what is right for state that must not be lost.
///
/// The log is written ahead (WAL) and every commit waits for the disk (`synchronous=FULL`). Statements are kept prepared.
/// A database belongs to one thread at a time.
@safe
public final class Database {
    /// The file's path.
    public let path: String

    private var handle: OpaquePointer?
    private var statements: [String: Statement] = [:]
    private var depth = 0

    /// How many statements are kept prepared; beyond that all are dropped and prepared anew.
    private static let statementsMax = 64

    /// Opens a file, or creates it.
    ///
    /// - Parameters:
    ///   - path: The file; its directory must exist. No symbolic link is followed.
    ///   - busyTimeout: How long to wait for another process that writes, at most.
    /// - Throws: ``SQLiteError``.
    public init(path: String, busyTimeout: Duration = .seconds(5)) throws(SQLiteError) {
        self.path = path
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW
        let code = unsafe sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK, let handle = unsafe handle else {
            let message = unsafe String(cString: handle.map { unsafe sqlite3_errmsg($0) } ?? sqlite3_errstr(code))
            unsafe sqlite3_close_v2(handle)
            throw SQLiteError(code: Int(code), message: "cannot open \(path): \(message)")
        }
        unsafe self.handle = unsafe handle
        unsafe sqlite3_extended_result_codes(handle, 1)
        unsafe sqlite3_busy_timeout(handle, Int32(clamping: Int64(busyTimeout / .milliseconds(1))))
        try execute("PRAGMA journal_mode=WAL")
        try execute("PRAGMA synchronous=FULL")
        try execute("PRAGMA trusted_schema=OFF")
        try execute("PRAGMA cell_size_check=ON")
    }

    deinit { close() }

    /// Ends; calling it again does nothing, and every later statement fails.
    public func close() {
        statements = [:]
        unsafe sqlite3_close_v2(handle)
        unsafe handle = nil
    }

    // MARK: - Statements

    /// Runs a statement and ignores the rows that it may give.
    ///
    /// - Returns: How many rows it changed.
    /// - Throws: ``SQLiteError``.
    @discardableResult
    public func execute(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteError) -> Int {
        try query(sql, values) { _ in }
        return unsafe Int(sqlite3_changes64(handle))
    }

    /// Runs a statement and hands each row to a closure.
    ///
    /// - Throws: ``SQLiteError``.
    public func query(
        _ sql: String,
        _ values: [SQLiteValue] = [],
        _ body: (borrowing Row) -> Void
    ) throws(SQLiteError) {
        let prepared = try prepared(sql)
        let statement = unsafe prepared.handle
        defer {
            unsafe sqlite3_reset(statement)
            unsafe sqlite3_clear_bindings(statement)
        }
        unsafe try bind(values, to: statement, sql)
        while true {
            let code = unsafe sqlite3_step(statement)
            switch code {
            case SQLITE_ROW: unsafe body(Row(statement))
            case SQLITE_DONE: return
            default: throw error(code, sql)
            }
        }
    }

    /// The values that a closure makes of the rows.
    ///
    /// - Throws: ``SQLiteError``.
    public func rows<Value>(
        _ sql: String,
        _ values: [SQLiteValue] = [],
        _ read: (borrowing Row) -> Value?
    ) throws(SQLiteError) -> [Value] {
        var found: [Value] = []
        try query(sql, values) { row in
            if let value = read(row) { found.append(value) }
        }
        return found
    }

    /// The first column of the first row as a whole number, or `nil` where there is no row.
    ///
    /// - Throws: ``SQLiteError``.
    public func integer(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteError) -> Int64? {
        var found: Int64?
        try query(sql, values) { row in found = found ?? row.optionalInteger(0) }
        return found
    }

    /// Runs a closure whose changes become durable together, or not at all when it throws.
    ///
    /// - Throws: What the closure throws, or ``SQLiteError``. One inside another belongs to the outer.
    public func transaction<Value>(_ body: () throws(SQLiteError) -> Value) throws(SQLiteError) -> Value {
        guard depth == 0 else { return try body() }
        try execute("BEGIN IMMEDIATE")
        depth = 1
        defer { depth = 0 }
        do throws(SQLiteError) {
            let value = try body()
            try execute("COMMIT")
            return value
        } catch {
            // A commit that failed may have ended the transaction already; then this fails, and nothing is lost by it.
            _ = try? execute("ROLLBACK")
            throw error
        }
    }

    /// Moves what the log holds into the file, so that the log does not grow.
    ///
    /// - Throws: ``SQLiteError``.
    public func checkpoint() throws(SQLiteError) {
        try execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    // MARK: - Parts

    private func prepared(_ sql: String) throws(SQLiteError) -> Statement {
        if let statement = statements[sql] { return statement }
        guard let handle = unsafe handle else {
            throw SQLiteError(code: Int(SQLITE_MISUSE), message: "the database is closed", sql: sql)
        }
        var prepared: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK else { throw error(code, sql) }
        guard let prepared = unsafe prepared else {
            throw SQLiteError(code: Int(SQLITE_MISUSE), message: "the statement is empty", sql: sql)
        }
        // One that is at work is kept by who works with it.
        if statements.count >= Self.statementsMax { statements = [:] }
        let statement = unsafe Statement(prepared)
        statements[sql] = statement
        return statement
    }

    private func bind(
        _ values: [SQLiteValue],
        to statement: OpaquePointer,
        _ sql: String
    ) throws(SQLiteError) {
        let wanted = Int(unsafe sqlite3_bind_parameter_count(statement))
        guard values.count == wanted else {
            let message = "the statement has \(wanted) parameters and \(values.count) values were given"
            throw SQLiteError(code: Int(SQLITE_RANGE), message: message, sql: sql)
        }
        for (index, value) in values.enumerated() {
            let place = Int32(index + 1)
            let code =
                switch value {
                case .null: unsafe sqlite3_bind_null(statement, place)
                case .integer(let number): unsafe sqlite3_bind_int64(statement, place, number)
                case .real(let number): unsafe sqlite3_bind_double(statement, place, number)
                case .text(let text):
                    unsafe martlet_sqlite_bind_text(statement, place, text, Int32(clamping: text.utf8.count))
                case .blob(let bytes):
                    unsafe bytes.withUnsafeBytes {
                        unsafe martlet_sqlite_bind_blob(statement, place, $0.baseAddress, Int32(clamping: $0.count))
                    }
                }
            guard code == SQLITE_OK else { throw error(code, sql) }
        }
    }

    private func error(_ code: Int32, _ sql: String) -> SQLiteError {
        let extended = unsafe handle.map { unsafe sqlite3_extended_errcode($0) } ?? code
        let message = unsafe String(cString: handle.map { unsafe sqlite3_errmsg($0) } ?? sqlite3_errstr(code))
        let offset = unsafe handle.map { unsafe sqlite3_error_offset($0) } ?? -1
        return SQLiteError(
            code: Int(extended == SQLITE_OK ? code : extended),
            message: message,
            sql: sql,
            offset: offset < 0 ? nil : Int(offset)
        )
    }
}

/// A prepared statement, finalized with the last reference to it.
@safe
private final class Statement {
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) { unsafe self.handle = unsafe handle }

    deinit { unsafe sqlite3_finalize(handle) }
}
