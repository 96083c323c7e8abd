import MartletAlerting
import MartletConfiguration
import MartletCore
import MartletHTTPClient
import MartletLogging
import MartletNotify
import MartletScrape
import MartletSeries

/// Tells the Alertmanagers that the configuration names under `alerting` of every alert, as Prometheus does.
///
/// Each has its own bounded queue and is sent a batch at a time, so that one that hangs delays no other. Nothing is tried
/// again: alerts that still fire are handed on anew at every resend delay.
actor ExternalAlertmanagerSender {
    /// How many alerts wait for one Alertmanager; the oldest beyond are dropped and counted.
    static let waitingMax = 10_000

    /// How many alerts one request holds.
    static let batchMax = 256

    /// What was done for one Alertmanager.
    struct Numbers: Sendable, Hashable {
        var sent: UInt64 = 0
        var failed: UInt64 = 0
        var dropped: UInt64 = 0
        var lastError: String?
    }

    private struct Peer {
        var settings: ExternalAlertmanagers.Group
        var waiting: [Alert] = []
        var task: Task<Void, Never>?
        var numbers = Numbers()
    }

    private let http: any HTTPSending
    private let clock: any WallClock
    private let patterns: any PatternCompiler
    private let log: Logger
    private var configuration = ExternalAlertmanagers()
    private var discoverers: [[FileDiscoverer]] = []
    private var peers: [String: Peer] = [:]
    private(set) var droppedTargets: [String] = []

    init(http: any HTTPSending, clock: any WallClock, patterns: any PatternCompiler, log: Logger) {
        self.http = http
        self.clock = clock
        self.patterns = patterns
        self.log = log
    }

    /// The addresses that are told, sorted.
    var active: [String] { peers.keys.sorted() }

    /// What was done, by address.
    var numbers: [String: Numbers] { peers.mapValues(\.numbers) }

    /// Replaces whom is told.
    func apply(_ configuration: ExternalAlertmanagers) {
        self.configuration = configuration
        discoverers = configuration.groups.map { group in
            group.files.map { FileDiscoverer($0, patterns: patterns) }
        }
        refresh()
    }

    /// Takes alerts and sends them on.
    func receive(_ alerts: [Alert]) {
        guard !configuration.groups.isEmpty else { return }
        refresh()
        let common = relabelled(alerts, configuration.alertRelabelRules)
        for (url, peer) in peers {
            let own = relabelled(common, peer.settings.alertRelabelRules)
            guard !own.isEmpty else { continue }
            peers[url]?.waiting += own
            let excess = (peers[url]?.waiting.count ?? 0) - Self.waitingMax
            if excess > 0 {
                peers[url]?.waiting.removeFirst(excess)
                peers[url]?.numbers.dropped += UInt64(excess)
            }
            start(url)
        }
    }

    /// Ends; what waits is given up.
    func stop() async {
        let tasks = peers.values.compactMap(\.task)
        peers = [:]
        configuration = ExternalAlertmanagers()
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private func relabelled(_ alerts: [Alert], _ rules: [RelabelRule]) -> [Alert] {
        guard !rules.isEmpty else { return alerts }
        return alerts.compactMap { alert in
            guard let labels = Relabelling.apply(rules, to: alert.labels), !labels.isEmpty else { return nil }
            var alert = alert
            alert.labels = labels
            return alert
        }
    }

    /// Looks for Alertmanagers that have come or gone.
    private func refresh() {
        var wanted: [String: ExternalAlertmanagers.Group] = [:]
        droppedTargets = []
        for (index, group) in configuration.groups.enumerated() {
            var targets = group.targets
            for place in discoverers[index].indices {
                for problem in discoverers[index][place].refresh(nowMilliseconds: clock.millisecondsSinceEpoch) {
                    log.warn("reading Alertmanagers from a file failed", ["error": .string(problem)])
                }
                targets += discoverers[index][place].groups.flatMap(\.targets)
            }
            for target in targets {
                let labels: LabelSet = [
                    "__address__": target, "__scheme__": group.scheme, "__alerts_path__": group.pathPrefix,
                ]
                guard let kept = Relabelling.apply(group.relabelRules, to: labels), let address = kept["__address__"]
                else {
                    droppedTargets.append(target)
                    continue
                }
                var path = kept["__alerts_path__"] ?? ""
                while path.hasSuffix("/") { path.removeLast() }
                if !path.isEmpty, !path.hasPrefix("/") { path = "/" + path }
                wanted["\(kept["__scheme__"] ?? "http")://\(address)\(path)/api/v2/alerts"] = group
            }
        }
        for (url, peer) in peers where wanted[url] == nil {
            peer.task?.cancel()
            peers[url] = nil
        }
        for (url, group) in wanted {
            if peers[url] == nil {
                peers[url] = Peer(settings: group)
            } else {
                peers[url]?.settings = group
            }
        }
    }

    private func start(_ url: String) {
        guard peers[url]?.task == nil else { return }
        peers[url]?.task = Task { await self.drain(url) }
    }

    private func drain(_ url: String) async {
        while !Task.isCancelled, let peer = peers[url], !peer.waiting.isEmpty {
            let batch = Array(peer.waiting.prefix(Self.batchMax))
            peers[url]?.waiting.removeFirst(batch.count)
            let failure = await post(batch, to: url, peer.settings)
            if let failure {
                if peers[url]?.numbers.lastError != failure {
                    log.error(
                        "telling an Alertmanager failed",
                        ["alertmanager": .string(url), "error": .string(failure)]
                    )
                }
                peers[url]?.numbers.failed += UInt64(batch.count)
            } else {
                peers[url]?.numbers.sent += UInt64(batch.count)
            }
            peers[url]?.numbers.lastError = failure
        }
        peers[url]?.task = nil
    }

    private func post(_ alerts: [Alert], to url: String, _ settings: ExternalAlertmanagers.Group) async -> String? {
        do throws(DeliveryError) {
            try await AlertmanagerJSON.post(
                alerts,
                to: url,
                settings: settings.http,
                timeout: settings.timeout,
                http: http
            )
            return nil
        } catch {
            return error.description
        }
    }
}

/// Hands the alerts of rules to all who want them.
struct AlertFork: AlertReceiving {
    let notifier: AlertDispatcher
    let external: ExternalAlertmanagerSender

    func receive(_ alerts: [Alert]) async {
        await external.receive(alerts)
        await notifier.receive(alerts)
    }
}
