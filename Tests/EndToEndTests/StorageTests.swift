import Foundation
import MartletCompression
import MartletCore
import MartletRemoteWrite
import Testing

/// What an operator does with the data: check, copy, restore, import, delete, and run out of space.
@Suite("Storage operations", .serialized, .fewAtOnce)
struct StorageTests {
    private static let now = Int64(Date().timeIntervalSince1970) * 1000

    /// Writes one sample a second for some series; the value is the second.
    private static func fill(_ server: ServerUnderTest, series: Int, samples: Int, from start: Int64) async throws {
        let request = WriteRequest(
            series: (0..<series).map { index in
                WriteSeries(
                    labels: [Label("__name__", "filled"), Label("i", "\(1000 + index)")],
                    samples: (0..<samples).map { .init(timestamp: start + Int64($0) * 1000, value: Double($0)) }
                )
            }
        )
        let response = try await server.send(
            "POST",
            "/api/v1/write",
            headers: [("Content-Type", "application/x-protobuf"), ("Content-Encoding", "snappy")],
            body: Snappy.compress(request.encoded())
        )
        #expect(response.status == 204, "\(String(decoding: response.body, as: UTF8.self))")
    }

    private static func count(_ server: ServerUnderTest) async throws -> Double {
        try await server.query("sum(count_over_time(filled[1h]))").values.first ?? 0
    }

    @Test func `a snapshot of a running server is whole, sound and can be restored`() async throws {
        let folder = try Folder()
        let copy = folder.url.appending(path: "copy").path
        let server = try await ServerUnderTest(in: folder, "--enable-admin-api")
        try await Self.fill(server, series: 50, samples: 100, from: Self.now - 600_000)
        #expect(try await server.send("POST", "/api/v1/admin/storage/seal").status == 204)
        try await Self.fill(server, series: 50, samples: 100, from: Self.now - 400_000)
        let made = try await Tools.run(Tools.martlet, "export", "--snapshot", copy, "--url", server.url)
        #expect(made.status == 0, "\(made.error)")
        // What comes later is not in the copy.
        try await Self.fill(server, series: 50, samples: 100, from: Self.now - 200_000)
        #expect(try await Self.count(server) == 15_000)
        #expect(server.process.end() == 0)
        let checked = try await Tools.run(Tools.martlet, "doctor", "--data-dir", copy)
        #expect(checked.status == 0, "\(checked.output)\(checked.error)")
        #expect(checked.output.contains("every checksum holds"))
        let restored = try Folder()
        try FileManager.default.copyItem(atPath: copy, toPath: restored.url.appending(path: "data").path)
        let second = try await ServerUnderTest(in: restored)
        #expect(try await Self.count(second) == 10_000)
        #expect(second.process.end() == 0)
        let again = try await Tools.run(
            Tools.martlet,
            "export",
            "--snapshot",
            copy,
            "--data-dir",
            restored.url.appending(path: "data").path
        )
        #expect(again.status == 1)
        #expect(again.error.contains("copy"))
    }

    @Test func `the doctor names what is damaged, and only that is lost`() async throws {
        let folder = try Folder()
        let server = try await ServerUnderTest(in: folder, "--enable-admin-api")
        try await Self.fill(server, series: 200, samples: 200, from: Self.now - 600_000)
        #expect(try await server.send("POST", "/api/v1/admin/storage/seal").status == 204)
        let data = folder.url.appending(path: "data")
        let busy = try await Tools.run(Tools.martlet, "doctor", "--data-dir", data.path)
        #expect(busy.status == 1)
        #expect(busy.error.contains("using it") || busy.error.contains("in use"), "\(busy.error)")
        #expect(server.process.end() == 0)
        #expect(try await Tools.run(Tools.martlet, "doctor", "--data-dir", data.path).status == 0)
        let files = FileManager.default.enumerator(at: data, includingPropertiesForKeys: [.fileSizeKey])
        var largest: (size: Int, url: URL)?
        for case let url as URL in files ?? .init() {
            let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
            if size > largest?.size ?? 0, url.path.contains("seg") { largest = (size, url) }
        }
        let segment = try #require(largest?.url)
        var bytes = try Data(contentsOf: segment)
        bytes[bytes.count / 3] ^= 0x20
        try bytes.write(to: segment)
        let damaged = try await Tools.run(Tools.martlet, "doctor", "--data-dir", data.path)
        #expect(damaged.status == 1)
        #expect(damaged.output.contains(segment.lastPathComponent), "\(damaged.output)")
        let second = try await ServerUnderTest(in: folder)
        #expect(try await second.get("/-/ready").isEmpty == false)
        #expect(try await Tools.run(Tools.martlet, "doctor", "--data-dir", "/nowhere").status == 1)
    }

