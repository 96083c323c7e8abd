public import MartletCore
import MartletFiles
import MartletLogFormats
public import MartletLogging
import Synchronization

/// Follows files through rotation: renamed, copied and truncated, replaced, deleted, whatever happened while it was away.
///
/// One thread looks at all files five times a second. How far each was stored is written to a file of checkpoints at most once a
/// second, and at the end; after the process was killed, lines of the last second may come twice, and none is missing. A line
/// counts when its end is there; one without an end counts when its file was rotated away.
public final class FileFollower: Sendable {
    /// How many files are followed at once.
    public static let filesMax = 1_024

    private struct State: Sendable {
        var files: [FollowedFile] = []
        var checkpoints: [FileCheckpoint] = []
        var turn = 0
        var isChanged = false
    }

    /// What each source counts.
    public let numbers: [LogInputNumbers]

    private let sources: [FileSource]
    private let checkpointPath: String
    private let target: any LogTarget
    private let clock: any WallClock
    private let logger: Logger
    private let utcOffset: Int64
    private let turnMilliseconds: Int
    private let flag = StopFlag()
    private let state: Mutex<State>
    private let truncations = Atomic<Int>(0)
    private let thread = Mutex<BackgroundSync?>(nil)

    /// Creates a follower; nothing is read before ``start()``.
    ///
    /// - Parameters:
    ///   - sources: What to follow.
    ///   - checkpointPath: The file that remembers how far everything was stored.
    ///   - utcOffset: How many seconds times without a zone are ahead of UTC.
    ///   - turnMilliseconds: How often files are looked at.
    ///   - target: Takes the records.
    ///   - clock: Tells when lines are read.
    ///   - logger: Is told of what goes wrong.
    public init(
        _ sources: [FileSource],
        checkpointPath: String,
        utcOffset: Int64 = 0,
        turnMilliseconds: Int = 200,
        target: any LogTarget,
        clock: any WallClock,
        logger: Logger
    ) {
        self.sources = sources
        self.checkpointPath = checkpointPath
        self.utcOffset = utcOffset
        self.turnMilliseconds = turnMilliseconds
        self.target = target
        self.clock = clock
        self.logger = logger
        numbers = sources.map { LogInputNumbers($0.name) }
        var state = State()
        if let file = try? POSIXFileSystem().map(checkpointPath) {
            state.checkpoints = file.withBytes { bytes in FileCheckpoint.read((0..<bytes.count).map { bytes[$0] }) }
        }
        self.state = Mutex(state)
    }

    /// How often a file was found shorter than before, or begun anew.
    public var truncated: Int { truncations.load(ordering: .relaxed) }

    /// How many files are open.
    public var fileCount: Int { state.withLock { $0.files.count } }

    /// Begins to follow.
    public func start() {
        let made = BackgroundSync.start(delayMilliseconds: turnMilliseconds) { [weak self] in
            guard let self else { return }
            self.turn()
            self.thread.withLock { $0 }?.ask()
        }
        thread.withLock { $0 = made }
        made?.ask()
    }

    /// Reads what is there, remembers how far, and ends the thread.
    public func stop() {
        flag.stop()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.stop()
        turn()
        saveCheckpoints(isDue: true)
    }

    /// Looks at all files once.
    func turn() {
        let number = state.withLock { state in
            defer { state.turn += 1 }
            return state.turn
        }
        if number % 5 == 0 { look() }
        for index in 0..<fileCount { follow(index) }
        state.withLock { state in
            // A file that was rotated away is let go when nothing came for two seconds and all is stored.
            state.files.removeAll { $0.isReplaced && $0.quietTurns >= 10 && $0.storedOffset >= $0.readOffset }
        }
        saveCheckpoints(isDue: number % 5 == 4)
    }

    // MARK: Finding

    private func look() {
        for (index, source) in sources.enumerated() {
            for path in source.paths.flatMap({ FileSystemView.matches($0, limit: Self.filesMax) }) { look(path, index) }
        }
        state.withLock { state in
            for index in state.files.indices where !state.files[index].isReplaced {
                let file = state.files[index]
                if FileSystemView.identity(file.path) != file.file.identity { state.files[index].isReplaced = true }
            }
        }
    }

