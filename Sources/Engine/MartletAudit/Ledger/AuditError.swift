/// Why a ledger cannot do what it was asked.
package enum AuditError: Error, Hashable, CustomStringConvertible {
    /// It cannot be written now, or was closed; the text says why and what to do.
    case unavailable(String)

    /// The caller asked for something that cannot be.
    case invalid(String)

    /// There is no such event, block or hold.
    case notFound(String)

    /// What is stored does not hold together.
    case damaged(String)

    package var description: String {
        switch self {
        case .unavailable(let text), .invalid(let text), .notFound(let text), .damaged(let text): text
        }
    }
}
