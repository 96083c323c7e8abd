/// What the engine has to know of a kind of events: spans or log records.
package protocol EventKind: Sendable {
    /// The events in memory.
    associatedtype Active: ActiveEvents
    /// A sealed block, ready to be searched.
    associatedtype Block: Sendable

    /// What the directory's `format` file says, such as `martlet traces 1`.
    var format: String { get }

    /// The version of a sealed block, 1 unless its form was changed.
    var sealedVersion: UInt32 { get }

    /// Nothing in memory.
    func makeActive() -> Active

    /// Nothing in memory, what follows other events.
    func makeActive(after active: Active) -> Active

    /// Nothing in memory, what follows the events of a block.
    func makeActive(after block: Block) -> Active

    /// Makes a block's file ready.
    func open(_ file: BlockFile) throws(EventError) -> Block

    /// Writes the columns of a block that is seldom read any more in a smaller form; `false` where there is none.
    func writeCold(_ block: Block, to writer: BlockWriter) throws(EventError) -> Bool

    /// Writes the columns of several blocks, the oldest first, as those of one in its smaller form; `false` where they
    /// cannot be one.
    func merge(_ blocks: [Block], to writer: BlockWriter) throws(EventError) -> Bool
}

extension EventKind {
    /// The first form.
    package var sealedVersion: UInt32 { 1 }

    /// Nothing in memory; what came before does not matter.
    package func makeActive(after active: Active) -> Active { makeActive() }

    /// Nothing in memory; what came before does not matter.
    package func makeActive(after block: Block) -> Active { makeActive() }

    /// No smaller form.
    package func writeCold(_ block: Block, to writer: BlockWriter) -> Bool { false }

    /// Blocks stay what they are.
    package func merge(_ blocks: [Block], to writer: BlockWriter) -> Bool { false }
}

/// Events in memory, which can be searched from the moment they are there.
package protocol ActiveEvents: Sendable {
    /// How many events there are.
    var count: Int { get }

    /// About how many bytes of memory they take.
    var byteCount: Int { get }

    /// The times of the events, in nanoseconds since 1970.
    var timeRange: ClosedRange<Int64>? { get }

    /// Puts in what a record of the log holds; `false` where it makes no sense.
    mutating func replay(_ payload: Span<UInt8>) -> Bool

    /// Writes everything as a sealed block's columns.
    func write(to block: BlockWriter)

    /// Is told that nothing more comes, so that what only that needs can be given back; events can still be searched.
    mutating func freeze()

    /// Is told that a block has everything, so that memory can be used for what comes.
    consuming func retire()
}

extension ActiveEvents {
    /// Everything is needed for searches.
    package mutating func freeze() {}

    /// Memory is given back.
    package consuming func retire() {}
}
