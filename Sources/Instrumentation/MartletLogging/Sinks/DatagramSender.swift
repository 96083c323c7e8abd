import MartletCore
import Synchronization

/// Sends records as datagrams to a socket of this machine, and connects anew where the other side was restarted.
final class DatagramSender: Sendable {
    private let path: String
    private let state: Mutex<(descriptor: Int32, failures: UInt64)>

    init(path: String) throws(LogSinkError) {
        self.path = path
        let descriptor = SystemFile.connect(datagramsTo: path)
        guard descriptor >= 0 else {
            let reason = SystemFile.reason(SystemFile.lastError)
            throw LogSinkError("cannot connect to \(path): \(reason); is its service running?")
        }
        state = Mutex((descriptor, 0))
    }

    deinit { state.withLock { if $0.descriptor >= 0 { SystemFile.close($0.descriptor) } } }

    var failures: UInt64 { state.withLock { $0.failures } }

    func send(_ bytes: [UInt8]) {
        state.withLock { state in
            if state.descriptor >= 0, SystemFile.send(bytes, to: state.descriptor) == 0 { return }
            if state.descriptor >= 0 { SystemFile.close(state.descriptor) }
            state.descriptor = SystemFile.connect(datagramsTo: path)
            if state.descriptor < 0 || SystemFile.send(bytes, to: state.descriptor) != 0 { state.failures += 1 }
        }
    }
}
