import MartletSearch
import MartletSeries

/// What a text has to have: words one after the other, or a match of a regular expression.
enum SpanTextTest: Sendable {
    case words([[UInt8]], endsInPrefix: Bool)
    case pattern(any Pattern)

    init(_ words: SearchWords) {
        self = .words(words.words.map { Array($0.utf8) }, endsInPrefix: words.isPrefix)
    }

    func matches(_ text: Span<UInt8>) -> Bool {
        switch self {
        case .pattern(let pattern): return pattern.matches(text.string)
        case .words(let words, let endsInPrefix):
            var scanner = WordScanner()
            // How many of the words stand before this place, for each beginning that is still possible.
            var open: [Int] = []
            while let range = scanner.next(in: text) {
                let word = WordScanner.folded(text.extracting(range))
                var next: [Int] = []
                for known in open + [0] {
                    let wanted = words[known]
                    let isLast = known == words.count - 1
                    guard word == wanted || (isLast && endsInPrefix && word.starts(with: wanted)) else { continue }
                    if isLast { return true }
                    next.append(known + 1)
                }
                open = next
            }
            return false
        }
    }
}
