import CSQLite

// Safety: a row is only handed to the closure of `Database.query`, while its statement is at the row; the closure
// cannot keep it, since the type can neither be copied nor escape.

/// One row of an answer, valid while the closure that gets it runs.
@safe
public struct Row: ~Copyable {
    private let statement: OpaquePointer

    init(_ statement: OpaquePointer) {
        unsafe self.statement = unsafe statement
    }

    /// How many columns there are.
    public var count: Int { Int(unsafe sqlite3_column_count(statement)) }

    /// Whether a column holds nothing.
    public func isNull(_ column: Int) -> Bool {
        unsafe sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL
    }

    /// A column as a whole number; nothing is 0.
    public func integer(_ column: Int) -> Int64 { unsafe sqlite3_column_int64(statement, Int32(column)) }

    /// A column as a whole number, or `nil` where it holds nothing.
    public func optionalInteger(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }

    /// A column as a number; nothing is 0.
    public func real(_ column: Int) -> Double { unsafe sqlite3_column_double(statement, Int32(column)) }

    /// A column as a text; nothing is the empty text.
    public func text(_ column: Int) -> String {
        guard let bytes = unsafe sqlite3_column_text(statement, Int32(column)) else { return "" }
        let count = Int(unsafe sqlite3_column_bytes(statement, Int32(column)))
        return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// A column as a text, or `nil` where it holds nothing.
    public func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }

    /// A column's bytes; nothing is no bytes.
    public func blob(_ column: Int) -> [UInt8] {
        guard let bytes = unsafe sqlite3_column_blob(statement, Int32(column)) else { return [] }
        let count = Int(unsafe sqlite3_column_bytes(statement, Int32(column)))
        return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    /// A column as it is stored.
    public subscript(column: Int) -> SQLiteValue {
        switch unsafe sqlite3_column_type(statement, Int32(column)) {
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_FLOAT: .real(real(column))
        case SQLITE_TEXT: .text(text(column))
        case SQLITE_BLOB: .blob(blob(column))
        default: .null
        }
    }
}