    @Test func `series are deleted and the deletion survives a restart`() async throws {
        let folder = try Folder()
        let server = try await ServerUnderTest(in: folder, "--enable-admin-api")
        try await Self.fill(server, series: 10, samples: 100, from: Self.now - 600_000)
        let path = "/api/v1/admin/tsdb/delete_series"
        #expect(try await server.send("POST", path, [("match[]", #"filled{i=~"100[0-3]"}"#)]).status == 204)
        #expect(try await Self.count(server) == 600)
        #expect(try await server.send("POST", path).status == 400)
        #expect(try await server.send("POST", path, [("match[]", "{")]).status == 400)
        #expect(try await server.send("POST", "/api/v1/admin/tsdb/clean_tombstones").status == 204)
        #expect(server.process.end(SIGKILL) == -SIGKILL)
        let second = try await ServerUnderTest(in: folder)
        #expect(try await Self.count(second) == 600)
        let refused = try await second.send("POST", path, [("match[]", "filled")])
        #expect(refused.status == 503)
        #expect(String(decoding: refused.body, as: UTF8.self).contains("--enable-admin-api"))
    }

    @Test(.enabled(if: Tools.has("promtool"), "scripts/setup --test installs prometheus"))
    func `blocks of Prometheus and OpenMetrics files are imported, to a server and to a directory`() async throws {
        let folder = try Folder()
        let start = Self.now / 1000 - 3000
        var text = "# TYPE imported gauge\n"
        for series in 0..<20 {
            for step in 0..<300 {
                text += "imported{i=\"\(series)\"} \(Double(series) + Double(step) / 8) \(start + Int64(step) * 5)\n"
            }
        }
        let file = try folder.write("metrics.om", text + "# EOF\n")
        let blocks = folder.url.appending(path: "blocks").path
        let made = try await Tools.run("promtool", "tsdb", "create-blocks-from", "openmetrics", file, blocks)
        #expect(made.status == 0, "\(made.error)")
        for source in [blocks, file] {
            let data = folder.url.appending(path: "data-\(source.count)").path
            let offline = try await Tools.run(Tools.martlet, "import", source, "--data-dir", data)
            #expect(offline.status == 0, "\(offline.output)\(offline.error)")
            #expect(offline.output.contains("6000 of 6000 samples"), "\(offline.output)")
            let home = try Folder()
            try FileManager.default.moveItem(atPath: data, toPath: home.url.appending(path: "data").path)
            let server = try await ServerUnderTest(in: home)
            try await Self.expectImported(server)
            // Once more, into the running server: nothing new, nothing refused.
            let online = try await Tools.run(Tools.martlet, "import", source, "--url", server.url, "-q")
            #expect(online.status == 0, "\(online.output)\(online.error)")
            try await Self.expectImported(server)
        }
        let wrong = try await Tools.run(
            Tools.martlet,
            "import",
            folder.url.path,
            "--data-dir",
            folder.url.appending(path: "x").path
        )
        #expect(wrong.status == 1)
        #expect(wrong.error.contains("neither an OpenMetrics file nor a block"))
        let old = try folder.write("old.om", "# TYPE old gauge\nold 1 1000000000\n# EOF\n")
        let refused = try await Tools.run(
            Tools.martlet,
            "import",
            old,
            "--data-dir",
            folder.url.appending(path: "y").path
        )
        #expect(refused.status == 1)
        #expect(refused.output.contains("1 refused: too_old"), "\(refused.output)")
    }

