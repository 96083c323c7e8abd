import MartletCore
import MartletMetrics
import Testing

@Suite("LabeledFamily")
struct LabeledFamilyTests {
    let registry = MetricRegistry()

    private func values(_ name: String) -> [LabelSet: MetricValue] {
        Dictionary(uniqueKeysWithValues: (registry[name]?.series ?? []).map { ($0.labels, $0.value) })
    }

    @Test func `counts each combination of label values apart`() {
        let requests = Counter.Family("requests_total", help: "Requests.", labels: "method", "code", registry: registry)
        requests["get", "200"].increment()
        requests["get", "500"].increment(by: 2)
        let kept = requests["get", "200"]
        kept.increment()
        #expect(
            values("requests_total") == [
                ["method": "get", "code": "200"]: .integer(2), ["method": "get", "code": "500"]: .integer(2),
            ]
        )
    }

    @Test func `tells values apart whose texts together are the same`() {
        let family = Counter.Family("pairs_total", help: "Pairs.", labels: "a", "b", registry: registry)
        family["ab", "c"].increment()
        family["a", "bc"].increment(by: 2)
        family["abc", ""].increment(by: 3)
        family["", "abc"].increment(by: 4)
        family["a\0b", "c"].increment(by: 5)
        #expect(family["ab", "c"].value == 1)
        #expect(family["a", "bc"].value == 2)
        #expect(family["abc", ""].value == 3)
        #expect(family["", "abc"].value == 4)
        #expect(family["a\0b", "c"].value == 5)
    }

    @Test func `takes one, two, three or more labels`() {
        let one = Counter.Family("one_total", help: "One.", labels: "a", registry: registry)
        let three = Counter.Family("three_total", help: "Three.", labels: "a", "b", "c", registry: registry)
        let four = Counter.Family("four_total", help: "Four.", labels: "a", "b", "c", "d", registry: registry)
        one["x"].increment()
        one[labels: ["x"]].increment()
        three["x", "y", "z"].increment()
        three[labels: ["x", "y", "z"]].increment()
        four[labels: ["w", "x", "y", "z"]].increment()
        #expect(values("one_total") == [["a": "x"]: .integer(2)])
        #expect(values("three_total") == [["a": "x", "b": "y", "c": "z"]: .integer(2)])
        #expect(values("four_total") == [["a": "w", "b": "x", "c": "y", "d": "z"]: .integer(1)])
    }

    @Test func `finds every one of thousands of series again`() {
        let family = Counter.Family("many_total", help: "Many.", labels: "path", registry: registry)
        let paths = (0..<5000).map { "/some/rather/long/path/\($0 % 7)/\($0)" }
        for path in paths { family[path].increment() }
        for (number, path) in paths.enumerated() { family[path].increment(by: number) }
        #expect(registry["many_total"]?.series.count == 5000)
        for number in stride(from: 0, to: 5000, by: 97) {
            #expect(family[paths[number]].value == Double(number + 1))
        }
    }

    @Test func `counts the values beyond the limit together, and keeps the older series`() {
        let small = MetricRegistry(seriesLimit: 100)
        let family = Counter.Family("users_total", help: "Users.", labels: "user", "zone", registry: small)
        for user in 0..<100 { family["\(user)", "a"].increment() }
        #expect(small.gather().map(\.name) == ["users_total"])
        for user in 100..<150 { family["\(user)", "a"].increment() }
        family["7", "a"].increment()
        let series = small["users_total"]?.series ?? []
        #expect(series.count == 101)
        let other = series.first { $0.labels == ["user": "other", "zone": "other"] }
        #expect(other?.value == .integer(50))
        #expect(series.first { $0.labels["user"] == "7" }?.value == .integer(2))
        #expect(series.reduce(0) { $0 + ($1.value.number ?? 0) } == 151)
        let dropped = small.gather().first { $0.name == "martlet_series_dropped_total" }
        #expect(dropped?.series == [MetricSeries(labels: ["collector": "users_total"], value: .integer(50))])
    }

    @Test func `counts a value that is too long with the overflow`() {
        let family = Counter.Family("paths_total", help: "Paths.", labels: "path", registry: registry)
        family[String(repeating: "x", count: 5000)].increment()
        #expect(values("paths_total") == [["path": "other"]: .integer(1)])
    }

    @Test func `agrees from many threads on the same series`() async {
        let family = Counter.Family("hits_total", help: "Hits.", labels: "page", "code", registry: registry).resolved
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for step in 0..<5000 { family["page \(step % 500)", "200"].increment() } }
            }
        }
        let series = registry["hits_total"]?.series ?? []
        #expect(series.count == 500)
        #expect(series.allSatisfy { $0.value == .integer(80) })
    }

    @Test func `stops on the wrong number of values`() async {
        await #expect(processExitsWith: .failure) {
            _ = Counter.Family("a_total", help: "A.", labels: "a", registry: MetricRegistry())["x", "y"]
        }
    }
}
