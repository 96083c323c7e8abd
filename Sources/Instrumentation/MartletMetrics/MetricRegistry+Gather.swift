import CMartletCells
import MartletCore
import Synchronization

extension MetricRegistry {
    /// Reads all metrics as they are now: the declared ones and those of the collectors.
    ///
    /// A collector that throws is left out and counted in `martlet_collector_errors_total`. Families of one name and
    /// type are joined; a series that is there already, or a family of another type, is left out and counted in
    /// `martlet_registry_conflicts_total`. The registry's own counts appear once they are not zero.
    ///
    /// - Returns: The families by ascending name; none where the registry is off.
    /// - Complexity: O(*s* · *t*) for *s* series and *t* threads. Recording goes on meanwhile: no lock is held.
    public func gather() -> [MetricFamily] {
        guard isEnabled else { return [] }
        let (instruments, collectors) = state.withLock { (Array($0.instruments.values), $0.collectors) }
        var families = instruments.map { $0.snapshot() }.filter { !$0.series.isEmpty }
        var places = Dictionary(uniqueKeysWithValues: families.indices.map { (families[$0].name, $0) })
        var conflicts: UInt64 = 0
        for collector in collectors {
            for family in collected(by: collector) {
                guard let place = places[family.name] else {
                    places[family.name] = families.count
                    families.append(family)
                    continue
                }
                conflicts += families[place].join(family)
            }
        }
        state.withLock { $0.conflictCount += conflicts }
        families += ownFamilies(instruments).filter { places[$0.name] == nil }
        return families.sorted { $0.name < $1.name }
    }

    private func collected(by collector: any MetricCollector) -> [MetricFamily] {
        do {
            var families = try collector.collect()
            for place in families.indices {
                families[place].collector = collector.name
                if !constantLabels.isEmpty { families[place] = families[place].adding(constantLabels) }
            }
            return families
        } catch {
            state.withLock { $0.collectorErrors[collector.name, default: 0] += 1 }
            return []
        }
    }

    private func ownFamilies(_ instruments: [Instrument]) -> [MetricFamily] {
        let (conflicts, errors) = state.withLock { ($0.conflictCount, $0.collectorErrors) }
        let dropped = instruments.map { ($0.descriptor.name, $0.droppedCount) }.sorted { $0.0 < $1.0 }
        return [
            own(
                "martlet_collector_errors_total",
                "Collections that failed, by collector.",
                by: errors.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            ),
            own(
                "martlet_series_dropped_total",
                "Look-ups counted as other because their family has as many series as it may.",
                by: dropped
            ),
            own(
                "martlet_registry_conflicts_total",
                "Metrics and series left out because they contradict others.",
                conflicts
            ),
            own(
                "martlet_metric_calls_refused_total",
                "Calls that changed nothing: negative increments, observations that are no numbers.",
                control == 0 ? 0 : martlet_cells_sum(control)
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
