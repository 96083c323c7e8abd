import MartletFiles

/// A segment on its way to its name.
enum SegmentFile {
    /// Writes a segment under another name, reads its index back and renames it.
    ///
    /// The directory is not synced yet when the segment is returned. After an error nothing is left of it, unless even
    /// that fails; then the next start deletes it.
    static func write(
        path: String,
        number: UInt64,
        plan: SegmentPlan,
        origin: SegmentWriter.Origin,
        codec: ChunkCodec,
        fileSystem: any FileSystem,
        _ body: (inout ColumnSealer) throws(FileError) -> Void
    ) throws(FileError) -> Segment {
        let temporary = path + ".tmp"
        do throws(FileError) {
            let file = try fileSystem.create(temporary)
            do throws(FileError) {
                var sealer = ColumnSealer(
                    SegmentWriter(file: file, plan: plan, origin: origin, codec: codec),
                    codec: codec
                )
                try body(&sealer)
                try sealer.finish()
            } catch {
                // The first error is the one to tell.
                try? file.close()
                throw error
            }
            let segment = try open(path: path, as: temporary, number: number, fileSystem)
            try fileSystem.rename(temporary, to: path)
            return segment
        } catch {
            try? fileSystem.remove(temporary)
            throw error
        }
    }

    private static func open(
        path: String,
        as temporary: String,
        number: UInt64,
        _ fileSystem: any FileSystem
    ) throws(FileError) -> Segment {
        let file = try fileSystem.map(temporary)
        do throws(SegmentDamage) {
            return try Segment(path: path, number: number, file: file)
        } catch {
            throw FileError(
                code: FileError.inputOutput,
                operation: "read back",
                path: temporary,
                reason: error.description
            )
        }
    }
}
