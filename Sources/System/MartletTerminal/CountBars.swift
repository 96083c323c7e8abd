/// Counts over time in one line of block characters; no count is an empty place, and the height begins at zero.
public enum CountBars {
    private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// Draws counts, left to right, added up where there are more than columns.
    ///
    /// - Parameters:
    ///   - counts: The counts; none is negative.
    ///   - columns: How many columns there are at most.
    /// - Returns: The bars, and the count that the highest stands for.
    public static func text(_ counts: [Int], columns: Int) -> (bars: String, greatest: Int) {
        guard !counts.isEmpty, columns > 0 else { return ("", 0) }
        let width = min(columns, counts.count)
        let sums = (0..<width).map { column in
            counts[(column * counts.count / width)..<((column + 1) * counts.count / width)].reduce(0, +)
        }
        let greatest = sums.max() ?? 0
        let bars = sums.map { sum -> Character in
            guard sum > 0 else { return " " }
            return blocks[min(blocks.count - 1, (sum * blocks.count - 1) / max(1, greatest))]
        }
        return (String(bars), greatest)
    }
}
