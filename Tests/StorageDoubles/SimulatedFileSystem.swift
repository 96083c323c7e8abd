package import MartletFiles
import Synchronization

/// A file system in memory that forgets what a real one may forget when the power goes.
///
/// Each file is what was synced plus the writes since; each directory is what was synced plus the operations since. A
/// cut keeps any of the writes, whole or torn, in any order, and the first so many of the operations on names.
package final class SimulatedFileSystem: FileSystem {
    /// What goes wrong.
    package enum Fault: Sendable { case full, failing, stop }

    final class Node: Sendable {
        struct Content {
            var synced: [UInt8] = []
            var current: [UInt8] = []
            /// Where writes since the last sync begin and end.
            var writes: [Range<Int>] = []
        }
        let content = Mutex(Content())
    }

    private enum NameChange { case add(String, Node), remove(String) }

    private struct State {
        var names: [String: Node] = [:]
        var syncedNames: [String: Node] = [:]
        var changes: [NameChange] = []
        var directories: Set<String> = []
        var operations = 0
        var faultAt: Int?
        var fault: Fault?
        var lasting: Fault?
        var isStopped = false
    }

    private let state = Mutex(State())

    package init() {}

    package var operations: Int { state.withLock { $0.operations } }
    package var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Makes the n-th operation from now on go wrong.
    package func fail(after count: Int, with fault: Fault) {
        state.withLock { ($0.faultAt, $0.fault) = ($0.operations + count, fault) }
    }

    /// Makes all operations go wrong, or none any more.
    package func failAlways(with fault: Fault?) { state.withLock { $0.lasting = fault } }

    /// What is left after the process ended but the machine went on: everything that was written.
    package func killProcess() {
        state.withLock { state in (state.isStopped, state.faultAt, state.lasting) = (false, nil, nil) }
    }

    /// What is left after the power was cut.
    package func cutPower(_ generator: inout some RandomNumberGenerator) {
        let (names, changes, synced) = state.withLock { ($0.names, $0.changes, $0.syncedNames) }
        _ = names
        var left = synced
        for change in changes.prefix(Int.random(in: 0...changes.count, using: &generator)) {
            switch change {
            case .add(let name, let node): left[name] = node
            case .remove(let name): left[name] = nil
            }
        }
        for (_, node) in left.sorted(by: { $0.key < $1.key }) {
            node.content.withLock { content in
                var bytes = content.synced
                for write in content.writes {
                    let part = Int.random(in: 0...3, using: &generator)
                    if part == 0 { continue }
                    let end = part == 1 ? Int.random(in: write, using: &generator) : write.upperBound
                    while bytes.count < end { bytes.append(0) }
                    for place in write.lowerBound..<end { bytes[place] = content.current[place] }
                }
                content = .init(synced: bytes, current: bytes)
            }
        }
        state.withLock { state in
            state.names = left
            state.syncedNames = left
            state.changes = []
            (state.isStopped, state.faultAt, state.lasting) = (false, nil, nil)
        }
    }

    /// Flips one bit of one file of those whose names end in some way.
    package func flipBit(_ suffix: String, _ generator: inout some RandomNumberGenerator) -> Bool {
        let files = state.withLock { $0.names }.filter { $0.key.hasSuffix(suffix) }.sorted { $0.key < $1.key }
        guard let (_, node) = files.randomElement(using: &generator) else { return false }
        return node.content.withLock { content in
            guard !content.current.isEmpty else { return false }
            let place = Int.random(in: content.current.indices, using: &generator)
            content.current[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            content.synced = content.current
            content.writes = []
            return true
        }
    }

    fileprivate func fault() -> Fault? {
        state.withLock { state in
            if state.isStopped { return .stop }
            var fault = state.lasting
            if state.operations == state.faultAt { fault = state.fault }
            state.operations += 1
            if fault == .stop { state.isStopped = true }
            return fault
        }
    }

    fileprivate static func error(_ fault: Fault, _ operation: String, _ path: String) -> FileError {
        FileError(
            code: fault == .full ? FileError.noSpace : FileError.inputOutput,
            operation: operation,
            path: path,
            reason: "\(fault)"
        )
    }

    private func step(_ operation: String, _ path: String) throws(FileError) {
        if let fault = fault() { throw Self.error(fault, operation, path) }
    }

    private func missing(_ operation: String, _ path: String) -> FileError {
        FileError(code: FileError.missing, operation: operation, path: path, reason: "no such file")
    }

    package func createDirectory(_ path: String) throws(FileError) {
        _ = state.withLock { $0.directories.insert(path) }
    }

    package func list(_ path: String) throws(FileError) -> [String] {
        let (names, isThere) = state.withLock { ($0.names.keys, $0.directories.contains(path)) }
        guard isThere else { throw missing("list", path) }
        return names.filter { $0.hasPrefix(path + "/") }.map { String($0.dropFirst(path.count + 1)) }
            .filter { !$0.contains("/") }.sorted()
    }

    package func create(_ path: String) throws(FileError) -> any WritableFile {
        try step("create", path)
        let node = Node()
        let isNew = state.withLock { state in
            guard state.names[path] == nil else { return false }
            state.names[path] = node
            state.changes.append(.add(path, node))
            return true
        }
        guard isNew else {
            throw FileError(code: FileError.exists, operation: "create", path: path, reason: "file exists")
        }
        return SimulatedFile(node: node, path: path, owner: self)
    }

    package func link(_ from: String, to: String) throws(FileError) {
        try step("link", from)
        let isDone = state.withLock { state in
            guard let node = state.names[from] else { return false }
            state.names[to] = node
            state.changes.append(.add(to, node))
            return true
        }
        if !isDone { throw missing("link", from) }
    }

    package func map(_ path: String) throws(FileError) -> MappedFile {
        guard let node = state.withLock({ $0.names[path] }),
            let file = node.content.withLock({ MappedFile(copying: $0.current.span) })
        else { throw missing("map", path) }
        return file
    }

    package func rename(_ from: String, to: String) throws(FileError) {
        try step("rename", from)
        let isDone = state.withLock { state in
            guard let node = state.names.removeValue(forKey: from) else { return false }
            state.names[to] = node
            // One operation for the journal: both names change or none does.
            state.changes.append(.add(to, node))
            state.changes.append(.remove(from))
            return true
        }
        if !isDone { throw missing("rename", from) }
    }

    package func remove(_ path: String) throws(FileError) {
        try step("delete", path)
        state.withLock { state in
            guard state.names.removeValue(forKey: path) != nil else { return }
            state.changes.append(.remove(path))
        }
    }

    package func syncDirectory(_ path: String) throws(FileError) {
        try step("sync directory", path)
        state.withLock { state in
            state.syncedNames = state.names
            state.changes = []
        }
    }

    package func lock(_ path: String) throws(FileError) -> any FileLock { NoLock() }

    private struct NoLock: FileLock { func release() {} }
}

private struct SimulatedFile: WritableFile {
    let node: SimulatedFileSystem.Node
    let path: String
    let owner: SimulatedFileSystem

    private func put(_ bytes: Span<UInt8>, _ count: Int) {
        let copy = (0..<count).map { bytes[$0] }
        node.content.withLock { content in
            let start = content.current.count
            content.current += copy
            content.writes.append(start..<(start + count))
        }
    }

    func write(_ bytes: Span<UInt8>) throws(FileError) {
        if let fault = owner.fault() {
            if fault != .failing, bytes.count > 1 { put(bytes, bytes.count / 2) }
            throw SimulatedFileSystem.error(fault, "write", path)
        }
        if bytes.count > 0 { put(bytes, bytes.count) }
    }

    func sync() throws(FileError) {
        if let fault = owner.fault() { throw SimulatedFileSystem.error(fault, "sync", path) }
        node.content.withLock { content in
            content.synced = content.current
            content.writes = []
        }
    }

    func truncate(to size: Int) throws(FileError) {
        if let fault = owner.fault() { throw SimulatedFileSystem.error(fault, "truncate", path) }
        node.content.withLock { content in
            content.current = Array(content.current.prefix(size))
            content.synced = Array(content.synced.prefix(size))
            content.writes = content.writes.compactMap { write in
                write.lowerBound >= size ? nil : write.lowerBound..<min(write.upperBound, size)
            }
        }
    }

    func close() throws(FileError) {}
}
