import CCurl
import Synchronization

// Safety: the multi handle and everything not in `inbox` belong to the loop's thread; other threads only wake it, which
// libcurl allows, and only under the inbox' lock while `isOpen` says that the handle is there.

/// The thread that moves all of a client's transfers.
@safe
final class TransferLoop: @unchecked Sendable {
    private struct Inbox {
        var submitted: [Transfer] = []
        var hasCancellations = false
        var isClosing = false
        var isOpen = true
    }

    private let inbox = Mutex(Inbox())
    private let multi: UnsafeMutableRawPointer
    private let limits: HTTPClient.Configuration
    private var active: [ObjectIdentifier: Transfer] = [:]
    private var queue: [Transfer] = []
    private var idleHandles: [EasyHandle] = []

    init?(_ limits: HTTPClient.Configuration) {
        guard let multi = unsafe curl_multi_init() else { return nil }
        unsafe self.multi = unsafe multi
        self.limits = limits
        unsafe martlet_curl_set_multi(multi, CURLMOPT_MAXCONNECTS, limits.idleConnectionsMax)
        unsafe martlet_curl_set_multi(multi, CURLMOPT_PIPELINING, 0)
    }

    /// Hands a transfer over; its `finish` is called once, here if the loop cannot take it.
    func submit(_ transfer: Transfer) {
        let isTaken = inbox.withLock { inbox in
            guard inbox.isOpen, !inbox.isClosing else { return false }
            inbox.submitted.append(transfer)
            unsafe curl_multi_wakeup(multi)
            return true
        }
        if !isTaken { transfer.finish?(.failure(.cancelled)) }
    }

    /// Ends a transfer early, now or as soon as it is handed over.
    func cancel(_ transfer: Transfer) {
        transfer.cancelled.store(true, ordering: .releasing)
        inbox.withLock { inbox in
            inbox.hasCancellations = true
            if inbox.isOpen { unsafe curl_multi_wakeup(multi) }
        }
    }

    /// Ends all transfers and then the thread.
    func close() {
        inbox.withLock { inbox in
            inbox.isClosing = true
            if inbox.isOpen { unsafe curl_multi_wakeup(multi) }
        }
    }

    /// What the thread does until the client closes.
    func run() {
        while true {
            let (submitted, hasCancellations, isClosing) = takeInbox()
            for transfer in submitted { admit(transfer) }
            if hasCancellations { dropCancelled() }
            if isClosing { break }
            dropLate()
            startQueued()
            var running: Int32 = 0
            unsafe curl_multi_perform(multi, &running)
            let finishedAny = collectFinished()
            if finishedAny { continue }
            unsafe curl_multi_poll(multi, nil, 0, queue.isEmpty ? 1000 : 50, nil)
        }
        end()
    }

    private func takeInbox() -> ([Transfer], Bool, Bool) {
        inbox.withLock { inbox in
            defer {
                inbox.submitted = []
                inbox.hasCancellations = false
            }
            return (inbox.submitted, inbox.hasCancellations, inbox.isClosing)
        }
    }

    private func admit(_ transfer: Transfer) {
        if transfer.cancelled.load(ordering: .acquiring) {
            finish(transfer, .failure(.cancelled))
        } else if queue.count >= limits.queuedMax {
            finish(transfer, .failure(.connection("\(queue.count) requests wait already; try again later")))
        } else {
            queue.append(transfer)
        }
    }

    private func dropCancelled() {
        queue = keepOrFinish(queue)
        for transfer in active.values where transfer.cancelled.load(ordering: .acquiring) {
            release(transfer)
            finish(transfer, .failure(.cancelled))
        }
    }

    private func keepOrFinish(_ transfers: [Transfer]) -> [Transfer] {
        var kept: [Transfer] = []
        for transfer in transfers {
            if transfer.cancelled.load(ordering: .acquiring) {
                finish(transfer, .failure(.cancelled))
            } else {
                kept.append(transfer)
            }
        }
        return kept
    }

    private func dropLate() {
        guard !queue.isEmpty else { return }
        let now = Platform.monotonicNanoseconds
        var kept: [Transfer] = []
        for transfer in queue {
            if transfer.deadline <= now {
                finish(transfer, .failure(transfer.timeoutError))
            } else {
                kept.append(transfer)
            }
        }
        queue = kept
    }

    private func startQueued() {
        let count = min(queue.count, limits.concurrentMax - active.count)
        guard count > 0 else { return }
        let starting = queue[..<count]
        queue.removeFirst(count)
        for transfer in starting { start(transfer) }
    }

    private func start(_ transfer: Transfer) {
        guard let easy = idleHandles.popLast() ?? EasyHandle() else {
            finish(transfer, .failure(.connection("no memory for the request to \(transfer.address.place)")))
            return
        }
        transfer.easy = easy
        let isPrepared = easy.prepare(transfer, userAgent: limits.userAgent, now: Platform.monotonicNanoseconds)
        guard isPrepared, unsafe curl_multi_add_handle(multi, easy.handle) == CURLM_OK else {
            transfer.easy = nil
            finish(transfer, .failure(.badURL("malformed URL: it has to look like http://host:port/path")))
            return
        }
        active[ObjectIdentifier(transfer)] = transfer
    }

    private func collectFinished() -> Bool {
        var hasAny = false
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle,
                let context = unsafe martlet_curl_context(easy)
            else { continue }
            let code = unsafe message.pointee.data.result
            let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            let outcome = transfer.outcome(code)
            release(transfer)
            finish(transfer, outcome)
            hasAny = true
        }
        return hasAny
    }

    /// Takes a transfer's handle back.
    private func release(_ transfer: Transfer) {
        active[ObjectIdentifier(transfer)] = nil
        guard let easy = transfer.easy else { return }
        transfer.easy = nil
        unsafe curl_multi_remove_handle(multi, easy.handle)
        if idleHandles.count < 16 { idleHandles.append(easy) }
    }

    private func finish(_ transfer: Transfer, _ outcome: Transfer.Outcome) {
        let finish = transfer.finish
        transfer.finish = nil
        finish?(outcome)
    }

    private func end() {
        let late = inbox.withLock { inbox in
            inbox.isOpen = false
            return inbox.submitted
        }
        for transfer in Array(active.values) {
            release(transfer)
            finish(transfer, .failure(.cancelled))
        }
        for transfer in queue + late { finish(transfer, .failure(.cancelled)) }
        queue = []
        idleHandles = []
        unsafe curl_multi_cleanup(multi)
    }
}
