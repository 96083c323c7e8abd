import CMicrohttpd
import Synchronization

/// Takes datagrams on a port, in a thread of its own, one after the other.
///
/// What comes while the handler works waits in the system's buffer; what that has no room for is lost, as datagrams are.
public final class DatagramServer: Sendable {
    /// What came in.
    public struct Statistics: Sendable, Hashable {
        /// Datagrams.
        public var datagrams = 0
        /// Their bytes.
        public var bytes = 0
    }

    /// The most that a datagram can hold, in bytes.
    public static let bytesMax = 65_535

    private let descriptor: Int32
    private let stopper: Int32
    private let thread: Mutex<SystemThread?>
    private let counts = Mutex(Statistics())

    /// The port, also where it was left to the system.
    public let port: Int

    /// Starts to take datagrams.
    ///
    /// - Parameters:
    ///   - name: Which listener this is, for the thread's name.
    ///   - host: The address to listen on.
    ///   - port: The port; 0 lets the system choose.
    ///   - handler: Gets each datagram with its sender's address.
    /// - Throws: ``HTTPServerError``.
    public init(
        name: String,
        host: String,
        port: Int,
        handler: @escaping @Sendable (_ datagram: [UInt8], _ remoteAddress: String) -> Void
    ) throws(HTTPServerError) {
        (descriptor, self.port) = try HTTPServer.bind(host: host, port: port, isDatagrams: true)
        stopper = martlet_stopper_new()
        thread = Mutex(nil)
        guard stopper >= 0 else {
            Platform.closeDescriptor(descriptor)
            throw .cannotStart("the system has no descriptors left for the listener \(name)")
        }
        let (descriptor, stopper) = (descriptor, stopper)
        let started = SystemThread(name: name) { [weak self] in
            var buffer = [UInt8](repeating: 0, count: Self.bytesMax)
            var address = [CChar](repeating: 0, count: 64)
            while true {
                let count = unsafe martlet_next_datagram(
                    descriptor,
                    stopper,
                    &buffer,
                    buffer.count,
                    &address,
                    address.count
                )
                if count == -2 { return }
                guard count >= 0 else { continue }
                self?.counts.withLock {
                    $0.datagrams += 1
                    $0.bytes += count
                }
                let sender = address.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                handler(Array(buffer[..<count]), String(decoding: sender, as: UTF8.self))
            }
        }
        guard let started else {
            Platform.closeDescriptor(descriptor)
            Platform.closeDescriptor(stopper)
            throw .cannotStart("the system has no threads left for the listener \(name)")
        }
        thread.withLock { $0 = started }
    }

    deinit {
        stop()
    }

    /// What came in since the start.
    public var statistics: Statistics { counts.withLock { $0 } }

    /// Ends the listener once the handler is done with its datagram; calling it again does nothing.
    public func stop() {
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let running else { return }
        martlet_stopper_signal(stopper)
        running.join()
        Platform.closeDescriptor(descriptor)
        Platform.closeDescriptor(stopper)
    }
}
