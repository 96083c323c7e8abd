import MartletEvents

extension LogBlock {
    /// How hard zstd tries on what is seldom read.
    static let coldLevel = 3

    /// Writes all columns anew, the codes of messages compressed; the rest is as small as it gets.
    ///
    /// - Returns: `false` where the block is in that form already.
    /// - Throws: `EventError` `damaged` where a column is damaged; then nothing of what was written is to be used.
    func writeCold(to writer: BlockWriter) throws(EventError) -> Bool {
        guard !file.has(LogSections.packedCodes) else { return false }
        let reader = try LogBlockReader(self)
        for name in file.columnNames {
            if name == BlockSection(0) { continue }
            let content = try file.column(name)
            if name.kind == LogSections.planes(2).kind {
                try MessageCodes.pack(reader, to: writer)
            } else {
                writer.add(name, content)
            }
        }
        return true
    }
}
