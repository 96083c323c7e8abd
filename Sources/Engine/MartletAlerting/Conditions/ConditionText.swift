import MartletCore

/// A condition such as `error_rate > 10 per minute` or `avg > 1000ms`, taken apart.
struct ConditionText {
    /// What is made of the metric's values.
    enum Aggregate: String, CaseIterable {
        case average = "avg"
        case rate, sum
        case maximum = "max"
        case minimum = "min"
    }

    /// What the number on the right counts in.
    enum Unit: Hashable {
        case plain, percent
        case duration(seconds: Double)
        case state
    }

    private(set) var aggregate: Aggregate?
    private(set) var word: String?
    private let wordPlace: Int
    let sign: ComparisonOperator
    /// The number as written, and its unit.
    let number: Double
    let unit: Unit
    private let numberPlace: Int
    /// The seconds after `per`.
    let perSeconds: Double?

    init(_ text: String) throws(ConditionError) {
        guard text.utf8.count <= 1000 else { throw ConditionError("a condition has at most 1000 characters") }
        var scanner = Scanner(text)
        let names = scanner.names()
        wordPlace = names.last?.place ?? 0
        switch names.count {
        case 0: break
        case 1:
            aggregate = Aggregate(rawValue: names[0].text.lowercased())
            if aggregate == nil { word = names[0].text }
        case 2:
            aggregate = Aggregate(rawValue: names[0].text.lowercased())
            word = names[1].text
            guard aggregate != nil else {
                let known = Aggregate.allCases.map(\.rawValue)
                throw ConditionError(
                    "unknown function \"\(names[0].text)\"\(Self.hint(names[0].text, known)); known are \(known.joined(separator: ", "))",
                    at: names[0].place
                )
            }
        default: throw ConditionError("expected a comparison such as > 5", at: names[2].place)
        }
        let signPlace = scanner.place
        guard let sign = ComparisonOperator(rawValue: scanner.sign()) else {
            throw ConditionError("expected one of > >= < <= == !=", at: signPlace)
        }
        self.sign = sign
        scanner.skipBlanks()
        numberPlace = scanner.place
        (number, unit) = try Self.value(&scanner)
        perSeconds = try Self.per(&scanner)
        guard scanner.isAtEnd else {
            throw ConditionError("unexpected \"\(scanner.rest)\" at the end", at: scanner.place)
        }
    }

    /// Requires that a threshold given beside the text is the one in it.
    func check(against threshold: Double) throws(ConditionError) {
        let same = number == threshold || (unit == .percent && number / 100 == threshold)
        guard same else {
            throw ConditionError(
                "the condition says \(FloatText.shortest(number)) and \"threshold\" \(FloatText.shortest(threshold)); make them the same",
                at: numberPlace
            )
        }
    }

    /// The condition as the one tree.
    func condition(
        metric: String?,
        window: Duration,
        vocabulary: ConditionVocabulary
    ) throws(ConditionError) -> Condition {
        // A metric that the rule names beside the text is compared as it is, even where a signal has its name.
        if let metric {
            if let word, word != metric {
                throw ConditionError(
                    "the condition is about \(word) and the rule about \(metric); name one",
                    at: wordPlace
                )
            }
            return try compare(metric, window, vocabulary)
        }
        guard let word else { throw ConditionError("name a metric, as in \"queue_depth > 5\", or add \"metric_name\"") }
        guard aggregate == nil, let signal = ConditionVocabulary.Signal(rawValue: word) else {
            return try compare(word, window, vocabulary)
        }
        return try compare(signal, window, vocabulary)
    }

    private func compare(
        _ signal: ConditionVocabulary.Signal,
        _ window: Duration,
        _ vocabulary: ConditionVocabulary
    ) throws(ConditionError) -> Condition {
        if let perSeconds {
            guard signal == .errorRate else {
                throw ConditionError("\"per\" goes with counts, not with \(signal.rawValue)", at: numberPlace)
            }
            return .compare(vocabulary.errors(perSeconds: perSeconds, window), sign, number)
        }
        let measure = vocabulary.measure(signal, window: window)
        switch (signal, unit) {
        case (.healthStatus, .state), (.healthStatus, .plain):
            // Where unhealthy was the worst state there was, what is worse than unhealthy is so all the more.
            return .compare(measure, sign == .equal && number == 2 ? .greaterThanOrEqual : sign, number)
        case (_, .duration(let seconds)) where signal.isTime: return .compare(measure, sign, number * seconds)
        case (_, .plain) where signal.isTime:
            throw ConditionError("write a unit, as in \(FloatText.shortest(number))ms or 1s", at: numberPlace)
        case (_, .percent) where signal.isShare: return .compare(measure, sign, number / 100)
        case (_, .plain) where signal.isShare:
            guard (0...1).contains(number) else {
                let text = FloatText.shortest(number)
                throw ConditionError(
                    "\(signal.rawValue) is a share from 0 through 1; write \(text)% or \(FloatText.shortest(number / 100))",
                    at: numberPlace
                )
            }
            return .compare(measure, sign, number)
        default:
            throw ConditionError("the unit does not go with \(signal.rawValue)", at: numberPlace)
        }
    }

