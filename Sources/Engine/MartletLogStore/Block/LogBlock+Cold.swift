import MartletEvents

extension LogBlock {
    /// How hard zstd tries on what is seldom read; 6 saves some 1 in 200 bytes for three times the work.
    static var coldLevel: Int { 3 }

    /// Writes all columns anew, the codes of messages compressed; the rest is as small as it gets.
    ///
    /// - Returns: `true`.
    /// - Throws: `EventError` `damaged` where a column is damaged; then nothing of what was written is to be used.
    func writeCold(to writer: BlockWriter) throws(EventError) -> Bool {
        let reader = try LogBlockReader(self)
        // Earlier forms of the codes, which blocks of before have.
        let codes = [LogSections.planes(2), LogSections.packedPlanes, LogSections.packedPlaneEnds].map(\.kind)
        for name in file.columnNames {
            switch name {
            case BlockSection(0), LogSections.codes, LogSections.codeEnds: continue
            default:
                guard !codes.contains(name.kind) else { continue }
                writer.add(name, try file.column(name))
            }
        }
        try MessageCodes.writeCold(reader, to: writer)
        return true
    }
}
