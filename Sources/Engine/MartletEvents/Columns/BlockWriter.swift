import MartletFiles

/// Puts a sealed block together: columns one after the other, then a directory of them.
package final class BlockWriter {
    private struct Section {
        var name: BlockSection
        var offset: Int
        var count: Int
        var checksum: UInt32
    }

    /// The file's bytes in order: small columns are joined, large ones stay what they were handed over as.
    private var parts: [[UInt8]] = []
    /// What follows the parts.
    private var bytes: [UInt8]
    private var partBytes = 0
    private let header: [UInt8]
    private var sections: [Section] = []

    /// From this size on a column is written on its own rather than copied.
    private static let ownPartMin = 64 << 10

    init(number: UInt64, version: UInt32 = BlockFile.version) {
        bytes = BlockFile.magic
        bytes.append(littleEndian: version)
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: number)
        header = bytes
    }

    /// Adds a column's bytes under a name that none has yet.
    package func add(_ name: BlockSection, _ content: [UInt8]) {
        sections.append(
            Section(
                name: name,
                offset: partBytes + bytes.count,
                count: content.count,
                checksum: CRC32C.checksum(content.span)
            )
        )
        if content.count < Self.ownPartMin {
            bytes += content
        } else {
            parts.append(bytes)
            parts.append(content)
            partBytes += bytes.count + content.count
            bytes = []
        }
        while (partBytes + bytes.count) % 8 != 0 { bytes.append(0) }
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

    /// Writes everything to a file.
    func write(to file: any WritableFile) throws(FileError) {
        for part in parts { try file.write(part.span) }
        let bytes = bytes
        try file.write(bytes.span)
    }

    /// Ends the block.
    func finish(count: Int, times: ClosedRange<Int64>, logSequence: UInt64, sealedAt: Int64) {
        let (start, own) = (partBytes + bytes.count, bytes.count)
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
        // The checksum of header and directory.
        let (header, end) = (header, bytes)
        let seed = CRC32C.checksum(header.span)
        let checksum = CRC32C.checksum(end.span.extracting(own..<end.count), seed: seed)
        bytes.append(littleEndian: UInt64(start))
        bytes.append(littleEndian: checksum)
        bytes.append(littleEndian: BlockFile.endMarker)
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
