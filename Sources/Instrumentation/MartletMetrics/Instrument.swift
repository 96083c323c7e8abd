import CMartletCells
import MartletCore
import Synchronization

// Safety: the family's tables are changed under the lock and read by functions that are made for concurrent readers. The
// core, the tables and the bounds are never freed, and the core keeps the instrument alive: handles may outlive registries.

/// One declared metric with all its series: what the handles point to, and what a scrape reads.
@safe @usableFromInline
final class Instrument: @unchecked Sendable {
    struct State {
        /// What the series of a summary or exponential histogram are kept in, by their cells.
        var objects: [UInt32: any SeriesObject] = [:]
        /// The label texts of the first series, as far as they were written down; see ``MetricBlock``.
        var labelText: [UInt8] = []
        var labelEnds: [UInt32] = []
        /// The label sets of the first series, where there are few.
        var labelSets: [LabelSet] = []
        /// When the metric began, in milliseconds since the epoch.
        var created: Int64 = 0
        /// Where label values beyond the limit are counted together; 0 before there are any.
        var overflowCell: UInt32 = 0
        var expiry = SeriesExpiry()
    }

    /// Where handles count that count nothing.
    static let inertCell = MARTLET_CELLS_INERT
    static var inertBounds: UnsafePointer<martlet_bounds> { unsafe martlet_bounds_none() }

    /// Families of up to so many series keep their label sets; larger ones make them anew for each reader.
    static let labelSetsKept = 2000

    let descriptor: MetricDescriptor
    let constantLabels: LabelSet
    let control: UInt32
    let onlyCell: UInt32
    let cellCount: UInt32
    let bounds: UnsafePointer<martlet_bounds>
    let family: OpaquePointer?
    let isInert: Bool
    private let seriesLimit: Int
    private let budget: SeriesBudget
    private let clock: any WallClock
    private let makeObject: SeriesMaker?
    private let droppedCell: UInt32
    let overflow = Atomic<UInt32>(0)
    let state: Locked<State>
    private let coreAddress = Atomic<UInt>(0)

    private var context: SeriesContext { SeriesContext(clock: clock, control: control) }

    /// Whether its series are kept in objects rather than in cells.
    var makesObjects: Bool { makeObject != nil }

    /// Creates a metric of a registry.
    init(
        _ descriptor: MetricDescriptor,
        in settings: InstrumentSettings,
        makeObject: SeriesMaker? = nil
    ) throws(MetricRegistryError) {
        let hasLabels = !descriptor.labelNames.isEmpty
        let isCounted = makeObject == nil && descriptor.type == .histogram
        let upperBounds = isCounted ? descriptor.buckets.upperBounds : []
        let outOfCells = MetricRegistryError.outOfCells(metric: descriptor.name)
        guard let bounds = unsafe Instrument.makeBounds(upperBounds) else { throw outOfCells }
        self.descriptor = descriptor
        self.makeObject = makeObject
        constantLabels = LabelSet(Array(settings.constantLabels) + Array(descriptor.constantLabels))
        seriesLimit = descriptor.seriesLimit ?? settings.seriesLimit
        budget = settings.budget
        clock = settings.clock
        control = settings.control
        isInert = false
        cellCount = isCounted ? UInt32(upperBounds.count) + 1 + MARTLET_SUM_PARTS : 1
        droppedCell = martlet_cells_allocate(1, 8)
        state = Locked(State())
        if hasLabels {
            onlyCell = MARTLET_CELLS_INERT
            let family = unsafe martlet_family_make(UInt32(descriptor.labelNames.count), settings.control)
            guard unsafe family != nil else { throw outOfCells }
            unsafe self.family = unsafe family
            if descriptor.expiry != nil, unsafe !martlet_family_lock_lookups(family) { throw outOfCells }
        } else {
            onlyCell = martlet_cells_allocate(cellCount, cellCount == 1 ? 64 : 8)
            guard onlyCell != 0 else { throw outOfCells }
            unsafe family = nil
        }
        unsafe bounds.pointee.only_cell = onlyCell
        unsafe bounds.pointee.control = settings.control
        unsafe self.bounds = unsafe UnsafePointer(bounds)
        let now = clock.millisecondsSinceEpoch
        state.withLock { state in
            state.created = now
            if !hasLabels, let makeObject { state.objects[onlyCell] = makeObject(context) }
        }
    }

