import MartletCore
import MartletSeries

/// The newest exemplars of all series, so many and no more; the oldest goes when another comes.
struct ExemplarRing: Sendable {
    /// How many characters the labels of an exemplar may have, as OpenMetrics has it.
    static let labelCharactersMax = 128

    private struct Entry: Sendable {
        var labels: LabelSet
        var exemplar: ExemplarSample
    }

    /// How many exemplars there may be.
    let capacity: Int
    private var entries: [Entry] = []
    private var next = 0
    private var newest: [LabelSet: ExemplarSample] = [:]

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// How many exemplars there are.
    var count: Int { entries.count }

    /// Takes an exemplar unless its series has it already, has a newer one, or it says too much.
    mutating func append(_ exemplar: ExemplarSample, of labels: LabelSet) -> Bool {
        guard capacity > 0 else { return false }
        let characters = exemplar.labels.reduce(0) { $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count }
        guard characters <= Self.labelCharactersMax else { return false }
        if let last = newest[labels], last.timestamp >= exemplar.timestamp { return false }
        newest[labels] = exemplar
        let entry = Entry(labels: labels, exemplar: exemplar)
        guard entries.count == capacity else {
            entries.append(entry)
            return true
        }
        let gone = entries[next]
        if newest[gone.labels] == gone.exemplar { newest[gone.labels] = nil }
        entries[next] = entry
        next = (next + 1) % capacity
        return true
    }

    /// Hands over all exemplars, the oldest first.
    func forEach(_ body: (ExemplarSample, LabelSet) -> Void) {
        for offset in entries.indices {
            let entry = entries[(next + offset) % entries.count]
            body(entry.exemplar, entry.labels)
        }
    }

    /// The exemplars in a range of the series that meet a condition.
    ///
    /// - Complexity: O(*n*) in the number of exemplars; the condition is asked once a series.
    func exemplars(in range: ClosedRange<Int64>, where meets: (LabelSet) -> Bool) -> [SeriesExemplars] {
        var verdicts: [LabelSet: Bool] = [:]
        var found: [LabelSet: [ExemplarSample]] = [:]
        for offset in entries.indices {
            let entry = entries[(next + offset) % entries.count]
            guard range.contains(entry.exemplar.timestamp) else { continue }
            let verdict = verdicts[entry.labels] ?? meets(entry.labels)
            verdicts[entry.labels] = verdict
            if verdict { found[entry.labels, default: []].append(entry.exemplar) }
        }
        return found.sorted { $0.key < $1.key }.map { SeriesExemplars(labels: $0.key, exemplars: $0.value) }
    }
}
