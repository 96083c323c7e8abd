import MartletCore
import MartletFiles
import MartletLogging
import MartletSeries
import Synchronization

extension TimeSeriesStore {
    /// Seals what is in memory and merges what is small; a failure is told in the log and tried again later.
    func sealLoudly(_ maintenance: inout Maintenance) {
        do throws(SeriesError) {
            try seal(&maintenance)
        } catch {
            logger.warn("samples could not be sealed; they stay in the log", ["error": .string("\(error)")])
        }
    }

    /// Writes what is in memory into a segment and cuts the log.
    func seal(_ maintenance: inout Maintenance) throws(SeriesError) {
        if head.withLock({ $0.frozen == nil }) {
            guard head.withLock({ $0.columns.count > 0 }) else { return }
            try freeze()
        }
        guard let frozen = head.withLock({ $0.frozen }) else { return }
        let segment = try writeSegment(of: frozen, &maintenance)
        head.withLock { head in
            head.segments.append(segment)
            head.frozen = nil
        }
        maintenance.seals += 1
        deleteLogFiles()
    }

    private func freeze() throws(SeriesError) {
        let idle = clock.millisecondsSinceEpoch - configuration.seriesIdleMax.milliseconds
        let numbersAnew = head.withLock { $0.isWorthRebuilding }
        try writer.withLock { writer throws(SeriesError) in
            if let failure = writer.failure { throw .storageUnavailable(failure) }
            try rotate(&writer, isExclusive: numbersAnew) { head in
                head.freeze(idleBefore: idle, numbersAnew: numbersAnew)
                logExemplars(&head)
            }
            // The files before this one go when the samples are sealed.
            guard head.withLock({ $0.log.byteCount > 0 }) else { return }
            do throws(FileError) {
                try writer.write(head.withLock { $0.log.take() })
                if writer.durability != .os { try writer.sync() }
            } catch {
                noteFailure(error)
                throw unavailable(error)
            }
        }
    }

    private func writeSegment(
        of frozen: FrozenColumns,
        _ maintenance: inout Maintenance
    ) throws(SeriesError) -> Segment {
        let plan = SegmentPlan(frozen.table) { !frozen.columns.isEmpty(Int($0)) }
        do throws(FileError) {
            return try publish(plan, .init(logSequence: frozen.logSequence), &maintenance) {
                (sealer: inout ColumnSealer) throws(FileError) in
                var columns = SeriesColumns()
                for family in plan.families {
                    for slot in family.ids {
                        columns.clear()
                        frozen.columns.read(Int(slot), in: .min ... .max, into: &columns)
                        columns.finish()
                        try sealer.add(columns)
                    }
                }
            }
        } catch {
            throw unavailable(error)
        }
    }

    /// Writes a segment whole and gives it its name.
    ///
    /// - Throws: ``FileError`` when it cannot be written or read back; nothing of it is left then.
    func publish(
        _ plan: SegmentPlan,
        _ origin: SegmentWriter.Origin,
        _ maintenance: inout Maintenance,
        _ body: (inout ColumnSealer) throws(FileError) -> Void
    ) throws(FileError) -> Segment {
        let directory = "\(configuration.directory)/\(StoreFormat.segmentDirectory)"
        let number = maintenance.nextSegment
        maintenance.nextSegment += 1
        let path = "\(directory)/\(number).seg"
        var origin = origin
        origin.replaced += maintenance.leftovers.keys.sorted().filter { !origin.replaced.contains($0) }
        let segment = try SegmentFile.write(
            path: path,
            number: number,
            plan: plan,
            origin: origin,
            codec: maintenance.codec,
            fileSystem: fileSystem,
            body
        )
        do throws(FileError) {
            try fileSystem.syncDirectory(directory)
        } catch {
            // It has its name, but nobody will know of it.
            maintenance.leftovers[number] = path
            throw error
        }
        return segment
    }

    /// Deletes the log files whose samples are all sealed.
    func deleteLogFiles() {
        writer.withLock { writer in
            let sealed = head.withLock { head in
                head.frozen == nil ? head.segments.reduce(0) { max($0, $1.logSequence) } : 0
            }
            do throws(FileError) {
                try writer.remove(before: sealed)
            } catch {
                logger.warn("a log file could not be deleted", ["error": .string("\(error); \(error.remedy)")])
            }
        }
    }
}
