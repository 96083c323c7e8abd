import MartletCore
import MartletSeries

/// The series that a query asks for and where their samples are, to be read one series after another.
///
/// For one caller at a time. Takes the labels as numbers and 16 bytes for each source that a series is in.
struct Selection {
    /// Where samples are kept.
    enum Source {
        /// A segment, by the place of its reader.
        case segment(Int)
        case frozen(SampleColumns)
        case memory(SampleColumns)
    }

    /// Where one source keeps a series; in memory the row is its slot.
    struct Part: BitwiseCopyable {
        var source: UInt32
        var family: UInt32
        var row: UInt32
    }

    /// What raw retention keeps of the range; `nil` for nothing.
    private(set) var range: ClosedRange<Int64>?

    private(set) var merge = LabelMerge()

    /// The sources, segments by age first, what is in memory last.
    private(set) var sources: [Source] = []

    /// The readers of the segments.
    var readers: [SegmentReader] = []

    /// The roll-ups of each series that has any, finest tier first.
    var rollups: [Int: [FoundRollup]] = [:]

    private var parts: [Part] = []
    private var numbers: [UInt32] = []
    private var starts: [UInt32] = []
    private var isInOrder = false
    private let limit: SelectionLimit
    private var series = 0
    private var samples = 0
    private var looks = 0

    init(limit: SelectionLimit) {
        self.limit = limit
    }

    /// How many series there are, those among them that turn out to have no samples.
    var count: Int { merge.count }

    /// The parts of a series, in the order of their sources.
    func parts(of number: Int) -> ArraySlice<Part> { parts[Int(starts[number])..<Int(starts[number + 1])] }

    // MARK: Finding

    /// Adds what raw samples there are of matching series, and what roll-ups gave before that.
    mutating func add(_ view: TimeSeriesStore.View, _ matchers: [LabelMatcher], in range: ClosedRange<Int64>) {
        self.range = range
        let codec = ChunkCodec()
        let segments = view.segments.compactMap { segment -> (Segment, [FamilyMatch])? in
            guard segment.overlaps(range) else { return nil }
            let matches = segment.matches(matchers)
            return matches.isEmpty ? nil : (segment, matches)
        }
        let frozen = view.frozen.flatMap { frozen -> (FrozenColumns, [FamilyMatch])? in
            guard frozen.columns.overlaps(range) else { return nil }
            return (frozen, frozen.table.matches(matchers))
        }
        let memory = view.memoryOverlaps(range) ? view.table.matches(matchers) : []
        let isSole = segments.count + (frozen == nil ? 0 : 1) + (memory.isEmpty ? 0 : 1) == 1 && merge.count == 0
        merge.isSole = isSole
        for (segment, matches) in segments {
            let source = UInt32(sources.count)
            sources.append(.segment(readers.count))
            readers.append(SegmentReader(segment, codec: codec))
            merge.add(segment, matches) { family, row, number in
                parts.append(Part(source: source, family: UInt32(family), row: UInt32(row)))
                numbers.append(UInt32(number))
            }
            isInOrder = isSole && Self.isInOrder(segment, matches)
        }
        if let (frozen, matches) = frozen { add(.frozen(frozen.columns), frozen.table, matches) }
        if !memory.isEmpty { add(.memory(view.columns), view.table, memory) }
    }

    private mutating func add(_ source: Source, _ table: LabelTable, _ matches: [FamilyMatch]) {
        let place = UInt32(sources.count)
        sources.append(source)
        merge.add(table, matches) { slot, number in
            parts.append(Part(source: place, family: 0, row: slot))
            numbers.append(UInt32(number))
        }
    }

    /// Lends the merge to whoever adds series that have roll-ups.
    mutating func withMerge<Result>(_ body: (inout LabelMerge) -> Result) -> Result { body(&merge) }

    /// Whether rows of a segment, which are sorted by the values of their labels, are in the order of label sets.
    private static func isInOrder(_ segment: Segment, _ matches: [FamilyMatch]) -> Bool {
        if matches.count == 1 { return true }
        return zip(matches, matches.dropFirst()).allSatisfy { left, right in
            let (left, right) = (segment.families[left.family], segment.families[right.family])
            return left.metric < right.metric && left.metricPlace == 0 && right.metricPlace == 0
        }
    }

    /// Groups the parts by series; to be called when all are there.
    mutating func finish() {
        let isSorted = numbers.count == merge.count && numbers.indices.allSatisfy { numbers[$0] == $0 }
        if isSorted {
            starts = Array(0...UInt32(numbers.count))
        } else {
            starts = Array(repeating: 0, count: merge.count + 1)
            for number in numbers { starts[Int(number) + 1] += 1 }
            for number in 0..<merge.count { starts[number + 1] += starts[number] }
            var next = starts
            var grouped = parts
            for (place, number) in numbers.enumerated() {
                grouped[Int(next[Int(number)])] = parts[place]
                next[Int(number)] += 1
            }
            parts = grouped
        }
        numbers = []
    }

    /// The numbers of the series in the order of their label sets.
    func order() -> [Int] { isInOrder ? Array(0..<count) : merge.sorted(Array(0..<count)) }

    // MARK: Limits

    /// Throws when the reader was told to stop.
    mutating func check() throws(SeriesError) {
        looks += 1
        if looks % 64 == 0, Task.isCancelled { throw .cancelled }
    }

    /// Counts a series and its samples; throws when that is more than allowed.
    mutating func count(samples more: Int) throws(SeriesError) {
        series += 1
        samples += more
        guard series <= limit.series else {
            throw .limitExceeded(
                "the selection has over \(limit.series) series; name more labels or raise the limit"
            )
        }
        guard samples <= limit.samples else {
            throw .limitExceeded(
                "the selection has over \(limit.samples) samples; ask for less time or fewer series, or raise the limit"
            )
        }
    }
}
