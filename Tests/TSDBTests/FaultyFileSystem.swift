import Foundation
import MartletFiles
import Synchronization

@testable import MartletTSDB

/// The machine's files with faults at chosen operations, and with the memory of a power cut: what was not synced.
final class FaultyFileSystem: FileSystem {
    /// What goes wrong.
    enum Fault: Sendable {
        /// The disk is full: half of a write gets there.
        case full
        /// The device fails.
        case failing
        /// The machine stops: this operation and all later ones do nothing.
        case stop
    }

    struct State: Sendable {
        var operations = 0
        var faults: [Int: Fault] = [:]
        var constant: Fault?
        var isStopped = false
        var syncedSizes: [String: Int] = [:]
        var sizes: [String: Int] = [:]
        var syncs = 0
    }

    let base = POSIXFileSystem()
    let state = Mutex(State())

    /// How many operations that change something were asked for.
    var operations: Int { state.withLock { $0.operations } }

    /// How many times a file was synced.
    var syncs: Int { state.withLock { $0.syncs } }

    /// Makes the n-th operation from now on go wrong, 0 being the next.
    func fail(after count: Int, with fault: Fault) {
        state.withLock { $0.faults[$0.operations + count] = fault }
    }

    /// Makes everything go wrong, or nothing any more.
    func failAlways(with fault: Fault?) {
        state.withLock { $0.constant = fault }
    }

    /// The bytes of each file that a power cut leaves.
    var syncedSizes: [String: Int] { state.withLock { $0.syncedSizes } }

    func fault() -> Fault? {
        state.withLock { state in
            if state.isStopped { return .stop }
            let fault = state.faults[state.operations] ?? state.constant
            state.operations += 1
            if case .stop = fault { state.isStopped = true }
            return fault
        }
    }

    func step(_ operation: String, _ path: String) throws(FileError) {
        guard let fault = fault() else { return }
        throw Self.error(fault, operation, path)
    }

    static func error(_ fault: Fault, _ operation: String, _ path: String) -> FileError {
        if case .full = fault { return FileError(code: FileError.noSpace, operation: operation, path: path) }
        return FileError(code: FileError.inputOutput, operation: operation, path: path)
    }

    func createDirectory(_ path: String) throws(FileError) { try base.createDirectory(path) }
    func list(_ path: String) throws(FileError) -> [String] { try base.list(path) }
    func map(_ path: String) throws(FileError) -> MappedFile { try base.map(path) }
    func lock(_ path: String) throws(FileError) -> any FileLock { try base.lock(path) }

    func create(_ path: String) throws(FileError) -> any WritableFile {
        try step("create", path)
        return FaultyFile(base: try base.create(path), path: path, owner: self)
    }

    func rename(_ from: String, to: String) throws(FileError) {
        try step("rename", from)
        try base.rename(from, to: to)
        state.withLock { state in
            state.syncedSizes[to] = state.syncedSizes.removeValue(forKey: from)
            state.sizes[to] = state.sizes.removeValue(forKey: from)
        }
    }

    func link(_ from: String, to: String) throws(FileError) {
        try step("link", from)
        try base.link(from, to: to)
        state.withLock { $0.syncedSizes[to] = $0.syncedSizes[from] }
    }

    func remove(_ path: String) throws(FileError) {
        try step("delete", path)
        try base.remove(path)
    }

    func syncDirectory(_ path: String) throws(FileError) {
        try step("sync directory", path)
        try base.syncDirectory(path)
    }

    /// Takes from the files of a copied directory what a power cut would take.
    func cutPower(original: TemporaryDirectory, copy: TemporaryDirectory) throws {
        for (path, size) in state.withLock({ $0.sizes }) {
            let kept = syncedSizes[path] ?? 0
            let target = copy.path + path.dropFirst(original.path.count)
            guard kept < size, let file = FileHandle(forWritingAtPath: target) else { continue }
            try file.truncate(atOffset: UInt64(kept))
            try file.close()
        }
    }
}

private struct FaultyFile: WritableFile {
    let base: any WritableFile
    let path: String
    let owner: FaultyFileSystem

    func write(_ bytes: Span<UInt8>) throws(FileError) {
        if let fault = owner.fault() {
            // A torn write: the first half gets there.
            if case .failing = fault {
            } else {
                try base.write(bytes.extracting(0..<(bytes.count / 2)))
                owner.state.withLock { $0.sizes[path, default: 0] += bytes.count / 2 }
            }
            throw FaultyFileSystem.error(fault, "write", path)
        }
        try base.write(bytes)
        owner.state.withLock { $0.sizes[path, default: 0] += bytes.count }
    }

    func sync() throws(FileError) {
        try owner.step("sync", path)
        try base.sync()
        owner.state.withLock { state in
            state.syncedSizes[path] = state.sizes[path, default: 0]
            state.syncs += 1
        }
    }

    func truncate(to size: Int) throws(FileError) {
        try owner.step("truncate", path)
        try base.truncate(to: size)
        owner.state.withLock { $0.sizes[path] = size }
    }

    func close() throws(FileError) { try base.close() }
}
