import CMartletCells
import CMartletSpans
import MartletCore
import Synchronization

// Safety: the rings are never freed. Between tail and what is published only the drain reads, one pass at a time, and
// the writer writes nothing there until the tail is moved.

/// Reads all rings, on a thread of its own and when somebody flushes, and hands the spans to the processors.
@safe
final class SpanDrain: Sendable {
    static let shared = SpanDrain()

    private let wake = Gate()
    private let turn = Gate()
    private let isStarted = Atomic(false)
    private let decoder = Mutex(SpanDecoder())

    /// How many spans are handed over at once at most.
    private static let batch = 2048

    /// Starts the thread, unless it runs.
    func start() {
        // Relaxed: the exchange alone decides who starts it.
        guard !isStarted.exchange(true, ordering: .relaxed) else { return }
        martlet_span_on_pressure { SpanDrain.shared.wake.open() }
        let isRunning = unsafe martlet_thread_start({ _ in SpanDrain.shared.run() }, nil)
        if !isRunning { isStarted.store(false, ordering: .relaxed) }
    }

    private func run() {
        var pause: Int64 = 50_000_000
        while true {
            wake.wait(nanoseconds: pause)
            // Nothing to do for long means less looking; half a ring wakes it in any case.
            pause = pass() > 0 ? 50_000_000 : min(2 * pause, 500_000_000)
        }
    }

    /// Reads all that was published before.
    ///
    /// - Returns: How many spans there were.
    @discardableResult
    func pass() -> Int {
        var count = 0
        turn.exclusively {
            martlet_span_calibrate()
            var spans = PassBuffer()
            for index in 0..<martlet_span_ring_count() {
                guard let ring = unsafe martlet_span_ring_at(index) else { continue }
                count += unsafe drain(ring, &spans)
            }
            spans.handOver()
            for core in TracerTable.shared.cores() {
                for processor in core.processors { processor.tick() }
            }
        }
        return count
    }

    private func drain(_ ring: UnsafeMutablePointer<martlet_span_thread>, _ spans: inout PassBuffer) -> Int {
        let published = unsafe martlet_span_published(ring)
        var tail = unsafe martlet_span_tail(ring)
        guard tail != published, let memory = unsafe ring.pointee.ring else { return 0 }
        var count = 0
        decoder.withLock { decoder in
            while tail != published {
                let offset = tail & (UInt64(MARTLET_SPAN_RING_BYTES) - 1)
                let place = unsafe UnsafeMutableRawPointer(memory + Int(offset))
                let size = unsafe UInt64(place.load(as: UInt32.self))
                guard size != 0 else {
                    tail += UInt64(MARTLET_SPAN_RING_BYTES) - offset
                    continue
                }
                let record = unsafe place.assumingMemoryBound(to: martlet_span_record.self)
                if let entry = unsafe spans.entry(record.pointee.tracer), !entry.core.processors.isEmpty {
                    unsafe spans.add(decoder.span(record, entry.core.limits), record.pointee.tracer)
                } else {
                    unsafe SpanDecoder.release(record)
                }
                count += 1
                tail += size
                // The writer gets its room back bit by bit.
                if count & 255 == 0 { unsafe martlet_span_release(ring, tail) }
                if spans.count >= SpanDrain.batch { spans.handOver() }
            }
        }
        unsafe martlet_span_release(ring, tail)
        return count
    }
}

/// The spans of a pass by tracer, until there are enough of them.
private struct PassBuffer {
    private(set) var count = 0
    private var spans: [UInt32: [FinishedSpan]] = [:]
    private var entries: [UInt32: TracerTable.Entry?] = [:]

    mutating func entry(_ id: UInt32) -> TracerTable.Entry? {
        if let known = entries[id] { return known }
        let entry = TracerTable.shared.entry(id)
        entries[id] = .some(entry)
        return entry
    }

    mutating func add(_ span: FinishedSpan, _ id: UInt32) {
        spans[id, default: []].append(span)
        count += 1
    }

    mutating func handOver() {
        for (id, spans) in spans.sorted(by: { $0.key < $1.key }) {
            guard let entry = entries[id] ?? nil else { continue }
            entry.core.process(spans, from: entry.source)
        }
        spans.removeAll(keepingCapacity: true)
        count = 0
    }
}
