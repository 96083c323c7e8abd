/// A series as one line of block characters, for a glance at its shape.
enum Sparkline {
    private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// The shape of some values, left to right; gaps and what is no number are spaces.
    ///
    /// Each character stands for the mean of the values that fall to it.
    static func text(_ values: [Double?], width: Int = 40) -> String {
        guard !values.isEmpty, width > 0 else { return "" }
        let count = min(width, values.count)
        let means: [Double?] = (0..<count).map { column in
            let part = values[(column * values.count / count)..<((column + 1) * values.count / count)]
            let numbers = part.compactMap { $0 }.filter(\.isFinite)
            return numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
        }
        let numbers = means.compactMap { $0 }
        guard let least = numbers.min(), let greatest = numbers.max() else {
            return String(repeating: " ", count: count)
        }
        let span = greatest - least
        return String(
            means.map { mean in
                guard let mean else { return " " }
                guard span > 0, span.isFinite else { return blocks[3] }
                return blocks[min(blocks.count - 1, Int((mean - least) / span * Double(blocks.count)))]
            }
        )
    }
}
