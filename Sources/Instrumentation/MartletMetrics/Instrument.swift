public import CMartletCells
import MartletCore
import Synchronization

// Safety: `table` is written under the lock and read by functions that are made for concurrent readers; it is freed
// when the last reference to this object goes. `bounds` is never written after it was made, and never freed.

/// One declared metric with all its series: what the handles point to, and what a scrape reads.
@safe @usableFromInline
final class Instrument: @unchecked Sendable {
    private struct Record {
        var labels: LabelSet
        var cell: UInt32
    }

    private struct State {
        var records: [Record] = []
        /// Where the label values beyond the limit are counted together; 0 before there are any.
        var overflowCell: UInt32 = 0
    }

    /// Label values longer than this are counted with the overflow.
    private static let labelValueBytesMax = 4096

    let descriptor: MetricDescriptor
    private let constantLabels: LabelSet
    private let seriesLimit: Int
    @usableFromInline let labelCount: Int
    @usableFromInline let table: OpaquePointer?
    @usableFromInline let control: UInt32
    @usableFromInline let bounds: UnsafePointer<martlet_bounds>
    private let droppedCell: UInt32
    private let isFull = Atomic(false)
    private let state = Mutex(State())

    /// Creates a metric in the registry whose control cell is given.
    init(
        _ descriptor: MetricDescriptor,
        control: UInt32,
        constantLabels: LabelSet,
        seriesLimit: Int
    ) throws(MetricRegistryError) {
        guard let bounds = unsafe Instrument.bounds(descriptor.buckets.upperBounds) else {
            throw .outOfCells(metric: descriptor.name)
        }
        self.descriptor = descriptor
        labelCount = descriptor.labelNames.count
        self.constantLabels = constantLabels
        self.seriesLimit = seriesLimit
        self.control = control
        unsafe self.bounds = unsafe bounds
        droppedCell = martlet_cells_allocate(1, 8)
        unsafe table =
            descriptor.labelNames.isEmpty
            ? nil : martlet_label_table_make(UInt32(descriptor.labelNames.count))
        if descriptor.labelNames.isEmpty {
            let cell = martlet_cells_allocate(cellCount, descriptor.type == .gauge ? 64 : 8)
            guard cell != 0 else { throw .outOfCells(metric: descriptor.name) }
            state.withLock { $0.records = [Record(labels: constantLabels, cell: cell)] }
        } else {
            guard unsafe table != nil else { throw .outOfCells(metric: descriptor.name) }
        }
    }

    /// Creates a metric that counts nothing and belongs to no registry: what a handle gets that conflicts with another.
    init(inert descriptor: MetricDescriptor) {
        self.descriptor = descriptor
        labelCount = descriptor.labelNames.count
        constantLabels = .empty
        seriesLimit = 0
        control = 0
        droppedCell = 0
        unsafe table = nil
        unsafe bounds = martlet_bounds_none()
    }

    deinit {
        if let table = unsafe table { unsafe martlet_label_table_free(table) }
    }

    /// The cell of the only series of a metric without labels; 0 for an inert one.
    var onlyCell: UInt32 { state.withLock { $0.records.first?.cell ?? 0 } }

    /// How many look-ups were counted in the overflow, because the family has as many series as it may.
    var droppedCount: UInt64 { droppedCell == 0 ? 0 : martlet_cells_sum(droppedCell) }

    private var cellCount: UInt32 {
        descriptor.type == .histogram ? UInt32(descriptor.buckets.upperBounds.count) + 2 : 1
    }

    // MARK: Series by label values

    /// The cell of a series, which is created unless the limit is reached; 0 for an inert metric.
    ///
    /// - Precondition: There are as many values as label names.
    @usableFromInline
    func cell(for values: [String]) -> UInt32 {
        precondition(
            values.count == descriptor.labelNames.count,
            "\(descriptor.name) has labels \(descriptor.labelNames); got values \(values)"
        )
        guard let table = unsafe table else { return 0 }
        return unsafe Instrument.withTexts(values) { texts in
            let known = unsafe martlet_label_table_find(table, texts)
            if known != 0 { return known }
            if isFull.load(ordering: .acquiring) { return overflowCell() }
            return unsafe addSeries(values, texts, to: table)
        }
    }

