import Foundation
import MartletCore
import MartletFiles
import MartletLogging
import MartletSeries
import MartletTestKit
import Testing

@testable import MartletTSDB

/// The time at which tests begin: 2026-01-01T00:00:00Z in milliseconds.
let noon: Int64 = 1_767_225_600_000

/// A directory that goes away with the object.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.path + "/martlet-tsdb-" + UUID().uuidString
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// A copy of the directory as it is now: what a killed process would leave behind.
    func copied() throws -> TemporaryDirectory {
        let copy = TemporaryDirectory()
        try FileManager.default.copyItem(atPath: path, toPath: copy.path)
        return copy
    }

    /// The paths of the files in a folder of the directory, sorted.
    func files(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder).sorted()
            .map { "\(path)/\(folder)/\($0)" }
    }
}

/// A store on a directory with a clock that stands still.
func openStore(
    _ directory: TemporaryDirectory,
    at milliseconds: Int64 = noon,
    clock: ManualClock? = nil,
    durability: TimeSeriesStore.Durability = .os,
    fileSystem: any FileSystem = POSIXFileSystem(),
    _ change: (inout TimeSeriesStore.Configuration) -> Void = { _ in }
) throws -> TimeSeriesStore {
    var configuration = TimeSeriesStore.Configuration(directory: directory.path, durability: durability)
    configuration.retryInterval = .zero
    change(&configuration)
    return try TimeSeriesStore(
        configuration,
        clock: clock ?? ManualClock(milliseconds: milliseconds),
        logger: .silent,
        fileSystem: fileSystem
    )
}

extension IncomingSample {
    /// A sample of `metric{i="…"}`.
    init(_ metric: String, i index: Int = 0, _ timestamp: Int64, _ value: Double) {
        self.init(
            labels: ["__name__": metric, "i": String(index)],
            timestamp: timestamp,
            value: value
        )
    }
}

extension IncomingSample {
    /// A sample of `m{i="…"}`.
    init(i index: Int = 0, _ timestamp: Int64, _ value: Double) {
        self.init("m", i: index, timestamp, value)
    }
}

extension TimeSeriesStore {
    /// Everything in the store.
    func everything() throws -> [Series] {
        try select([], in: .min ... .max, limit: SelectionLimit())
    }
}