    private static func expectImported(_ server: ServerUnderTest) async throws {
        #expect(try await server.query("sum(count_over_time(imported[2h]))").values.first == 6000)
        #expect(try await server.query("sum(sum_over_time(imported[2h]))").values.first == 169_125)
        #expect(try await server.query("max_over_time(imported{i=\"3\"}[2h])").values.first == 40.375)
    }

    @Test(.enabled(if: SmallDisk.isPossible, "only root may mount a small file system"))
    func `a full disk refuses writes, answers queries, and is forgotten once there is space`() async throws {
        let disk = try SmallDisk(megabytes: 24)
        let folder = try Folder(at: disk.path)
        let server = try await ServerUnderTest(in: folder, configuration: "storage: {durability: each}")
        try await Self.fill(server, series: 10, samples: 100, from: Self.now - 600_000)
        let ballast = folder.url.appending(path: "ballast")
        #expect(FileManager.default.createFile(atPath: ballast.path, contents: nil))
        let handle = try FileHandle(forWritingTo: ballast)
        // Fills all but nothing: each write is smaller than the one that failed.
        var size = 1 << 20
        while size > 0 {
            do { try handle.write(contentsOf: Data(count: size)) } catch { size /= 2 }
        }
        var refusal: (status: Int, retry: String?)?
        for second in 0..<2000 where refusal == nil {
            let series = WriteSeries(
                labels: [Label("__name__", "more"), Label("i", "\(second)")],
                samples: (0..<200).map { .init(timestamp: Self.now - Int64($0), value: Double.random(in: 0...1)) }
                    .reversed()
            )
            let response = try await server.send(
                "POST",
                "/api/v1/write",
                headers: [("Content-Type", "application/x-protobuf"), ("Content-Encoding", "snappy")],
                body: Snappy.compress(WriteRequest(series: [series]).encoded())
            )
            if response.status != 204 {
                let retry = response.headers.first { $0.name.lowercased() == "retry-after" }?.value
                refusal = (response.status, retry)
            }
        }
        #expect(refusal?.status == 503)
        #expect(refusal?.retry != nil)
        #expect(try await Self.count(server) == 1000)
        let failures = try await server.get("/metrics").split(separator: "\n").first {
            $0.hasPrefix("martlet_wal_failures_total")
        }
        #expect(failures?.hasSuffix(" 0") == false, "\(failures ?? "no metric")")
        try handle.truncate(atOffset: 0)
        try handle.close()
        let recovery = ContinuousClock.now
        _ = try await eventually(within: 30, "writes are taken again") {
            let series = WriteSeries(
                labels: [Label("__name__", "after")],
                samples: [.init(timestamp: Self.now, value: 1)]
            )
            let response = try await server.send(
                "POST",
                "/api/v1/write",
                headers: [("Content-Type", "application/x-protobuf"), ("Content-Encoding", "snappy")],
                body: Snappy.compress(WriteRequest(series: [series]).encoded())
            )
            return response.status == 204 ? true : nil
        }
        print("full disk: writes taken again \(ContinuousClock.now - recovery) after there was space")
        #expect(server.process.end(SIGKILL) == -SIGKILL)
        let second = try await ServerUnderTest(in: folder)
        #expect(try await Self.count(second) == 1000)
        #expect(try await second.query("after").values.first == 1)
        second.process.end()
    }
}

/// A file system of a few megabytes, gone with the object.
final class SmallDisk: Sendable {
    let path: String

    /// Whether this process may mount one.
    static let isPossible: Bool = (try? SmallDisk(megabytes: 1)) != nil

    init(megabytes: Int) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "martlet-disk-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            rmdir(path)
            throw Problem("cannot mount a file system: \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }
}