    private func addSeries(
        _ values: [String],
        _ texts: UnsafePointer<martlet_text>,
        to table: OpaquePointer
    ) -> UInt32 {
        state.withLock { state in
            let known = unsafe martlet_label_table_find(table, texts)
            if known != 0 { return known }
            let isTooLong = values.contains { $0.utf8.count > Instrument.labelValueBytesMax }
            guard !isTooLong, state.records.count < seriesLimit else { return overflowCell(&state) }
            let cell = martlet_cells_allocate(cellCount, 8)
            guard cell != 0, unsafe martlet_label_table_add(table, texts, cell) else { return overflowCell(&state) }
            state.records.append(Record(labels: labels(values), cell: cell))
            return cell
        }
    }

    private func overflowCell() -> UInt32 {
        state.withLock { overflowCell(&$0) }
    }

    private func overflowCell(_ state: inout State) -> UInt32 {
        martlet_cells_add(droppedCell, control, 1)
        if state.overflowCell == 0 { state.overflowCell = martlet_cells_allocate(cellCount, 8) }
        if state.records.count >= seriesLimit { isFull.store(true, ordering: .releasing) }
        return state.overflowCell
    }

    private func labels(_ values: [String]) -> LabelSet {
        LabelSet(Array(constantLabels) + zip(descriptor.labelNames, values).map { Label($0, $1) })
    }

    // MARK: Reading

    /// All series as they are now.
    func snapshot() -> MetricFamily {
        let (records, overflowCell) = state.withLock { ($0.records, $0.overflowCell) }
        var series: [MetricSeries] = []
        series.reserveCapacity(records.count + 1)
        for record in records { series.append(MetricSeries(labels: record.labels, value: value(at: record.cell))) }
        if overflowCell != 0 { addOverflow(overflowCell, to: &series) }
        let metadata = MetricMetadata(type: descriptor.type, help: descriptor.help, unit: descriptor.unit)
        return MetricFamily(descriptor.name, metadata: metadata, series: series)
    }

    private func addOverflow(_ cell: UInt32, to series: inout [MetricSeries]) {
        let labels = labels(descriptor.labelNames.map { _ in "other" })
        // A series that was really labelled `other` came first; a second one of these labels may not be written.
        guard !series.contains(where: { $0.labels == labels }) else { return }
        series.append(MetricSeries(labels: labels, value: value(at: cell)))
    }

    private func value(at cell: UInt32) -> MetricValue {
        switch descriptor.type {
        case .counter: Counter(cell: cell, control: control).exactValue
        case .gauge: .number(martlet_gauge_value(cell))
        default: unsafe .histogram(Histogram(bounds: bounds, cell: cell, control: control).value)
        }
    }

    // MARK: C values

    private static func bounds(_ values: [Double]) -> UnsafePointer<martlet_bounds>? {
        unsafe values.withUnsafeBufferPointer { unsafe martlet_bounds_make($0.baseAddress, UInt32($0.count)) }
    }

    /// Calls a function with the values as the label table takes them; the bytes stay valid during the call.
    private static func withTexts<Result>(
        _ values: [String],
        _ body: (UnsafePointer<martlet_text>) -> Result
    ) -> Result {
        let bytes = values.flatMap(\.utf8)
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            var start = 0
            let texts = unsafe values.map { value in
                defer { start += value.utf8.count }
                return unsafe martlet_text(bytes: buffer.baseAddress.map { unsafe $0 + start }, count: value.utf8.count)
            }
            return unsafe texts.withUnsafeBufferPointer { list in
                var none = unsafe martlet_text()
                return unsafe withUnsafePointer(to: &none) { unsafe body(list.baseAddress ?? $0) }
            }
        }
    }
}
