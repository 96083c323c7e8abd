import Foundation
import MartletAlerting
import MartletConfiguration
import MartletCore
import MartletHTTPClient
import MartletLogging
import MartletPatterns
import MartletSeries
import MartletTestKit
import Synchronization
import Testing

@testable import MartletNotify

/// Keeps what it is told; answers as a test wants.
final class MemorySender: NotificationSending {
    let told = Mutex<[MartletAlerting.Notification]>([])
    private let answers = Mutex<[DeliveryError]>([])
    private let hangs: Bool

    init(failing answers: [DeliveryError] = [], hangs: Bool = false) {
        self.hangs = hangs
        self.answers.withLock { $0 = answers }
    }

    func send(_ notification: MartletAlerting.Notification, timeout: Duration) async throws(DeliveryError) {
        if hangs {
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
            throw DeliveryError(.cancelled, "cancelled")
        }
        let answer = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if let answer { throw answer }
        told.withLock { $0.append(notification) }
    }
}

/// Keeps requests; answers with a status, or fails.
final class MemoryHTTP: HTTPSending {
    let requests = Mutex<[OutgoingRequest]>([])
    private let answer: Result<IncomingResponse, HTTPClientError>

    init(_ answer: Result<IncomingResponse, HTTPClientError> = .success(IncomingResponse(status: 200))) {
        self.answer = answer
    }

    func send(_ request: OutgoingRequest) async throws(HTTPClientError) -> IncomingResponse {
        requests.withLock { $0.append(request) }
        return try answer.get()
    }
}

extension AlertDispatcher {
    /// Applies a configuration's routes and receivers.
    func apply(_ configuration: NotificationConfiguration, externalURL: String, http: any HTTPSending) async throws {
        let factory = try SenderFactory(
            configuration,
            externalURL: externalURL,
            http: http,
            mail: MemoryMail(),
            addresses: nil,
            patterns: RE2Patterns(),
            log: .silent
        )
        await apply(AlertPlan(route: configuration.route), senders: factory.senders(of: configuration))
    }
}

/// Keeps mail; answers as a test wants.
final class MemoryMail: MailSending {
    let sent = Mutex<[OutgoingMail]>([])
    private let failure: MailError?

    init(failing failure: MailError? = nil) { self.failure = failure }

    func send(_ mail: OutgoingMail) async throws(MailError) -> String {
        sent.withLock { $0.append(mail) }
        if let failure { throw failure }
        return "250 OK"
    }
}

@Suite("Notification")
struct NotifyTests {
    private let clock = ManualClock(milliseconds: 1_600_000_000_000)
    private let log = MemoryLog()

    private func dispatcher() -> AlertDispatcher {
        let clock = clock
        return AlertDispatcher(
            clock: clock,
            log: Logger("notify", sink: log),
            pause: { wait in
                try Task.checkCancellation()
                clock.advance(by: wait)
            },
            chance: { 1 }
        )
    }

    private func alert(_ name: String, _ more: [(String, String)] = []) -> Alert {
        let now = clock.millisecondsSinceEpoch
        return Alert(
            labels: LabelSet([Label("alertname", name)] + more.map { Label($0.0, $0.1) }),
            annotations: ["summary": "\(name) is \"bad\"", "runbook": "https://runbooks"],
            startsAt: now,
            endsAt: now + 240_000,
            updatedAt: now,
            generatorURL: "http://martlet:9090/graph?g0.expr=up&g0.tab=1"
        )
    }

    private func channel(_ receiver: String, sendsResolved: Bool = true) -> NotificationChannel {
        NotificationChannel(.init(receiver: receiver, kind: "test", index: 0), sendsResolved: sendsResolved)
    }

    private static let atOnce = Route(receiver: "team", groupWait: .zero, groupInterval: .seconds(60))

    private func idle(_ dispatcher: AlertDispatcher) async throws {
        try await poll {
            await dispatcher.statistics.channels.values.allSatisfy { $0.underway == 0 && $0.waiting == 0 }
        }
    }

