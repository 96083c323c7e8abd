/// What SQLite could not do.
public struct SQLiteError: Error, Hashable, CustomStringConvertible {
    /// SQLite's extended result code, such as 13 for a full disk.
    public let code: Int

    /// SQLite's own words.
    public let message: String

    /// The statement, shortened; empty where none was at work.
    public let sql: String

    /// The byte of the statement that SQLite stumbled over, where it says so.
    public let offset: Int?

    /// Creates an error.
    public init(code: Int, message: String, sql: String = "", offset: Int? = nil) {
        self.code = code
        self.message = message
        self.sql = sql.count > Self.sqlCharactersMax ? sql.prefix(Self.sqlCharactersMax) + "…" : sql
        self.offset = offset
    }

    /// Whether the disk is full or the file cannot grow.
    public var isFull: Bool { code & 0xff == 13 }

    /// Whether another process or connection held the file for too long.
    public var isBusy: Bool { code & 0xff == 5 || code & 0xff == 6 }

    /// Whether a rule of the tables forbids the change, such as a key that is there already.
    public var isConstraint: Bool { code & 0xff == 19 }

    /// The message with the statement and the place in it.
    public var description: String {
        var text = "SQLite error \(code): \(message)"
        if !sql.isEmpty { text += " in \"\(sql)\"" }
        if let offset { text += " at byte \(offset)" }
        return text
    }

    private static let sqlCharactersMax = 300
}
