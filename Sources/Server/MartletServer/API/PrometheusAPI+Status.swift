import MartletCore
import MartletConfiguration
import MartletHTTPServer
import MartletSeries
import MartletTSDB

extension PrometheusAPI {
    func configuration(_ call: Call) -> Answer {
        let yaml = server.status.snapshot.configuration.yaml
        return Answer { $0.object { $0.member("yaml", yaml) } }
    }

    func flags(_ call: Call) -> Answer {
        let flags = server.flags
        return Answer { writer in
            writer.object { for (name, value) in flags { $0.member(name, value) } }
        }
    }

    func buildInformation(_ call: Call) -> Answer {
        Answer {
            $0.object {
                $0.member("application", "Martlet")
                $0.member("version", Version.promQL)
                $0.member("applicationVersion", Version.current)
                $0.member("revision", "")
                $0.member("branch", "")
                $0.member("buildUser", "")
                $0.member("buildDate", "")
                $0.member("goVersion", "")
            }
        }
    }

    func runtimeInformation(_ call: Call) -> Answer {
        let status = server.status.snapshot
        let statistics = server.store.statistics
        let machine = Machine.current
        return Answer { [clock, server] in
            $0.object {
                $0.member("startTime", Self.time(status.startTime))
                $0.member("CWD", machine.workingDirectory)
                $0.member("hostname", machine.hostName)
                $0.member("serverTime", Self.time(clock.millisecondsSinceEpoch))
                $0.member("reloadConfigSuccess", status.isLastReloadGood)
                $0.member("lastConfigTime", Self.time(status.loadTime))
                $0.member("corruptionCount", statistics.damagedRecords + statistics.damagedBlocks)
                $0.member("goroutineCount", machine.threads)
                $0.member("GOMAXPROCS", machine.processors)
                $0.member("GOMEMLIMIT", 0)
                $0.member("GOGC", "")
                $0.member("GODEBUG", "")
                $0.member("storageRetention", server.retentionText)
            }
        }
    }

    func storeStatistics(_ call: Call) throws -> Answer {
        let limit = min(try call.parameters.limit(), 10_000)
        let counts = try SeriesCounts(source, top: limit == 10_000 ? 10 : limit)
        let statistics = server.store.statistics
        return Answer {
            $0.object {
                $0.key("headStats")
                $0.object {
                    $0.member("numSeries", statistics.series)
                    $0.member("numLabelPairs", counts.pairs)
                    $0.member("chunkCount", statistics.segments)
                    $0.member("minTime", statistics.oldestTime ?? 0)
                    $0.member("maxTime", statistics.newestTime ?? 0)
                }
                $0.entries("seriesCountByMetricName", counts.byMetricName)
                $0.entries("labelValueCountByLabelName", counts.valuesByLabelName)
                $0.entries("memoryInBytesByLabelName", counts.bytesByLabelName)
                $0.entries("seriesCountByLabelValuePair", counts.byLabelPair)
            }
        }
    }

    /// A time as the API's status pages write it.
    static func time(_ milliseconds: Int64) -> String {
        RFC3339.shortString(nanosecondsSinceEpoch: milliseconds * 1_000_000)
    }
}

extension JSONWriter {
    /// Writes a list of names with their counts.
    fileprivate mutating func entries(_ name: String, _ entries: [(name: String, count: Int)]) {
        key(name)
        array(entries) { writer, entry in
            writer.object {
                $0.member("name", entry.name)
                $0.member("value", entry.count)
            }
        }
    }
}