    @Test func `posts the message that Alertmanager posts`() async throws {
        let http = MemoryHTTP()
        let dispatcher = dispatcher()
        var configuration = NotificationConfiguration()
        configuration.route = Route(
            receiver: "team",
            grouping: .labels(["alertname"]),
            groupWait: .zero,
            groupInterval: .seconds(60)
        )
        var receiver = ReceiverConfiguration(name: "team")
        var settings = HTTPClientSettings()
        settings.followsRedirects = false
        settings.credentials = .authorization(scheme: "Bearer", credentials: .inline(Secret("token")))
        receiver.webhooks = [WebhookConfiguration(url: .inline(Secret("http://sink/hook")), http: settings)]
        configuration.receivers = [receiver]
        try await dispatcher.apply(configuration, externalURL: "http://martlet:9090", http: http)
        let down = alert("Down", [("instance", "a"), ("job", "node")])
        await dispatcher.receive([down, alert("Down", [("instance", "b"), ("job", "node")])])
        await dispatcher.flushNow()
        try await idle(dispatcher)
        let request = try #require(http.requests.withLock { $0.first })
        #expect(request.method == "POST" && request.url == "http://sink/hook")
        #expect(request.credentials == .authorization(scheme: "Bearer", credentials: "token"))
        #expect(request.headers.contains { $0.name == "Content-Type" && $0.value == "application/json" })
        #expect(!request.followsRedirects && request.timeout == .seconds(10))
        let expected: [String] = [
            #"{"receiver":"team","status":"firing","alerts":["#,
            #"{"status":"firing","labels":{"alertname":"Down","instance":"a","job":"node"},"#,
            #""annotations":{"runbook":"https://runbooks","summary":"Down is \"bad\""},"#,
            #""startsAt":"2020-09-13T12:26:40Z","endsAt":"0001-01-01T00:00:00Z","#,
            #""generatorURL":"http://martlet:9090/graph?g0.expr=up&g0.tab=1","fingerprint":"\#(down.fingerprint)","#,
            #""alert_id":"Down{instance=\"a\", job=\"node\"}_1600000000000"},"#,
            #"{"status":"firing","labels":{"alertname":"Down","instance":"b","job":"node"},"#,
            #""annotations":{"runbook":"https://runbooks","summary":"Down is \"bad\""},"#,
            #""startsAt":"2020-09-13T12:26:40Z","endsAt":"0001-01-01T00:00:00Z","#,
            #""generatorURL":"http://martlet:9090/graph?g0.expr=up&g0.tab=1","#,
            #""fingerprint":"\#(Fingerprint(["alertname": "Down", "instance": "b", "job": "node"]))","#,
            #""alert_id":"Down{instance=\"b\", job=\"node\"}_1600000000000"}],"#,
            #""groupLabels":{"alertname":"Down"},"commonLabels":{"alertname":"Down","job":"node"},"#,
            #""commonAnnotations":{"runbook":"https://runbooks","summary":"Down is \"bad\""},"#,
            #""externalURL":"http://martlet:9090","version":"4","groupKey":"{}:{alertname=\"Down\"}","truncatedAlerts":0,"#,
            #""title":"Alert: Down (2)","message":"Down is \"bad\"","severity":"","timestamp":"2020-09-13T12:26:40Z"}"#,
        ]
        #expect(String(decoding: request.body ?? [], as: UTF8.self) == expected.joined())
        var ended = down
        ended.endsAt = clock.millisecondsSinceEpoch + 1500
        ended.endsByTimeout = false
        clock.advance(by: .seconds(61))
        ended.updatedAt = clock.millisecondsSinceEpoch
        await dispatcher.receive([ended])
        await dispatcher.flushNow()
        try await idle(dispatcher)
        let second = try #require(http.requests.withLock { $0.last?.body })
        let text = String(decoding: second, as: UTF8.self)
        #expect(text.hasPrefix(#"{"receiver":"team","status":"firing","alerts":[{"status":"resolved""#))
        #expect(text.contains(#""endsAt":"2020-09-13T12:26:41.5Z""#))
        #expect(await dispatcher.statistics.channels.values.map(\.delivered) == [2])
        await dispatcher.stop()
    }

