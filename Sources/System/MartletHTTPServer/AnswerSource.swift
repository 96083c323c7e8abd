import CMicrohttpd
import MartletLogging
import Synchronization

// Safety: the connection's pointer is used only while the connection is suspended by this very object (`isWaiting`),
// which keeps it alive: only whoever takes that flag back resumes it, once.

/// An answer's body that comes in parts: libmicrohttpd asks, and is suspended while there is nothing to give.
@safe
final class AnswerSource: @unchecked Sendable {
    enum Origin: Sendable {
        case chunks(@Sendable () throws -> [UInt8]?)
        case events(EventStream)
    }

    private struct State {
        var part: ArraySlice<UInt8> = []
        var isEnded = false
        var isFailed = false
        var isWaiting = false

        mutating func takeWaiting() -> Bool {
            defer { isWaiting = false }
            return isWaiting
        }
    }

    private let origin: Origin
    private let connection: OpaquePointer
    private let core: ServerCore
    private let record: ConnectionRecord
    private let state = Mutex(State())

    init(_ origin: Origin, connection: OpaquePointer, core: ServerCore, record: ConnectionRecord) {
        self.origin = origin
        unsafe self.connection = unsafe connection
        self.core = core
        self.record = record
        if case .events(let stream) = origin {
            stream.attach(now: Platform.monotonicNanoseconds) { [weak self] in self?.wake() }
        }
    }

    /// Copies what there is, on an event thread; suspends the connection when there is nothing yet.
    ///
    /// - Returns: How many bytes, or one of libmicrohttpd's codes for the end.
    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var needsPart = false
        let count = state.withLock { state -> Int in
            if state.isFailed { return AnswerSource.failed }
            if state.part.isEmpty, case .events(let stream) = origin {
                switch stream.take(now: Platform.monotonicNanoseconds) {
                case .bytes(let bytes): state.part = bytes[...]
                case .ended: state.isEnded = true
                case .nothingYet: break
                }
            }
            if core.runsInline, case .chunks(let next) = origin {
                while state.part.isEmpty, !state.isEnded, !state.isFailed {
                    Self.store(Result { try next() }, in: &state, core: core)
                }
                if state.isFailed { return AnswerSource.failed }
            }
            guard state.part.isEmpty else {
                let count = min(buffer.count, state.part.count)
                unsafe _ = buffer.update(fromContentsOf: state.part.prefix(count))
                state.part = state.part.dropFirst(count)
                return count
            }
            if state.isEnded { return AnswerSource.ended }
            unsafe MHD_suspend_connection(connection)
            state.isWaiting = true
            if case .chunks = origin { needsPart = true }
            return 0
        }
        if count > 0 {
            core.counters.bytesSent.add(count, ordering: .relaxed)
            if case .chunks = origin { record.extend(to: core.deadline(after: core.configuration.writeDeadline)) }
        }
        if needsPart {
            record.enter(.handler, until: .max)
            core.pool?.resubmit { [self] in pull() }
        }
        return count
    }

    /// Ends the body early; the connection is closed rather than the body passed for whole.
    func abort() {
        let shouldResume = state.withLock { state in
            state.isFailed = true
            return state.takeWaiting()
        }
        if shouldResume { unsafe MHD_resume_connection(connection) }
    }

    private func wake() {
        if state.withLock({ $0.takeWaiting() }) { unsafe MHD_resume_connection(connection) }
    }

    /// Makes the next part, on a worker.
    private func pull() {
        guard case .chunks(let next) = origin else { return }
        var part = Result { try next() }
        // An empty part would suspend the connection again for nothing.
        while case .success(.some(let bytes)) = part, bytes.isEmpty, !state.withLock({ $0.isFailed }) {
            part = Result { try next() }
        }
        let shouldResume = state.withLock { state in
            Self.store(part, in: &state, core: core)
            return state.takeWaiting()
        }
        guard shouldResume else { return }
        record.enter(.write, until: core.deadline(after: core.configuration.writeDeadline))
        unsafe MHD_resume_connection(connection)
    }

    private static func store(_ part: Result<[UInt8]?, any Error>, in state: inout State, core: ServerCore) {
        switch part {
        case .success(.some(let bytes)): state.part = bytes[...]
        case .success(.none): state.isEnded = true
        case .failure(let error):
            state.isFailed = true
            core.counters.brokenAnswers.add(1, ordering: .relaxed)
            core.logger.error("an answer broke off half-way", ["error": .string("\(error)")])
        }
    }

    /// libmicrohttpd's `MHD_CONTENT_READER_END_OF_STREAM` and `MHD_CONTENT_READER_END_WITH_ERROR`.
    private static let ended = -1
    private static let failed = -2
}
