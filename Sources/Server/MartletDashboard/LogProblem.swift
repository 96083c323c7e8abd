/// Why a search gave no answer.
public struct LogProblem: Hashable, Sendable {
    /// What to tell the reader.
    public let message: String

    /// Whether the search itself is wrong, which only its writer can mend.
    public let isOfQuery: Bool

    /// Whether asking again may help: the server was not reached, or is busy.
    public let isTemporary: Bool

    /// The character of the search that is wrong, from 1; `nil` where it is not known.
    public let column: Int?

    /// Makes a problem.
    ///
    /// A message such as `1:7: parse error: …` tells the place of what is wrong.
    public init(_ message: String, isOfQuery: Bool = false, isTemporary: Bool = false) {
        self.isOfQuery = isOfQuery
        self.isTemporary = isTemporary
        let parts = message.split(separator: ":", maxSplits: 2)
        guard isOfQuery, parts.count == 3, Int(parts[0]) != nil, let column = Int(parts[1]) else {
            self.message = message
            column = nil
            return
        }
        self.column = column
        self.message = "\(parts[0]):\(parts[1]):\(parts[2])"
    }
}