    private func compare(
        _ metric: String,
        _ window: Duration,
        _ vocabulary: ConditionVocabulary
    ) throws(ConditionError) -> Condition {
        guard LabelSyntax.isLegacyMetricName(metric) else {
            throw ConditionError("\"\(metric)\" is no metric's name", at: wordPlace)
        }
        if unit == .state { throw ConditionError("states go with health_status only", at: numberPlace) }
        let selector = SeriesSelector(metric)
        let isCounter = vocabulary.isCounter(metric)
        var isShare = metric.hasSuffix("_ratio")
        var measure: Measure
        switch aggregate {
        case .rate where vocabulary.shares[metric] != nil && perSeconds == nil:
            measure = vocabulary.sharing(metric, vocabulary.shares[metric] ?? [], window)
            isShare = true
        case .rate: measure = .fold(.sum, .over(.rate, selector, window: window))
        case .average where vocabulary.isDistribution(metric): measure = .mean(metric, window: window)
        case .average where isCounter:
            throw ConditionError("avg goes with gauges and histograms; \(metric) counts", at: wordPlace)
        case .average: measure = .over(.average, selector, window: window)
        case .sum where isCounter: measure = .growth(selector, window: window)
        case .sum: measure = .over(.sum, selector, window: window)
        case .maximum: measure = .over(.maximum, selector, window: window)
        case .minimum: measure = .over(.minimum, selector, window: window)
        case nil where perSeconds != nil: measure = .fold(.sum, .over(.rate, selector, window: window))
        // What a counter came to since its start says nothing; what counts is what it came to within the window.
        case nil where isCounter: measure = .growth(selector, window: window)
        case nil where vocabulary.isDistribution(metric): measure = .mean(metric, window: window)
        case nil: measure = .latest(selector)
        }
        if let perSeconds { measure = .arithmetic(measure, .times, .number(perSeconds)) }
        return .compare(measure, sign, threshold(of: metric, isShare: isShare))
    }

    /// The number in the metric's own unit.
    private func threshold(of metric: String, isShare: Bool) -> Double {
        switch unit {
        case .duration(let seconds): metric.hasSuffix("_seconds") ? number * seconds : number * seconds * 1000
        case .percent where isShare: number / 100
        default: number
        }
    }

    // MARK: - Reading

    private static func value(_ scanner: inout Scanner) throws(ConditionError) -> (Double, Unit) {
        let place = scanner.place
        if let number = scanner.number() {
            let unitPlace = scanner.place
            switch scanner.unit() {
            case "": return (number, .plain)
            case "%": return (number, .percent)
            case "ms": return (number, .duration(seconds: 0.001))
            case "s": return (number, .duration(seconds: 1))
            case "us", "µs": return (number, .duration(seconds: 1e-6))
            case let unit: throw ConditionError("unknown unit \"\(unit)\"; known are %, us, ms, s", at: unitPlace)
            }
        }
        let word = scanner.word()
        let states = ["healthy", "degraded", "unhealthy", "critical"]
        if let level = states.firstIndex(of: word.lowercased()) { return (Double(level), .state) }
        throw ConditionError(
            word.isEmpty ? "expected a number" : "expected a number or a state, found \"\(word)\"\(hint(word, states))",
            at: place
        )
    }

    private static func per(_ scanner: inout Scanner) throws(ConditionError) -> Double? {
        let place = scanner.place
        let word = scanner.word().lowercased()
        if word.isEmpty { return nil }
        guard word == "per" else { throw ConditionError("unexpected \"\(word)\" after the number", at: place) }
        let unitPlace = scanner.place
        switch scanner.word().lowercased() {
        case "second", "sec", "s": return 1
        case "minute", "min", "m": return 60
        case "hour", "h": return 3600
        case "day", "d": return 86_400
        case let unit:
            throw ConditionError("expected second, minute, hour or day after \"per\", found \"\(unit)\"", at: unitPlace)
        }
    }

    private static func hint(_ word: String, _ known: [String]) -> String {
        Suggestion.closest(to: word, among: known).map { " (did you mean \"\($0)\"?)" } ?? ""
    }

    /// Reads from the front of a text.
    private struct Scanner {
        private let characters: [Character]
        private(set) var place = 0

        init(_ text: String) {
            characters = Array(text)
            skipBlanks()
        }

        var isAtEnd: Bool { place >= characters.count }
        var rest: String { String(characters[place...]) }

        mutating func skipBlanks() {
            while place < characters.count, characters[place].isWhitespace { place += 1 }
        }

        private mutating func take(while holds: (Character) -> Bool) -> String {
            let start = place
            while place < characters.count, holds(characters[place]) { place += 1 }
            let text = String(characters[start..<place])
            skipBlanks()
            return text
        }

        mutating func word() -> String { take { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" || $0 == "." } }

        /// The words before the comparison, and `avg(x)` as two.
        mutating func names() -> [(text: String, place: Int)] {
            var names: [(text: String, place: Int)] = []
            while names.count < 4 {
                let start = place
                let text = word()
                if text.isEmpty { break }
                names.append((text, start))
                _ = take { $0 == "(" || $0 == ")" }
            }
            return names
        }

        mutating func sign() -> String { take { "<>=!".contains($0) } }

        mutating func number() -> Double? {
            let start = place
            var end = place
            while end < characters.count {
                let character = characters[end]
                let isSign =
                    (character == "-" || character == "+") && (end == start || "eE".contains(characters[end - 1]))
                let isExponent =
                    (character == "e" || character == "E") && end > start && end + 1 < characters.count
                    && (characters[end + 1].isNumber || "+-".contains(characters[end + 1]))
                guard character.isASCII, character.isNumber || character == "." || isSign || isExponent else { break }
                end += 1
            }
            guard let value = Double(String(characters[start..<end])), value.isFinite else { return nil }
            place = end
            skipBlanks()
            return value
        }

        /// A unit right after a number; `per` is none.
        mutating func unit() -> String {
            let start = place
            let text = take { $0.isLetter || $0 == "%" }
            if text.lowercased() == "per" {
                place = start
                return ""
            }
            return text
        }
    }
}