    /// Creates a metric that counts nothing and belongs to no registry: what a handle gets that conflicts with another.
    init(inert descriptor: MetricDescriptor, makeObject: SeriesMaker? = nil) {
        self.descriptor = descriptor
        self.makeObject = makeObject
        constantLabels = .empty
        seriesLimit = 0
        budget = SeriesBudget(limit: 0)
        clock = SystemWallClock()
        control = 0
        onlyCell = MARTLET_CELLS_INERT
        cellCount = 1
        droppedCell = MARTLET_CELLS_INERT
        isInert = true
        unsafe family = unsafe martlet_family_make(UInt32(max(1, descriptor.labelNames.count)), 0)
        unsafe bounds = unsafe martlet_bounds_none()
        state = Locked(State())
        if let makeObject { state.withLock { $0.objects[MARTLET_CELLS_INERT] = makeObject(context) } }
    }

    var labelCount: Int { descriptor.labelNames.count }

    /// The address of what look-ups need; made at the first call, and for ever.
    var core: UnsafePointer<FamilyCore> { unsafe core(firstCell: MARTLET_CELLS_INERT, width: 0) }

    /// The same for a family by enumerations; the first call decides.
    ///
    /// - Parameters:
    ///   - firstCell: The cell of the first child.
    ///   - width: How many cases the last label has.
    /// - Returns: An address that stays.
    func core(firstCell: UInt32, width: Int) -> UnsafePointer<FamilyCore> {
        let known = coreAddress.load(ordering: .acquiring)
        if let core = unsafe UnsafePointer<FamilyCore>(bitPattern: known) { return unsafe core }
        return unsafe state.withLock { _ in
            let known = coreAddress.load(ordering: .acquiring)
            if let core = unsafe UnsafePointer<FamilyCore>(bitPattern: known) { return unsafe core }
            guard let family = unsafe family ?? martlet_family_make(1, control) else {
                fatalError("no memory for a metric")
            }
            let core = UnsafeMutablePointer<FamilyCore>.allocate(capacity: 1)
            unsafe core.initialize(
                to: FamilyCore(
                    quick: Atomic(0),
                    family: family,
                    bounds: bounds,
                    control: control,
                    labelCount: UInt32(labelCount),
                    firstCell: firstCell,
                    stride: isInert ? 0 : 8 * cellCount,
                    width: width,
                    instrument: Unmanaged.passRetained(self)
                )
            )
            unsafe martlet_family_publish_quick(family, OpaquePointer(core))
            coreAddress.store(UInt(bitPattern: core), ordering: .releasing)
            return unsafe UnsafePointer(core)
        }
    }

    /// How many look-ups were counted in the overflow, because there are as many series as there may be.
    var droppedCount: UInt64 { droppedCell == 0 ? 0 : martlet_cells_sum(droppedCell) }

    /// How many series there are, the overflow apart.
    var seriesCount: Int {
        guard !isInert else { return 0 }
        guard let family = unsafe family else { return 1 }
        return state.withLock { _ in unsafe Int(martlet_family_count(family)) }
    }

    /// What the tables and texts take, in bytes, cells apart.
    var bytes: Int {
        state.withLock { state in
            let tables = unsafe family.map { unsafe martlet_family_bytes($0) } ?? 0
            return Int(tables) + state.labelText.capacity + 4 * state.labelEnds.capacity
        }
    }
}

// MARK: Series by label values

extension Instrument {
    /// The cell of a series, which is created unless a limit is reached.
    ///
    /// - Parameter values: As many as label names.
    /// - Returns: The cell; that of the overflow beyond the limit.
    func cell(for values: UnsafePointer<martlet_text>) -> UInt32 {
        guard !isInert, let family = unsafe family else { return MARTLET_CELLS_INERT }
        let other = overflow.load(ordering: .acquiring)
        if other != 0, !(unsafe martlet_family_is_locked(family)) {
            // Full, and nothing is ever removed: no need for the lock.
            martlet_cells_add(droppedCell, control, 1)
            return other
        }
        return state.withLock { state in
            let known = unsafe martlet_family_find_locked(family, values)
            if known != 0 { return known }
            return unsafe addSeries(values, to: family, &state) ?? overflowCell(&state)
        }
    }