    private func look(_ path: String, _ source: Int) {
        guard let file = OpenFile(path) else { return }
        let (isKnown, hasRoom) = state.withLock { state in
            // Also under another name: a file that was renamed to something that matches is the same file.
            (state.files.contains { $0.file.identity == file.identity }, state.files.count < Self.filesMax)
        }
        guard !isKnown, hasRoom else { return }
        let settings = sources[source]
        let known = state.withLock { state in
            let known = state.checkpoints.first { $0.path == path }
            state.checkpoints.removeAll { $0.path == path }
            return known
        }
        var offset = 0
        if let known {
            if known.isOf(file), known.offset <= file.size {
                offset = known.offset
            } else {
                finishRotated(known, path, source)
            }
        } else if settings.beginsAtEnd, state.withLock({ state in !state.files.contains { $0.path == path } }) {
            offset = file.size
        }
        let followed = FollowedFile(path, file, offset: offset, source: source, settings, utcOffset: utcOffset)
        state.withLock { state in
            state.files.append(followed)
            state.isChanged = true
        }
    }

    /// Reads the rest of a file that was rotated away while nobody followed, where it is still in its folder.
    private func finishRotated(_ known: FileCheckpoint, _ path: String, _ source: Int) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        for name in FileSystemView.names(in: folder).sorted().prefix(Self.filesMax) {
            guard FileSystemView.identity("\(folder)/\(name)") == known.identity,
                let file = OpenFile("\(folder)/\(name)"),
                known.isOf(file), known.offset < file.size
            else { continue }
            var followed = FollowedFile(
                path,
                file,
                offset: known.offset,
                source: source,
                sources[source],
                utcOffset: utcOffset
            )
            followed.isReplaced = true
            state.withLock { $0.files.append(followed) }
            return
        }
    }

    // MARK: Reading

    private func follow(_ index: Int) {
        var file = state.withLock { $0.files[index] }
        let source = sources[file.source]
        let numbers = numbers[file.source]
        if case .truncated = file.change {
            truncations.add(1, ordering: .relaxed)
            logger.info("a followed file was truncated and is read from its beginning", ["path": .string(file.path)])
            file = FollowedFile(file.path, file.file, offset: 0, source: file.source, source, utcOffset: utcOffset)
        }
        let delivery = LogDelivery(target: target, numbers: numbers, logger: logger, triesMax: .max) { [flag] in
            flag.pause(milliseconds: 250)
        }
        // A bounded share of one file, so that a long one does not keep the others waiting.
        for _ in 0..<16 {
            var batch = LogBatch()
            let count = file.read(into: &batch, observed: clock.nanosecondsSinceEpoch, source.attributes)
            if count == 0, file.isReplaced, file.quietTurns == 8 {
                file.finish(into: &batch, observed: clock.nanosecondsSinceEpoch, source.attributes)
            }
            let counts = file.takeCounts()
            guard delivery.deliver(batch) else {
                // Stopped while the store refused: the checkpoint stays before what is not stored.
                return
            }
            numbers.change { values in
                values.lines += counts
                values.bytes += count
            }
            let before = file.storedOffset
            file.stored()
            let current = file
            let isMoved = current.storedOffset != before
            state.withLock { state in
                state.files[index] = current
                state.isChanged = state.isChanged || isMoved
            }
            if count < FollowedFile.pieceBytes { return }
        }
    }

    // MARK: Checkpoints

    private func saveCheckpoints(isDue: Bool) {
        let checkpoints = state.withLock { state -> [FileCheckpoint]? in
            guard isDue, state.isChanged else { return nil }
            state.isChanged = false
            // The file that has the path now stands behind the one that was rotated away, and counts.
            let current = state.files.filter { !$0.isReplaced }.map(\.checkpoint)
            let leaving = state.files.filter { file in file.isReplaced && !current.contains { $0.path == file.path } }
            return current + leaving.map(\.checkpoint)
                + state.checkpoints.filter { known in !current.contains { $0.path == known.path } }.prefix(
                    Self.filesMax
                )
        }
        guard let checkpoints else { return }
        do throws(FileError) {
            let disk = POSIXFileSystem()
            let temporary = checkpointPath + ".tmp"
            try disk.remove(temporary)
            let file = try disk.create(temporary)
            try file.write(FileCheckpoint.json(checkpoints).span)
            try file.sync()
            try file.close()
            try disk.rename(temporary, to: checkpointPath)
        } catch {
            state.withLock { $0.isChanged = true }
            logger.warn(
                "the checkpoints of followed files cannot be written",
                ["error": .string("\(error); \(error.remedy)")]
            )
        }
    }
}
