import CMartletCells
import MartletCore

extension MetricRegistry {
    /// Reads all metrics as they are now: the declared ones and those of the collectors.
    ///
    /// A collector that throws is left out and counted in `martlet_collector_errors_total`, one that takes too long in
    /// `martlet_collector_timeouts_total`. Families of one name and type are joined; a series that is there already, or a
    /// family of another type, is left out and counted in `martlet_registry_conflicts_total`. The registry's own counts
    /// appear once they are not zero.
    ///
    /// - Returns: The families by ascending name; none where the registry is off.
    /// - Complexity: O(*s* · *t*) for *s* series and *t* threads. Recording goes on meanwhile: no lock is held.
    public func gather() -> [MetricFamily] {
        guard isEnabled else { return [] }
        let now = clock.millisecondsSinceEpoch
        let (instruments, others) = read(now)
        return (instruments.map { $0.snapshot(at: now) } + others)
            .filter { !$0.series.isEmpty }
            .sorted { $0.name < $1.name }
    }

    /// Reads all metrics as they are now in columns, which is the fastest way to write them down.
    ///
    /// - Returns: The same as ``gather()`` in another form, without exemplars and creation times.
    /// - Complexity: O(*s* · *t*) for *s* series and *t* threads; nothing is allocated for a single series once its labels
    ///   were written down.
    public func gatherBlocks() -> [MetricBlock] {
        guard isEnabled else { return [] }
        let now = clock.millisecondsSinceEpoch
        let (instruments, others) = read(now)
        return (instruments.map { $0.block(at: now) } + others.map(MetricBlock.init))
            .filter { $0.count > 0 }
            .sorted { $0.name < $1.name }
    }

    /// Reads all metrics apart by where they come from: the declared ones under the empty name, then each collector's.
    public func gatherByCollector() -> [(collector: String, families: [MetricFamily])] {
        guard isEnabled else { return [] }
        let now = clock.millisecondsSinceEpoch
        let (instruments, runners) = state.withLock { (Array($0.instruments.values), $0.collectors) }
        let own = instruments.map { $0.snapshot(at: now) }.filter { !$0.series.isEmpty }.sorted { $0.name < $1.name }
        return [("", own)] + runners.map { ($0.collector.name, collected(by: $0)) }
    }

    /// The metrics as flat records, one a series.
    public func metrics() -> [Metric] {
        let now = clock.millisecondsSinceEpoch
        return gather().flatMap { family in family.series.map { Metric($0, of: family, now: now) } }
    }

    /// The instruments that stand alone, and all other families: collected, joined with collected ones, and its own.
    private func read(_ now: Int64) -> (instruments: [Instrument], others: [MetricFamily]) {
        var (instruments, runners) = state.withLock { ($0.instruments, $0.collectors) }
        var others: [MetricFamily] = []
        var places: [String: Int] = [:]
        var conflicts: UInt64 = 0
        for runner in runners {
            for family in collected(by: runner) {
                if places[family.name] == nil, let instrument = instruments.removeValue(forKey: family.name) {
                    places[family.name] = others.count
                    others.append(instrument.snapshot(at: now))
                }
                guard let place = places[family.name] else {
                    places[family.name] = others.count
                    others.append(family)
                    continue
                }
                conflicts += others[place].join(family)
            }
        }
        if conflicts > 0 { state.withLock { $0.conflictCount += conflicts } }
        let all = state.withLock { Array($0.instruments.values) }
        others += ownFamilies(all).filter { places[$0.name] == nil && instruments[$0.name] == nil }
        return (Array(instruments.values), others)
    }

    private func collected(by runner: CollectorRunner) -> [MetricFamily] {
        let name = runner.collector.name
        switch runner.collect(within: collectorTimeLimit) {
        case .families(var families):
            for place in families.indices {
                families[place].collector = name
                if !constantLabels.isEmpty { families[place] = families[place].adding(constantLabels) }
            }
            return families
        case .failed:
            state.withLock { $0.collectorErrors[name, default: 0] += 1 }
        case .timedOut:
            state.withLock { $0.collectorTimeouts[name, default: 0] += 1 }
        }
        return []
    }

    private func ownFamilies(_ instruments: [Instrument]) -> [MetricFamily] {
        let (conflicts, refused, errors, timeouts) = state.withLock {
            ($0.conflictCount, $0.refusedCount, $0.collectorErrors, $0.collectorTimeouts)
        }
        let dropped = instruments.map { ($0.descriptor.name, $0.droppedCount) }.sorted { $0.0 < $1.0 }
        return [
            own(
                "martlet_collector_errors_total",
                "Collections that failed, by collector.",
                by: errors.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            ),
            own(
                "martlet_collector_timeouts_total",
                "Collections left out because they took too long, by collector.",
                by: timeouts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            ),
            own(
                "martlet_series_dropped_total",
                "Look-ups counted as other because there are as many series as there may be.",
                by: dropped
            ),
            own("martlet_registration_conflicts_total", "Declarations of metrics that were refused.", refused),
            own(
                "martlet_registry_conflicts_total",
                "Families and series left out because they contradict others.",
                conflicts
            ),
            own(
                "martlet_metric_calls_refused_total",
                "Calls that changed nothing: negative increments, observations that are no numbers.",
                control == 0 ? 0 : martlet_cells_sum(control)
            ),
            own(
                "martlet_exemplars_dropped_total",
                "Exemplars that were too long, too many or came while others were read.",
                self === MetricRegistry.default ? martlet_exemplars_dropped() : 0
            ),
        ].filter { !$0.series.isEmpty }
    }

    private func own(_ name: String, _ help: String, _ count: UInt64) -> MetricFamily {
        let series = count == 0 ? [] : [MetricSeries(labels: constantLabels, value: .integer(count))]
        return MetricFamily(name, metadata: MetricMetadata(type: .counter, help: help), series: series)
    }

    private func own(_ name: String, _ help: String, by counts: [(collector: String, count: UInt64)]) -> MetricFamily {
        let series = counts.filter { $0.count > 0 }.map {
            MetricSeries(labels: constantLabels.setting("collector", to: $0.collector), value: .integer($0.count))
        }
        return MetricFamily(name, metadata: MetricMetadata(type: .counter, help: help), series: series)
    }
}

extension MetricFamily {
    /// Takes the series of another family of the name in; gives the number of those that can't be.
    fileprivate mutating func join(_ other: MetricFamily) -> UInt64 {
        guard other.metadata.type == metadata.type else { return UInt64(other.series.count) }
        var known = Set(series.map(\.labels))
        let fresh = other.series.filter { known.insert($0.labels).inserted }
        series += fresh
        return UInt64(other.series.count - fresh.count)
    }

    fileprivate func adding(_ labels: LabelSet) -> MetricFamily {
        var changed = self
        for place in series.indices {
            changed.series[place].labels = LabelSet(Array(labels) + Array(series[place].labels))
        }
        return changed
    }
}
