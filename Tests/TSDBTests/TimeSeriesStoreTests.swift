import MartletCore
import Foundation
import MartletFiles
import MartletSeries
import MartletTestKit
import Testing

@testable import MartletTSDB

@Suite("TimeSeriesStore")
struct TimeSeriesStoreTests {
    let directory = TemporaryDirectory()

    @Test func `gives back what was appended`() throws {
        let store = try openStore(directory)
        let result = try store.append([
            IncomingSample(i: 2, noon, 1.5), IncomingSample(i: 1, noon, 3), IncomingSample(i: 1, noon + 1000, -0.0),
        ])
        #expect(result == AppendResult(appended: 3))
        let series = try store.everything()
        #expect(series.map(\.labels.description) == [#"m{i="1"}"#, #"m{i="2"}"#])
        #expect(series.map(\.timestamps) == [[noon, noon + 1000], [noon]])
        #expect(series[0].values.map(\.bitPattern) == [3.0, -0.0].map(\.bitPattern))
    }

    @Test func `gives back after reopening what was appended`() throws {
        let store = try openStore(directory)
        for step in 0..<300 { try store.append(rows(step)) }
        let before = try store.everything()
        try store.close()
        let reopened = try openStore(directory)
        #expect(try reopened.everything() == before)
        #expect(reopened.statistics.replayedSamples == 900)
        #expect(reopened.statistics.damagedRecords == 0)
    }

    @Test func `gives back what was sealed`() throws {
        let store = try openStore(directory)
        for step in 0..<300 { try store.append(rows(step)) }
        let before = try store.everything()
        try store.sealAll()
        #expect(try store.everything() == before)
        #expect(store.statistics.headSamples == 0)
        #expect(store.statistics.segmentSamples == 900)
        try store.close()
        #expect(try openStore(directory).everything() == before)
    }
}

private func rows(_ step: Int) -> [IncomingSample] {
    (0..<3).map { IncomingSample(i: $0, noon + Int64(step) * 10, Double(step * $0)) }
}
