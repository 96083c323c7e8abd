import Synchronization

// Safety: the object owns every chunk from its allocation to `deinit`; indices are checked against `count` before they
// reach a pointer. Only one thread at a time appends or writes, under its owner's lock. Others may meanwhile read values
// that were there when they took that lock last: chunks never move, and lists of chunks that were outgrown are kept.

/// Plain values in chunks that never move: growing copies nothing, and memory that is not used yet costs none.
@safe final class Slab<Element: BitwiseCopyable>: @unchecked Sendable {
    private typealias Chunks = UnsafeMutablePointer<UnsafeMutablePointer<Element>>

    private let counter = Atomic<Int>(0)
    private let table: Atomic<UnsafeMutablePointer<UnsafeMutablePointer<Element>>>
    private var retired: [UnsafeMutablePointer<UnsafeMutablePointer<Element>>] = unsafe []
    private let shift: Int
    private var chunks = 0
    private var tableCapacity = 4

    /// Creates an empty slab.
    ///
    /// - Parameter shift: The logarithm to base 2 of how many values a chunk has.
    init(shift: Int) {
        self.shift = shift
        unsafe table = Atomic(Chunks.allocate(capacity: 4))
    }

    deinit {
        let list = unsafe table.load(ordering: .relaxed)
        for index in 0..<chunks { unsafe list[index].deallocate() }
        unsafe list.deallocate()
        for index in 0..<(unsafe retired.count) { unsafe retired[index].deallocate() }
    }

    /// How many values there are.
    var count: Int {
        @inline(__always) get { counter.load(ordering: .relaxed) }
    }

    /// The bytes that the chunks take, used or not.
    var byteCount: Int { (chunks << shift) * MemoryLayout<Element>.stride }

    /// The value at a place.
    @inline(__always)
    subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count)
            return unsafe table.load(ordering: .relaxed)[index >> shift][index & (1 << shift - 1)]
        }
        set {
            precondition(index >= 0 && index < count)
            unsafe table.load(ordering: .relaxed)[index >> shift][index & (1 << shift - 1)] = newValue
        }
    }

    /// Changes the value at a place without copying it.
    @inline(__always)
    func update(_ index: Int, _ body: (inout Element) -> Void) {
        precondition(index >= 0 && index < count)
        unsafe body(&table.load(ordering: .relaxed)[index >> shift][index & (1 << shift - 1)])
    }

    /// Appends a value.
    @inline(__always)
    func append(_ value: Element) {
        let place = count
        if place >= chunks << shift { grow() }
        unsafe table.load(ordering: .relaxed)[place >> shift][place & (1 << shift - 1)] = value
        counter.store(place + 1, ordering: .relaxed)
    }

    /// Appends so many equal values.
    func append(repeating value: Element, count more: Int) {
        for _ in 0..<more { append(value) }
    }

    /// Makes room for values that all lie in one chunk, and counts them as there.
    ///
    /// - Returns: The place of the first.
    /// - Precondition: They fit into a chunk.
    func reserveTogether(_ more: Int) -> Int {
        precondition(more <= 1 << shift)
        var place = count
        let rest = 1 << shift - place & (1 << shift - 1)
        if more > rest { place += rest }
        if place + more > chunks << shift { grow() }
        counter.store(place + more, ordering: .relaxed)
        return place
    }

    /// Lends neighbouring values of one chunk.
    @inline(__always)
    func withPointer<Result>(at index: Int, count wanted: Int, _ body: (UnsafeMutablePointer<Element>) -> Result)
        -> Result
    {
        precondition(index >= 0 && wanted >= 0 && index + wanted <= count)
        let offset = index & (1 << shift - 1)
        precondition(wanted == 0 || offset + wanted <= 1 << shift)
        guard index < chunks << shift else {
            // Nothing is wanted of a slab that is full or empty; any pointer does.
            return unsafe body(
                UnsafeMutablePointer(bitPattern: MemoryLayout<Element>.alignment) ?? table.load(ordering: .relaxed)[0]
            )
        }
        return unsafe body(table.load(ordering: .acquiring)[index >> shift] + offset)
    }

    private func grow() {
        let list = unsafe table.load(ordering: .relaxed)
        if chunks == tableCapacity {
            let bigger = Chunks.allocate(capacity: tableCapacity * 2)
            unsafe bigger.update(from: list, count: chunks)
            unsafe retired.append(list)
            tableCapacity *= 2
            unsafe bigger[chunks] = .allocate(capacity: 1 << shift)
            unsafe table.store(bigger, ordering: .releasing)
        } else {
            unsafe list[chunks] = .allocate(capacity: 1 << shift)
        }
        chunks += 1
    }
}
