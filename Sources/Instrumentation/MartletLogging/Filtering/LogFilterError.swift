import MartletCore

/// What is wrong with the text of a ``LogFilter``.
public struct LogFilterError: Error, Hashable, CustomStringConvertible {
    /// The part that could not be read; empty where there are too many.
    public let part: String

    /// The word that is no level, where that is what is wrong.
    public let unknown: String?

    /// What is wrong, and what would be right.
    public var description: String {
        guard !part.isEmpty else { return "more than \(LogFilter.targetsMax) targets in a log filter" }
        guard let unknown else {
            return "\"\(part)\" in a log filter has no target before \"=\"; write target=level, such as scrape=debug"
        }
        let nearest = Suggestion.closest(to: unknown.lowercased(), among: LogFilter.words)
        let hint = nearest.map { " (did you mean \"\($0)\"?)" } ?? ""
        let words = LogFilter.words.joined(separator: ", ")
        return "\"\(unknown)\" in a log filter is no level\(hint); there are \(words)"
    }
}
