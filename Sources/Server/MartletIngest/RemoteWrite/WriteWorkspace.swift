import MartletSeries

/// The buffers that a body needs, kept for the next one.
struct WriteWorkspace: Sendable {
    /// The decompressed body, at the beginning.
    var body: [UInt8] = []

    /// The label bytes of a 2.0 body.
    var labels: [UInt8] = []

    /// The samples.
    var batch = SampleBatch()

    /// The zeros at the times at which series began.
    var zeros = SampleBatch()

    /// Hands the buffers over and leaves none behind.
    mutating func take() -> WriteWorkspace {
        var taken = WriteWorkspace()
        swap(&taken, &self)
        return taken
    }

    /// Forgets the content and keeps the memory.
    mutating func reset() {
        labels.removeAll(keepingCapacity: true)
        batch.removeAll()
        zeros.removeAll()
    }

    /// About how much memory is kept.
    var byteCount: Int {
        body.capacity + labels.capacity + 16 * (batch.timestamps.capacity + zeros.timestamps.capacity)
            + 12 * (batch.entries.capacity + zeros.entries.capacity)
    }
}
