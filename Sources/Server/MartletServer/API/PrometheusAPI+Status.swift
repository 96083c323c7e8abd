import MartletAlerting
import MartletConfiguration
import MartletCore
import MartletHTTPServer
import MartletPromQL
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

    /// How far the replay of the write-ahead log has come: all of it, for nothing is answered before.
    func replayStatus(_ call: Call) -> Answer {
        let files = max(0, server.store.statistics.logFiles - 1)
        return Answer {
            $0.object {
                $0.member("min", 0)
                $0.member("max", files)
                $0.member("current", files)
            }
        }
    }

    /// `notifications`: what an operator should know of.
    func notifications(_ call: Call) -> Answer {
        let status = server.status.snapshot
        return Answer { writer in
            writer.array {
                guard let time = status.failedReloadTime else { return }
                $0.object {
                    $0.member("text", "Configuration reload has failed.")
                    $0.member("date", Self.time(time))
                    $0.member("active", true)
                }
            }
        }
    }

    /// `features`: what this server can do, by area, in the names that Prometheus gives to it.
    func features(_ call: Call) -> Answer {
        let features = server.engine.options.features
        let areas: [(String, [(String, Bool)])] = [
            (
                "api",
                [
                    ("admin", server.flag("web.enable-admin-api") == "true"), ("exclude_alerts", true),
                    ("label_values_match", true), ("lifecycle", server.options.enablesLifecycle),
                    ("otlp_write_receiver", true), ("query_stats", true), ("query_warnings", true),
                    ("remote_write_receiver", true), ("time_range_labels", true), ("time_range_series", true),
                ]
            ),
            (
                "promql",
                [
                    ("anchored", features.contains(.extendedRangeSelectors)), ("at_modifier", true), ("bool", true),
                    ("by", true), ("delayed_name_removal", features.contains(.delayedNameRemoval)),
                    ("duration_expr", features.contains(.durationExpressions)),
                    ("experimental_functions", features.contains(.experimentalFunctions)),
                    ("fill", features.contains(.fillModifiers)), ("group_left", true), ("group_right", true),
                    ("ignoring", true), ("negative_offset", true), ("offset", true), ("on", true),
                    ("smoothed", features.contains(.extendedRangeSelectors)), ("subqueries", true),
                    ("without", true),
                ]
            ),
            ("rules", [("concurrent_rule_eval", true), ("keep_firing_for", true), ("query_offset", true)]),
            ("templating_functions", TemplateFunctions.prometheus.names.sorted().map { ($0, true) }),
            ("ui", [("ui_v2", false), ("ui_v3", false)]),
        ]
        return Answer { writer in
            writer.object {
                for (area, names) in areas {
                    $0.key(area)
                    $0.object { for (name, isOn) in names { $0.member(name, isOn) } }
                }
            }
        }
    }

    /// `status/queries`: the queries that run, and the texts that took the most time since the start.
    func queries(_ call: Call) throws -> Answer {
        let now = clock.millisecondsSinceEpoch
        let tracker = server.queries
        let limit = try call.parameters.limit()
        return Answer { writer in
            writer.object {
                $0.key("active")
                $0.array(tracker.running) { writer, query in
                    writer.object {
                        $0.member("id", query.id)
                        $0.member("query", query.text)
                        $0.member("kind", query.kind)
                        $0.member("startedAt", Self.time(query.startedAt))
                        $0.member("seconds", Double(now - query.startedAt) / 1000)
                        $0.member("start", Double(query.range.lowerBound) / 1000)
                        $0.member("end", Double(query.range.upperBound) / 1000)
                        $0.member("step", Double(query.step) / 1000)
                        $0.member("client", query.client)
                    }
                }
                $0.member("waiting", tracker.waiting)
                $0.member("concurrency", tracker.configuration.concurrency)
                $0.key("top")
                $0.array(tracker.top(min(limit, 50))) { writer, summary in
                    writer.object {
                        $0.member("query", summary.text)
                        $0.member("count", summary.count)
                        $0.member("failures", summary.failures)
                        $0.member("totalSeconds", summary.seconds)
                        $0.member("maxSeconds", summary.secondsMax)
                        $0.member("samplesRead", summary.samplesRead)
                        $0.member("lastAt", Self.time(summary.lastAt))
                    }
                }
            }
        }
    }

    func storeStatistics(_ call: Call) throws -> Answer {
        let limit = min(try call.parameters.limit(), 10_000)
        let counts = server.store.cardinality(top: limit == 10_000 ? 10 : limit)
        return Answer {
            $0.object {
                $0.key("headStats")
                $0.object {
                    $0.member("numSeries", counts.series)
                    $0.member("numLabelPairs", counts.labelPairs)
                    $0.member("chunkCount", counts.chunks)
                    $0.member("minTime", counts.minTime ?? 0)
                    $0.member("maxTime", counts.maxTime ?? 0)
                }
                $0.entries("seriesCountByMetricName", counts.seriesByMetricName)
                $0.entries("labelValueCountByLabelName", counts.valuesByLabelName)
                $0.entries("memoryInBytesByLabelName", counts.bytesByLabelName)
                $0.entries("seriesCountByLabelValuePair", counts.seriesByLabelPair)
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
    fileprivate mutating func entries(_ name: String, _ entries: [Cardinality.Entry]) {
        key(name)
        array(entries) { writer, entry in
            writer.object {
                $0.member("name", entry.name)
                $0.member("value", entry.value)
            }
        }
    }
}