    @Test func `cuts messages to the most alerts that a webhook takes`() async throws {
        let http = MemoryHTTP()
        let dispatcher = dispatcher()
        var configuration = NotificationConfiguration()
        configuration.route = Self.atOnce
        var receiver = ReceiverConfiguration(name: "team")
        receiver.webhooks = [WebhookConfiguration(url: .inline(Secret("http://sink")), maxAlerts: 2)]
        configuration.receivers = [receiver]
        try await dispatcher.apply(configuration, externalURL: "", http: http)
        await dispatcher.receive(["A", "B", "C", "D", "E"].map { alert($0) })
        await dispatcher.flushNow()
        try await idle(dispatcher)
        let body = try #require(http.requests.withLock { $0.first?.body })
        let text = String(decoding: body, as: UTF8.self)
        #expect(text.ranges(of: "\"fingerprint\"").count == 2)
        #expect(text.contains("\"commonLabels\":{}") && text.contains("\"truncatedAlerts\":3,"))
    }

    @Test func `delivers to a healthy receiver beside ones that hang or fail`() async throws {
        let dispatcher = dispatcher()
        let healthy = MemorySender()
        let broken = MemorySender(
            failing: Array(repeating: DeliveryError(.clientError, "the receiver answered with status 404"), count: 10)
        )
        var senders: [NotificationChannel: any NotificationSending] = [
            channel("team"): healthy, NotificationChannel(.init(receiver: "team", kind: "broken", index: 0)): broken,
        ]
        for index in 0..<50 {
            senders[NotificationChannel(.init(receiver: "team", kind: "hanging", index: index))] = MemorySender(
                hangs: true
            )
        }
        await dispatcher.apply(route: Self.atOnce, senders: senders)
        await dispatcher.receive([alert("Down")])
        await dispatcher.flushNow()
        try await poll { healthy.told.withLock { $0.count } == 1 }
        try await poll { await dispatcher.statistics.channels.values.map(\.underway).reduce(0, +) == 50 }
        let statistics = await dispatcher.statistics
        #expect(statistics.channels[.init(receiver: "team", kind: "broken", index: 0)]?.failed == [.clientError: 1])
        #expect(
            log.lines == [
                "error Failed to send alert notification channel=team/broken[0] alert=Down group={}:{} "
                    + "error=the receiver answered with status 404 reason=client_error attempts=1"
            ]
        )
        await dispatcher.stop(within: .zero)
        #expect(await dispatcher.statistics.channels.values.allSatisfy { $0.underway == 0 })
    }

    @Test func `tries again what may yet arrive, longer and longer`() async throws {
        let dispatcher = dispatcher()
        let sender = MemorySender(failing: [
            DeliveryError(.connection, "connection refused", isRetryable: true),
            DeliveryError(
                .serverError,
                "the receiver answered with status 503",
                isRetryable: true,
                retryAfter: .seconds(7)
            ),
            DeliveryError(.rateLimited, "the receiver answered with status 429", isRetryable: true),
        ])
        await dispatcher.apply(route: Self.atOnce, senders: [channel("team"): sender])
        let start = clock.millisecondsSinceEpoch
        await dispatcher.receive([alert("Down")])
        await dispatcher.flushNow()
        try await idle(dispatcher)
        #expect(sender.told.withLock { $0.count } == 1)
        // 0.5 s after the first, the 7 s asked for after the second, 2 s after the third.
        #expect(clock.millisecondsSinceEpoch - start == 9_500)
        let counters = await dispatcher.statistics.channels[channel("team").id]
        #expect(counters?.attempts == 4 && counters?.delivered == 1 && counters?.failed.isEmpty == true)
        #expect(counters?.failedAttempts == [.connection: 1, .serverError: 1, .rateLimited: 1])
        #expect(log.lines.count == 1)
        #expect(log.lines[0].hasPrefix("warn Failed to send alert notification channel=team/test[0] alert=Down"))
    }

    @Test func `gives up what cannot succeed and tells anew at the group's next turn`() async throws {
        let dispatcher = dispatcher()
        let sender = MemorySender(failing: [DeliveryError(.clientError, "the receiver answered with status 400")])
        await dispatcher.apply(route: Self.atOnce, senders: [channel("team"): sender])
        await dispatcher.receive([alert("Down")])
        await dispatcher.flushNow()
        try await idle(dispatcher)
        let first = await dispatcher.statistics.channels[channel("team").id]
        #expect(first?.attempts == 1 && first?.failed == [.clientError: 1])
        clock.advance(by: .seconds(60))
        await dispatcher.flushNow()
        try await idle(dispatcher)
        #expect(sender.told.withLock { $0.count } == 1)
    }

    @Test func `tells nobody without a route`() async {
        let dispatcher = dispatcher()
        let sender = MemorySender()
        await dispatcher.apply(route: nil, senders: [channel("team"): sender])
        await dispatcher.receive([alert("Down")])
        await dispatcher.flushNow()
        #expect(sender.told.withLock { $0.isEmpty })
        #expect(await dispatcher.groups.isEmpty)
    }

    @Test func `sends different severities to different receivers in time`() async throws {
        let dispatcher = AlertDispatcher()
        let page = MemorySender()
        let ticket = MemorySender()
        let route = Route(
            receiver: "tickets",
            groupWait: .zero,
            routes: [
                Route(
                    receiver: "pager",
                    matchers: [LabelMatcher("severity", .equal, "page")],
                    groupWait: .milliseconds(20)
                )
            ]
        )
        await dispatcher.apply(route: route, senders: [channel("pager"): page, channel("tickets"): ticket])
        await dispatcher.start()
        let now = SystemWallClock().millisecondsSinceEpoch
        for severity in ["page", "ticket"] {
            await dispatcher.receive([
                Alert(
                    labels: ["alertname": "A", "severity": severity],
                    startsAt: now,
                    endsAt: now + 240_000,
                    updatedAt: now
                )
            ])
        }
        try await poll { page.told.withLock { $0.count } == 1 && ticket.told.withLock { $0.count } == 1 }
        #expect(page.told.withLock { $0.first?.items.first?.alert.labels["severity"] } == "page")
        await dispatcher.stop()
    }

    @Test(
        arguments: [
            (200, nil, nil), (204, nil, nil), (301, DeliveryError.Reason.redirected, false), (404, .clientError, false),
            (400, .clientError, false), (429, .rateLimited, true), (500, .serverError, true), (503, .serverError, true),
        ] as [(Int, DeliveryError.Reason?, Bool?)]
    )
    func `judges a receiver's answer by its status`(status: Int, reason: DeliveryError.Reason?, isRetryable: Bool?)
        async
    {
        let http = MemoryHTTP(.success(IncomingResponse(status: status, headers: [("retry-after", "12")])))
        let error = await failure(http)
        #expect(error?.reason == reason && error?.isRetryable == isRetryable)
        let isAsked = status == 429 || status >= 500
        #expect(error?.retryAfter == (isAsked ? Duration.seconds(12) : nil))
    }

    @Test func `shows nothing of an address but its host`() async {
        let url = "https://user:pass@hooks.example.com/services/T0/SECRET?token=abc"
        for message in [
            "could not connect to \(url)", "GET /services/T0/SECRET?token=abc failed", "user:pass is wrong",
        ] {
            let error = await failure(MemoryHTTP(.failure(.connection(message))), url: url)
            let text = error?.description ?? ""
            #expect(!text.contains("SECRET") && !text.contains("abc") && !text.contains("pass"), "\(text)")
            #expect(error?.reason == .connection && error?.isRetryable == true)
        }
        let missing = await failure(MemoryHTTP(), source: .file("/nonexistent/url"))
        #expect(missing?.reason == .configuration)
        #expect(missing?.description == "url_file: cannot read /nonexistent/url: No such file or directory")
    }

    @Test(arguments: [
        (HTTPClientError.timeout("no answer"), DeliveryError.Reason.timeout, true),
        (.badURL("bad"), .configuration, false),
        (.cancelled, .cancelled, false), (.bodyTooLarge(limit: 5), .other, false),
    ])
    func `judges failures of the client`(cause: HTTPClientError, reason: DeliveryError.Reason, isRetryable: Bool) async
    {
        let error = await failure(MemoryHTTP(.failure(cause)))
        #expect(error?.reason == reason && error?.isRetryable == isRetryable)
    }

    @Test func `shows who it is in each configured way`() async throws {
        let password = NSTemporaryDirectory() + "martlet-password-\(UInt64.random(in: 0 ... .max))"
        try "s3cret\n".write(toFile: password, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: password) }
        var settings = HTTPClientSettings()
        settings.credentials = .basicFromFile(userFile: password, password: .file(password))
        settings.tls.authorityFile = "/ca.pem"
        settings.tls.serverName = "sink"
        settings.proxy = Secret("http://proxy:3128")
        let http = MemoryHTTP()
        _ = await failure(http, settings: settings)
        settings.credentials = .basic(user: "me", password: .file("/nonexistent/password"))
        let missing = await failure(http, settings: settings)
        #expect(missing?.reason == .configuration && missing?.isRetryable == true)
        settings.credentials = .basic(user: "me", password: nil)
        _ = await failure(http, settings: settings)
        let requests = http.requests.withLock { $0 }
        #expect(
            requests.map(\.credentials) == [
                .basic(user: "s3cret", password: "s3cret"), .basic(user: "me", password: ""),
            ]
        )
        #expect(requests.first?.tls?.authorityFile == "/ca.pem" && requests.first?.tls?.serverName == "sink")
        #expect(requests.first?.proxy == "http://proxy:3128" && requests.first?.timeout == .seconds(1))
    }

    private func failure(
        _ http: MemoryHTTP,
        url: String = "http://sink/x",
        source: SecretSource? = nil,
        settings: HTTPClientSettings? = nil
    ) async
        -> DeliveryError?
    {
        let sender = WebhookSender(
            WebhookConfiguration(url: source ?? .inline(Secret(url)), http: settings),
            externalURL: "",
            http: http
        )
        var dispatch = AlertDispatch(route: Self.atOnce, channels: ["team": [channel("team")]])
        dispatch.insert([alert("A")], at: clock.millisecondsSinceEpoch)
        guard let notification = dispatch.flush(at: clock.millisecondsSinceEpoch).first else { return nil }
        do throws(DeliveryError) {
            try await sender.send(notification, timeout: .seconds(1))
            return nil
        } catch {
            return error
        }
    }

    @Test func `waits longer after each attempt, within bounds`() {
        let policy = RetryPolicy()
        #expect(policy.wait(afterAttempt: 1, chance: 0) == .milliseconds(250))
        #expect(policy.wait(afterAttempt: 1, chance: 1) == .milliseconds(500))
        #expect(policy.wait(afterAttempt: 4, chance: 1) == .seconds(4))
        #expect(policy.wait(afterAttempt: 1000, chance: 1) == .seconds(60))
        #expect(policy.wait(afterAttempt: 1, chance: 1, asked: .seconds(90)) == .seconds(90))
        #expect(policy.wait(afterAttempt: 1, chance: 1, asked: .seconds(86_400)) == .seconds(600))
        #expect(policy.wait(afterAttempt: 9, chance: 1, asked: .seconds(1)) == .seconds(60))
    }

    @Test func `gives up what a full queue cannot hold`() async throws {
        let failures = Mutex<[DeliveryError.Reason]>([])
        let postponed = Mutex(0)
        let environment = DeliveryEnvironment(
            clock: clock,
            policy: RetryPolicy(),
            pause: { _ in },
            chance: { 0 },
            log: .silent
        )
        let id = NotificationChannel.ID(receiver: "team", kind: "test", index: 0)
        let queue = ChannelQueue(id, sender: MemorySender(hangs: true), environment: environment) { _, end in
            switch end {
            case .delivered: Issue.record("nothing can be delivered")
            case .failed(let error, _): failures.withLock { $0.append(error.reason) }
            case .postponed: postponed.withLock { $0 += 1 }
            }
        } note: { _, _, _ in
        }
        var dispatch = AlertDispatch(
            route: Route(receiver: "team", grouping: .everyLabel, groupWait: .zero),
            channels: ["team": [channel("team")]]
        )
        let count = ChannelQueue.waitingMax + ChannelQueue.concurrency + 3
        dispatch.insert((0..<count).map { alert("\($0)") }, at: clock.millisecondsSinceEpoch)
        for notification in dispatch.flush(at: clock.millisecondsSinceEpoch) { await queue.enqueue(notification) }
        let statistics = await queue.statistics
        #expect(statistics.failed == [DeliveryError.Reason.queueFull: 3])
        #expect(statistics.waiting == ChannelQueue.waitingMax && statistics.underway == ChannelQueue.concurrency)
        #expect(failures.withLock { $0 } == [.queueFull, .queueFull, .queueFull])
        await queue.stop(within: .zero)
        #expect(postponed.withLock { $0 } == count - 3)
    }
}
