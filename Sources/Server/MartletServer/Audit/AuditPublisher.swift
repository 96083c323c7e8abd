import MartletAudit
import MartletCore
import MartletHTTPClient
import MartletHTTPServer
import MartletLogging
import Synchronization

/// Gives the ledger's heads away, to the log, a file and a webhook, so that they are kept where the ledger is not.
final class AuditPublisher: Sendable {
    private let toLog: Bool
    private let file: String?
    private let webhook: String?
    private let client: HTTPClient
    private let logger: Logger
    private let failed = Atomic<Int>(0)
    private let published = Atomic<Int>(0)

    init(toLog: Bool, file: String?, webhook: String?, client: HTTPClient, logger: Logger) {
        self.toLog = toLog
        self.file = file
        self.webhook = webhook
        self.client = client
        self.logger = logger
    }

    /// How many heads were given away, and how many could not be, each counted once a place.
    var counts: (published: Int, failed: Int) {
        (published.load(ordering: .relaxed), failed.load(ordering: .relaxed))
    }

    func publish(_ head: AuditHead) {
        if toLog {
            logger.info("audit head", ["head": .string(head.line)])
            published.add(1, ordering: .relaxed)
        }
        if let file {
            let written = AppendedFile.append(Array((head.line + "\n").utf8), to: file)
            note(written ? nil : "cannot append to \(file); check its directory and rights")
        }
        if let webhook {
            let (client, line) = (client, head.line)
            // A head is small and comes seldom; the next one tells all that a lost one told.
            Task {
                var request = OutgoingRequest("POST", url: webhook, body: Array(line.utf8))
                request.headers.append(("Content-Type", "application/json"))
                request.timeout = .seconds(30)
                do {
                    let response = try await client.send(request)
                    self.note((200..<300).contains(response.status) ? nil : "\(webhook) answered \(response.status)")
                } catch {
                    self.note("\(error)")
                }
            }
        }
    }

    private func note(_ problem: String?) {
        guard let problem else {
            published.add(1, ordering: .relaxed)
            return
        }
        failed.add(1, ordering: .relaxed)
        logger.warn("a head of the audit ledger was not published", ["error": .string(problem)])
    }
}
