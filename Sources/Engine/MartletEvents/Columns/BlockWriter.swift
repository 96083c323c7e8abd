import MartletFiles

/// Puts a sealed block together: columns one after the other, then a directory of them.
package final class BlockWriter {
    private struct Section {
        var name: BlockSection
        var offset: Int
        var count: Int
        var checksum: UInt32
    }

    /// Columns that are written as they are, not copied beside the others.
    private static let largeBytes = 1 << 16

    private let header: [UInt8]

    /// The file that takes large columns as they come, so that a block need not be held whole; `nil` where they are kept until
    /// all is written.
    let file: (any WritableFile)?
    private var failure: FileError?

    /// What is written, one behind the other, in front of `rest`.
    private var parts: [[UInt8]] = []
    private var rest: [UInt8]
    private var partBytes = 0
    private var sections: [Section] = []

    init(number: UInt64, version: UInt32 = BlockFile.version, file: (any WritableFile)? = nil) {
        var header = BlockFile.magic
        header.append(littleEndian: version)
        header.append(littleEndian: UInt32(0))
        header.append(littleEndian: number)
        self.header = header
        self.file = file
        rest = header
    }

    /// How many bytes there are.
    private var byteCount: Int { partBytes + rest.count }

    /// Adds a column's bytes under a name that none has yet.
    package func add(_ name: BlockSection, _ content: [UInt8]) {
        sections.append(
            Section(
                name: name,
                offset: byteCount,
                count: content.count,
                checksum: CRC32C.checksum(content.span)
            )
        )
        if content.count >= Self.largeBytes {
            push(rest)
            push(content)
            rest = []
        } else {
            rest += content
        }
        while byteCount % 8 != 0 { rest.append(0) }
    }

    private func push(_ part: [UInt8]) {
        partBytes += part.count
        guard let file else {
            parts.append(part)
            return
        }
        guard failure == nil else { return }
        // Who adds columns cannot do anything about it; it is thrown at the end.
        do throws(FileError) { try file.write(part.span) } catch { failure = error }
    }

    /// Adds a column of another block as it stands there.
    package func add(_ name: BlockSection, _ content: ColumnBytes) {
        add(name, content.withBytes { $0.array })
    }

    /// Names the blocks that this one stands for.
    func addReplaced(_ numbers: [UInt64]) {
        var content: [UInt8] = []
        content.append(littleEndian: numbers)
        add(BlockFile.replaced, content)
    }

    /// Writes everything to a file, or what is left to the one that has the rest already.
    ///
    /// - Throws: What the system said, earlier writes included.
    func write(to file: any WritableFile) throws(FileError) {
        if let failure { throw failure }
        for part in parts { try file.write(part.span) }
        let rest = rest
        try file.write(rest.span)
    }

    /// Ends the block.
    func finish(count: Int, times: ClosedRange<Int64>, logSequence: UInt64, sealedAt: Int64) {
        let start = byteCount
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt64(count))
        bytes.append(littleEndian: UInt64(bitPattern: times.lowerBound))
        bytes.append(littleEndian: UInt64(bitPattern: times.upperBound))
        bytes.append(littleEndian: logSequence)
        bytes.append(littleEndian: UInt64(bitPattern: sealedAt))
        bytes.append(littleEndian: UInt32(sections.count))
        for section in sections {
            bytes.append(littleEndian: section.name.kind)
            bytes.append(littleEndian: section.name.index)
            bytes.append(littleEndian: UInt64(section.offset))
            bytes.append(littleEndian: UInt64(section.count))
            bytes.append(littleEndian: section.checksum)
        }
        let header = header
        // The checksum of header and directory.
        let checksum = CRC32C.checksum(bytes.span, seed: CRC32C.checksum(header.span))
        bytes.append(littleEndian: UInt64(start))
        bytes.append(littleEndian: checksum)
        bytes.append(littleEndian: BlockFile.endMarker)
        rest += bytes
    }
}

/// The name of a column in a block: what it holds, and of which attribute.
package struct BlockSection: Hashable, Sendable {
    /// What the column holds; the numbers belong to the kind of events.
    package var kind: UInt32

    /// Which of several of the same kind.
    package var index: UInt32

    /// Creates a name.
    package init(_ kind: UInt32, _ index: Int = 0) {
        self.kind = kind
        self.index = UInt32(truncatingIfNeeded: index)
    }
}