    /// The cell of a series by texts, for any number of labels.
    ///
    /// - Precondition: There are as many values as label names.
    func cell(for values: [String]) -> UInt32 {
        precondition(
            values.count == labelCount,
            "\(descriptor.name) has labels \(descriptor.labelNames); got values \(values)"
        )
        return unsafe Instrument.withTexts(values) { texts in
            if let family = unsafe family {
                let known = unsafe martlet_family_find(family, texts)
                if known != 0 { return known }
            }
            return unsafe cell(for: texts)
        }
    }

    private func addSeries(
        _ values: UnsafePointer<martlet_text>,
        to family: OpaquePointer,
        _ state: inout State
    ) -> UInt32? {
        for label in 0..<labelCount where unsafe values[label].count > Int(MARTLET_LABEL_VALUE_BYTES_MAX) { return nil }
        guard unsafe Int(martlet_family_count(family)) < seriesLimit, budget.take() else { return nil }
        let cell = state.expiry.takeCell(of: self) ?? martlet_cells_allocate(cellCount, 8)
        let age = (clock.millisecondsSinceEpoch - state.created) / 100
        guard cell != 0, unsafe martlet_family_add(family, values, cell, UInt32(clamping: age)) else {
            budget.giveBack(1)
            return nil
        }
        if let makeObject { state.objects[cell] = makeObject(context) }
        return cell
    }

    private func overflowCell(_ state: inout State) -> UInt32 {
        martlet_cells_add(droppedCell, control, 1)
        if state.overflowCell == 0 {
            let cell = martlet_cells_allocate(cellCount, 8)
            guard cell != 0 else { return MARTLET_CELLS_INERT }
            if let makeObject { state.objects[cell] = makeObject(context) }
            state.overflowCell = cell
        }
        // Only where the family is full for good: a value that is merely too long must not close it.
        let isFull = unsafe family.map { unsafe Int(martlet_family_count($0)) >= seriesLimit } ?? false
        if isFull { overflow.store(state.overflowCell, ordering: .releasing) }
        return state.overflowCell
    }

    /// Remembers what the words of texts mean.
    func note(_ words: UnsafePointer<UInt64>?, _ cell: UInt32) {
        guard let family = unsafe family, let words = unsafe words, !isInert else { return }
        state.withLock { state in
            // Not the overflow's, so that each look-up that ends there is counted.
            guard cell != state.overflowCell else { return }
            unsafe martlet_family_note_words(family, words, cell)
        }
    }

    /// Creates all children of a family by enumerations, in cells that lie side by side; the first one's cell.
    func addAll(_ values: [[String]]) -> UInt32? {
        guard !isInert, let family = unsafe family else { return nil }
        return state.withLock { state in
            guard values.count <= seriesLimit, unsafe martlet_family_count(family) == 0 else { return nil }
            let first = martlet_cells_allocate(cellCount * UInt32(values.count), 8)
            guard first != 0 else { return nil }
            for (index, texts) in values.enumerated() {
                guard budget.take() else { return nil }
                let cell = first + 8 * cellCount * UInt32(index)
                let isAdded = unsafe Instrument.withTexts(texts) { unsafe martlet_family_add(family, $0, cell, 0) }
                guard isAdded else { return nil }
            }
            return first
        }
    }

    /// Lets the registry have room for as many series again.
    func giveBack(_ count: Int) {
        budget.giveBack(count)
    }

    /// What a series of an instrument with objects is kept in.
    func object(at cell: UInt32) -> (any SeriesObject)? {
        state.withLock { $0.objects[cell] ?? $0.objects[MARTLET_CELLS_INERT] }
    }

    // MARK: C values

    private static func makeBounds(_ values: [Double]) -> UnsafeMutablePointer<martlet_bounds>? {
        unsafe values.withUnsafeBufferPointer { unsafe martlet_bounds_make($0.baseAddress, UInt32($0.count)) }
    }

    /// Calls a function with the values as the family's tables take them; the bytes stay valid during the call.
    static func withTexts<Result>(_ values: [String], _ body: (UnsafePointer<martlet_text>) -> Result) -> Result {
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
