import MartletCore
import MartletLogging
public import MartletSeries
import Synchronization

extension TimeSeriesStore {
    /// Seals what is due, drops what is too old or too much, and tries to write again after a failure.
    ///
    /// For a loop, every few seconds; readers and writers go on meanwhile. A failure is logged and tried again at the
    /// next call.
    public func maintain() {
        guard (try? requireOpen()) != nil else { return }
        maintenance.withLock { maintenance in
            do throws(SeriesError) {
                if isFailing.load(ordering: .relaxed) { try recoverIfDue() }
                if let cut = dueCut() { try seal(before: cut, &maintenance) }
            } catch {
                logger.warn("samples could not be sealed; they stay in the log", ["error": .string("\(error)")])
            }
            dropSegments(&maintenance)
            deleteLogFiles()
        }
    }

    /// Seals everything in memory, whatever its age.
    ///
    /// - Throws: ``SeriesError`` `storageUnavailable` when a segment cannot be written; its samples stay in the log.
    public func sealAll() throws(SeriesError) {
        try requireOpen()
        try maintenance.withLock { maintenance throws(SeriesError) in
            if isFailing.load(ordering: .relaxed) { try recoverIfDue() }
            try seal(before: .max, &maintenance)
            deleteLogFiles()
        }
    }

    /// The time before which samples should be sealed now, if any are.
    private func dueCut() -> Int64? {
        let length = configuration.segmentDuration.milliseconds
        let settled = clock.millisecondsSinceEpoch - configuration.outOfOrderWindow.milliseconds
        let (minTime, samples) = head.withLock { ($0.minTime, $0.sampleCount) }
        guard samples > 0 else { return nil }
        if samples > 2 * configuration.headSamplesMax { return .max }
        let cut = samples > configuration.headSamplesMax ? settled : SealPlan.floor(settled, length)
        return minTime < cut ? cut : nil
    }

    private func seal(before cut: Int64, _ maintenance: inout Maintenance) throws(SeriesError) {
        var plan = SealPlan(cut: cut)
        try writer.withLock { writer throws(SeriesError) in
            if let failure = writer.failure { throw .storageUnavailable(failure) }
            try rotate(&writer) { plan.freeze(&$0) }
        }
        guard !plan.frozen.isEmpty else { return }
        let new = try writeSegments(plan, &maintenance)
        head.withLock { head in
            head.segments.append(contentsOf: new)
            plan.thaw(&head)
        }
        if head.withLock({ $0.isWorthRebuilding }) { try rebuildHead() }
    }

    /// Lets go of the memory of series that are gone.
    ///
    /// Records name series by their place, which changes here: the log has everything first, and a new file begins.
    private func rebuildHead() throws(SeriesError) {
        try writer.withLock { writer throws(SeriesError) in
            if let failure = writer.failure { throw .storageUnavailable(failure) }
            let sequence = nextSequence(writer)
            do throws(FileError) {
                try head.withLock { head throws(FileError) in
                    try writer.write(head.log.take())
                    try writer.sync()
                    head = head.rebuilt()
                    head.log.sequence = sequence
                }
                try writer.begin(sequence: sequence, salt: .random(in: .min ... .max), with: [])
            } catch {
                noteFailure(error)
                throw unavailable(error)
            }
        }
    }

    private func writeSegments(_ plan: SealPlan, _ maintenance: inout Maintenance) throws(SeriesError) -> [Segment] {
        let directory = "\(configuration.directory)/\(StoreFormat.segmentDirectory)"
        var written: [(temporary: String, path: String, number: UInt64)] = []
        do throws(FileError) {
            for window in plan.windows(length: configuration.segmentDuration.milliseconds) {
                let number = maintenance.nextSegment
                maintenance.nextSegment += 1
                let path = "\(directory)/\(number).seg"
                written.append((path + ".tmp", path, number))
                let file = try fileSystem.create(path + ".tmp")
                var segment = SegmentWriter(
                    file: file,
                    from: window.from,
                    to: window.to,
                    logSequence: plan.logSequence,
                    hashSeed: .random(in: .min ... .max)
                )
                do throws(FileError) {
                    for series in plan.frozen {
                        let (timestamps, values) = series.columns(from: window.from, to: window.to)
                        try segment.add(series.labels, timestamps: timestamps, values: values)
                    }
                    if segment.isEmpty {
                        try file.close()
                        try fileSystem.remove(path + ".tmp")
                        written.removeLast()
                        continue
                    }
                    try segment.finish()
                } catch {
                    // The first error is the one to tell.
                    try? file.close()
                    throw error
                }
            }
            return try publish(written, directory)
        } catch {
            for (temporary, path, _) in written {
                // Renamed ones stay good; the samples in them are in memory too, and reading takes each once.
                _ = path
                try? fileSystem.remove(temporary)
            }
            throw unavailable(error)
        }
    }

    private func publish(
        _ written: [(temporary: String, path: String, number: UInt64)],
        _ directory: String
    ) throws(FileError) -> [Segment] {
        var segments: [Segment] = []
        for (temporary, path, number) in written {
            let file = try fileSystem.map(temporary)
            do throws(SegmentDamage) {
                segments.append(try Segment(path: path, number: number, file: file))
            } catch {
                throw FileError(
                    code: FileError.inputOutput,
                    operation: "read back",
                    path: temporary,
                    reason: error.description
                )
            }
        }
        for (temporary, path, _) in written { try fileSystem.rename(temporary, to: path) }
        try fileSystem.syncDirectory(directory)
        return segments
    }

    /// Deletes the segments that are too old, then the oldest until the rest fits.
    private func dropSegments(_ maintenance: inout Maintenance) {
        let oldest = clock.millisecondsSinceEpoch - configuration.retention.milliseconds
        let logBytes = writer.withLock { $0.byteCount }
        var (expired, evicted): ([Segment], [Segment]) = ([], [])
        head.withLock { head in
            expired = head.segments.filter { $0.maxTime < oldest }
            head.segments.removeAll { $0.maxTime < oldest }
            var bytes = head.segments.reduce(logBytes) { $0 + $1.byteCount }
            for segment in head.segments.sorted(by: { $0.maxTime < $1.maxTime }) where bytes > configuration.bytesMax {
                bytes -= segment.byteCount
                evicted.append(segment)
            }
            head.segments.removeAll { segment in evicted.contains { $0 === segment } }
        }
        maintenance.expired += expired.count
        maintenance.evicted += evicted.count
        for segment in expired + evicted {
            do throws(FileError) {
                try fileSystem.remove(segment.path)
            } catch {
                logger.warn("a segment could not be deleted", ["error": .string("\(error); \(error.remedy)")])
            }
        }
        if !evicted.isEmpty {
            logger.warn(
                "the oldest segments were dropped to stay under bytesMax",
                ["segments": .integer(Int64(evicted.count)), "bytesMax": .integer(Int64(configuration.bytesMax))]
            )
        }
    }

    /// Deletes the log files whose samples are all sealed or too old.
    private func deleteLogFiles() {
        writer.withLock { writer in
            let minTime = head.withLock { $0.minTime }
            do throws(FileError) {
                try writer.remove(before: writer.current?.sequence ?? 0, olderThan: minTime)
            } catch {
                logger.warn("a log file could not be deleted", ["error": .string("\(error); \(error.remedy)")])
            }
        }
    }
}
