import MartletFiles

/// Closes a block: what was acknowledged of its file is copied with a footer behind it, and takes its place.
///
/// The copy never trusts the open file to another write, so that a block is sealed alike after a failed write, after a stop, and in
/// good order.
struct AuditSealing {
    let files: AuditFiles
    let chain: AuditChain

    func seal(_ active: AuditState.Active, lastCommit: AuditHash) throws(FileError) -> (AuditState.Block, AuditHash) {
        let number = active.header.number
        let open = files.path(number, .open)
        let summary = active.summary(lastCommit: lastCommit, root: chain.root(active.leaves))
        let hash = chain.block(summary)
        let footer = AuditCommit.frame(AuditCommit.footerMarker, summary.closingBytes, hash: hash)
        let path = files.path(number, .block)
        let temporary = path + ".tmp"
        try files.fileSystem.remove(temporary)
        let map = try files.fileSystem.map(open)
        let target = try files.fileSystem.create(temporary)
        do throws(FileError) {
            try map.withBytes { (bytes: Span<UInt8>) throws(FileError) in
                try target.write(bytes.extracting(0..<active.byteCount))
            }
            try target.write(footer.span)
            try target.sync()
            try target.close()
        } catch {
            // What is left is removed before the next try or at the next start.
            try? target.close()
            try? files.fileSystem.remove(temporary)
            throw error
        }
        try files.fileSystem.rename(temporary, to: path)
        try files.fileSystem.syncDirectory(files.blocks)
        try files.fileSystem.remove(open)
        return (AuditState.Block(summary: summary, hash: hash, byteCount: active.byteCount + footer.count), hash)
    }
}
