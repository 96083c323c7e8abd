import Foundation
import MartletCompression
import MartletConfiguration
import MartletCore
import MartletHTTPClient
import MartletHTTPServer
import MartletPatterns
import MartletSeries
import MartletTestKit
import Testing

@testable import MartletScrape

@Suite("Scrapes over real HTTP", .timeLimit(.minutes(1)))
struct HTTPScrapeTests {
    /// Scrapes a server that answers with `answer` once.
    private func scrape(
        _ change: (inout ScrapeConfiguration) -> Void = { _ in },
        _ answer: @escaping HTTPHandler
    ) async throws -> (batch: [IncomingSample], status: TargetStatus) {
        let server = try HTTPServer(HTTPServer.Configuration(), handler: answer)
        defer { server.stop(drain: .zero) }
        var configuration = ScrapeConfiguration(jobName: "j")
        configuration.timeout = .seconds(10)
        change(&configuration)
        let outcome = TargetAssembly(configuration: configuration)
            .outcome(of: "127.0.0.1:\(server.port)", in: TargetGroup(targets: []))
        guard case .target(let target) = outcome else { throw ScrapeFailure(.connection, "no target") }
        let sink = RecordingSink()
        let timer = ManualTimer(clock: ManualClock())
        let environment = ScrapeEnvironment(
            sink: sink,
            client: try HTTPClient(),
            patterns: RE2Patterns(),
            clock: timer.clock,
            timer: timer,
            logger: .silent
        )
        let record = TargetRecord(target, job: "j")
        var run = ScrapeRun(
            record,
            configuration: configuration,
            source: HTTPExpositionSource(target: target, configuration: configuration, client: environment.client),
            environment: environment
        )
        await run.scrape(at: 1000)
        return (sink.batches.last ?? [], record.status)
    }

    @Test func `a compressed answer is read`() async throws {
        let (batch, status) = try await scrape { request in
            guard request.headers["accept-encoding"]?.contains("gzip") == true, request.path == "/metrics" else {
                return HTTPResponse(status: 400)
            }
            let body = Gzip.compress(Array("a{b=\"c\"} 1\n".utf8))
            return HTTPResponse(
                status: 200,
                headers: ["Content-Type": "text/plain; version=0.0.4", "Content-Encoding": "gzip"],
                body: .bytes(body)
            )
        }
        #expect(status.lastError == "")
        #expect(batch.first?.labels["b"] == "c")
        #expect(RecordingSink.report("up", in: batch) == 1)
    }

    @Test func `a gzip bomb fails the scrape`() async throws {
        let (batch, status) = try await scrape({ $0.limits.bodyBytes = 1 << 20 }) { _ in
            HTTPResponse(
                status: 200,
                headers: ["Content-Type": "text/plain", "Content-Encoding": "gzip"],
                body: .bytes(Gzip.compress([UInt8](repeating: 10, count: 16 << 20)))
            )
        }
        #expect(RecordingSink.report("up", in: batch) == 0)
        #expect(status.lastError == "body exceeds the limit of 1048576 bytes; see body_size_limit")
    }

    @Test func `a slow target fails at its timeout`() async throws {
        let (batch, status) = try await scrape({ $0.timeout = .milliseconds(200) }) { request in
            let end = ContinuousClock.now + .seconds(5)
            while !request.isCancelled(), ContinuousClock.now < end { usleep(1000) }
            return .text("a 1\n")
        }
        #expect(RecordingSink.report("up", in: batch) == 0)
        #expect(status.lastError.hasPrefix("no answer within 200ms"))
    }

    @Test func `credentials, headers and parameters arrive`() async throws {
        let (batch, status) = try await scrape({ configuration in
            configuration.http.credentials = .authorization(scheme: "Bearer", credentials: .inline(Secret("t0ken")))
            configuration.parameters = [.init(name: "module", values: ["a b"])]
        }) { request in
            let isRight =
                request.headers["authorization"] == "Bearer t0ken"
                && request.query.contains { $0.name == "module" && $0.value == "a b" }
                && request.headers["x-prometheus-scrape-timeout-seconds"] == "10"
            return isRight ? .text("a 1\n") : HTTPResponse(status: 401)
        }
        #expect(status.lastError == "")
        #expect(RecordingSink.report("up", in: batch) == 1)
    }

    @Test func `a closed port is a connection failure`() async throws {
        let server = try HTTPServer(HTTPServer.Configuration()) { _ in HTTPResponse(status: 200) }
        let port = server.port
        server.stop(drain: .zero)
        let client = try HTTPClient()
        let configuration = ScrapeConfiguration(jobName: "j")
        let target = ScrapeTarget(
            labels: .empty,
            discoveredLabels: .empty,
            url: "http://127.0.0.1:\(port)/metrics",
            interval: .seconds(10),
            timeout: .seconds(5)
        )
        let source = HTTPExpositionSource(target: target, configuration: configuration, client: client)
        do {
            _ = try await source.fetch()
            Issue.record("the scrape succeeded")
        } catch {
            guard case .failed(let failure) = error else {
                Issue.record("cancelled")
                return
            }
            #expect(failure.reason == .connection)
        }
    }

    @Test func `ten thousand series are read again from what is remembered`() async throws {
        var text = ""
        for index in 0..<10_000 {
            text += "http_requests_total{method=\"get\",path=\"/api/v1/item/\(index)\",code=\"200\"} \(index)\n"
        }
        let bytes = Array(text.utf8)
        var intake = ExpositionIntake(
            targetLabels: ["job": "j", "instance": "i"],
            configuration: ScrapeConfiguration(jobName: "j")
        )
        #expect(intake.read(bytes, format: .text, at: 1).added == 10_000)
        #expect(intake.commit() == [])
        let start = ContinuousClock.now
        let reading = intake.read(bytes, format: .text, at: 2)
        let ended = intake.commit()
        print("10,000 remembered series read in \(ContinuousClock.now - start)")
        #expect(reading.added == 0)
        #expect(reading.samples.count == 10_000)
        #expect(reading.samples[9999].labels["path"] == "/api/v1/item/9999")
        #expect(ended == [])
        #expect(intake.knownSeries == 10_000)
    }
}
