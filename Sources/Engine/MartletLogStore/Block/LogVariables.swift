import MartletEvents
import MartletFiles

/// Words with digits that hardly ever come twice: told as they are, by granules, with a filter for each.
enum LogVariables {
    /// How often a word with a digit may come in a block to be told as it is.
    static let countMax: UInt32 = 3

    /// A hash that is the same in every process, because filters are stored.
    static func hash(_ folded: Span<UInt8>) -> UInt64 {
        var state: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(folded.count)
        var at = 0
        while at + 8 <= folded.count {
            state = IDFilter.hash(state, folded.uint64(at: at))
            at += 8
        }
        var rest: UInt64 = 0
        while at < folded.count {
            rest = rest << 8 | UInt64(folded[at])
            at += 1
        }
        return IDFilter.hash(state, rest)
    }
}
