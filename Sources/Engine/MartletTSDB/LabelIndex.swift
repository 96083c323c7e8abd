import MartletCore
import MartletSeries

/// Labels as numbers: what the head and a segment offer to find series by.
protocol LabelIndex {
    /// One more than the highest place of a series.
    var placeCount: Int { get }

    /// Whether there still is a series at a place.
    func isLive(_ place: Int) -> Bool

    /// The number of a text.
    func symbol(of text: String) -> UInt32?

    /// The text of a number.
    func text(of symbol: UInt32) -> String

    /// The values that a label has, each once.
    func values(of name: UInt32) -> [UInt32]

    /// The places of the series with a label, ascending.
    func places(_ name: UInt32, _ value: UInt32) -> [UInt32]

    /// The value that a series has for a label.
    func value(at place: Int, of name: UInt32) -> UInt32?

    /// The labels of the series at a place as pairs of numbers.
    func pairs(at place: Int) -> [(name: UInt32, value: UInt32)]
}

extension LabelIndex {
    /// The places of the series that meet all conditions, ascending.
    ///
    /// Starts from the condition that is cheapest to look up and tests the rest, each label value once.
    ///
    /// - Complexity: O(*c* · *m*) for *c* series of the first condition and *m* conditions, plus the evaluations.
    func candidates(_ matchers: [LabelMatcher]) -> [Int] {
        var tests: [LabelTest] = []
        var start: (places: [UInt32], index: Int)?
        for matcher in matchers {
            guard let name = symbol(of: matcher.name) else {
                if matcher.matches("") { continue }
                return []
            }
            tests.append(LabelTest(matcher, name: name))
            guard matcher.operation == .equal, !matcher.value.isEmpty else { continue }
            guard let value = symbol(of: matcher.value) else { return [] }
            let places = places(name, value)
            if places.count < start?.places.count ?? .max { start = (places, tests.count - 1) }
        }
        if start == nil, let index = tests.firstIndex(where: { !$0.takesMissing }) {
            start = (union(&tests[index]), index)
        }
        if let start { tests.remove(at: start.index) }
        let places = start?.places.map(Int.init) ?? Array(0..<placeCount)
        return places.filter { place in
            guard isLive(place) else { return false }
            for index in tests.indices where !passes(&tests[index], place) { return false }
            return true
        }
    }

    private func union(_ test: inout LabelTest) -> [UInt32] {
        var union: [UInt32] = []
        for value in values(of: test.name) where passes(&test, value: value) {
            union.append(contentsOf: places(test.name, value))
        }
        return union.sorted()
    }

    private func passes(_ test: inout LabelTest, _ place: Int) -> Bool {
        guard let value = value(at: place, of: test.name) else { return test.takesMissing }
        return passes(&test, value: value)
    }

    private func passes(_ test: inout LabelTest, value: UInt32) -> Bool {
        if let verdict = test.verdicts[value] { return verdict }
        let verdict = test.matcher.matches(text(of: value))
        test.verdicts[value] = verdict
        return verdict
    }
}

/// One condition with what it said of each value so far.
private struct LabelTest {
    let matcher: LabelMatcher
    let name: UInt32
    let takesMissing: Bool
    var verdicts: [UInt32: Bool] = [:]

    init(_ matcher: LabelMatcher, name: UInt32) {
        self.matcher = matcher
        self.name = name
        takesMissing = matcher.matches("")
    }
}
