/// Finds what a person probably meant when a word is not known.
public enum Suggestion {
    /// The known word nearest to a mistyped one, or `nil` when none is near enough to be worth naming.
    ///
    /// Near means at most a third of the word's letters inserted, deleted, replaced or swapped with a neighbour, and
    /// at least one change always allowed. Of equally near words the first wins. Case is ignored.
    ///
    /// - Complexity: O(*k* · *n* · *m*) for *k* known words; words of over 64 letters are never near.
    public static func closest(to word: String, among known: some Sequence<String>) -> String? {
        let letters = Array(word.lowercased())
        guard letters.count <= 64 else { return nil }
        var best: (word: String, distance: Int)?
        for candidate in known where candidate.count <= 64 {
            let distance = distance(letters, Array(candidate.lowercased()))
            if distance <= max(1, letters.count / 3), distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.word
    }

    /// The optimal string alignment distance.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 1..<(left.count + 1) {
            var current = [row]
            for column in 1..<(right.count + 1) {
                let replaced = last[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1)
                var cost = min(last[column] + 1, current[column - 1] + 1, replaced)
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    cost = min(cost, beforeLast[column - 2] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
