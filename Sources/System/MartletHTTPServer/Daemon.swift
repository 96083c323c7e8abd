import CMicrohttpd

// Safety: the options and the certificate's texts stand at addresses of their own until `deinit`, which runs after
// libmicrohttpd has stopped; the core is retained from `init` to `stop`. `quiesce` and `stop` are called by
// `HTTPServer.stop` alone, under its lock.

/// libmicrohttpd, listening.
@safe
final class Daemon: @unchecked Sendable {
    private let options: UnsafeMutablePointer<martlet_mhd_options>
    private var daemon: OpaquePointer?
    private let context: Unmanaged<ServerCore>

    /// Starts the event threads on a socket that already listens.
    init?(_ core: ServerCore, listenDescriptor: Int32, certificate: [UInt8]?, key: [UInt8]?) {
        unsafe context = Unmanaged.passRetained(core)
        unsafe options = .allocate(capacity: 1)
        unsafe options.initialize(to: martlet_mhd_options())
        let configuration = core.configuration
        unsafe options.pointee.listen_descriptor = listenDescriptor
        unsafe options.pointee.event_threads = UInt32(clamping: max(1, configuration.eventThreads))
        // Each event thread gets its share, so that uneven shares don't keep anyone out.
        let connectionsMax = (configuration.connectionsMax + core.surplusMax + 1) * max(1, configuration.eventThreads)
        unsafe options.pointee.connections_max = UInt32(clamping: connectionsMax)
        // The header as it arrives, and what libmicrohttpd notes down for each field and each query parameter.
        let headerMemory = configuration.headerBytesMax + configuration.urlBytesMax
        unsafe options.pointee.connection_memory = headerMemory * 2 + (16 << 10)
        unsafe options.pointee.certificate_pem = unsafe UnsafePointer(Self.copy(certificate))
        unsafe options.pointee.key_pem = unsafe UnsafePointer(Self.copy(key))
        unsafe options.pointee.context = unsafe context.toOpaque()
        unsafe Self.setCallbacks(of: &options.pointee)
        unsafe daemon = martlet_mhd_start(options)
        if unsafe daemon == nil {
            unsafe context.release()
            return nil
        }
    }

    deinit {
        unsafe free(UnsafeMutablePointer(mutating: options.pointee.certificate_pem))
        unsafe free(UnsafeMutablePointer(mutating: options.pointee.key_pem))
        unsafe options.deallocate()
    }

    /// Accepts no more connections.
    func quiesce() {
        guard let daemon = unsafe daemon else { return }
        let descriptor = unsafe MHD_quiesce_daemon(daemon)
        if descriptor >= 0 { Platform.closeDescriptor(descriptor) }
    }

    /// Ends the event threads; no connection may be suspended.
    func stop() {
        guard let running = unsafe daemon else { return }
        unsafe MHD_stop_daemon(running)
        unsafe daemon = nil
        unsafe context.release()
    }

    private static func copy(_ bytes: [UInt8]?) -> UnsafeMutablePointer<CChar>? {
        guard let bytes else { return nil }
        return unsafe strdup(bytes.map { CChar(bitPattern: $0) } + [0])
    }

    private static func setCallbacks(of options: inout martlet_mhd_options) {
        unsafe options.accept = { context, address, _ in
            guard let core = unsafe ServerCallbacks.core(context) else { return MHD_Result.NO }
            return unsafe core.accepts(address: ServerCallbacks.addressText(address)) ? MHD_Result.YES : MHD_Result.NO
        }
        unsafe options.connection_changed = { context, connection, slot, change in
            guard let core = unsafe ServerCallbacks.core(context), let connection = unsafe connection,
                let slot = unsafe slot
            else { return }
            unsafe ServerCallbacks.connectionChanged(
                core,
                connection,
                slot,
                isOpen: change == .CONNECTION_NOTIFY_STARTED
            )
        }
        unsafe options.request_line = { context, uri, connection in
            guard let core = unsafe ServerCallbacks.core(context), let uri = unsafe uri,
                let connection = unsafe connection
            else { return nil }
            return unsafe ServerCallbacks.requestLine(core, uri, connection)
        }
        unsafe options.handle = { context, _, _, method, version, upload, uploadSize, slot in
            guard let core = unsafe ServerCallbacks.core(context), let method = unsafe method,
                let version = unsafe version, let uploadSize = unsafe uploadSize, let exchange = unsafe slot?.pointee
            else { return MHD_Result.NO }
            return unsafe ServerCallbacks.proceed(
                core,
                Unmanaged<Exchange>.fromOpaque(exchange).takeUnretainedValue(),
                method: method,
                version: version,
                upload: upload,
                uploadSize: uploadSize
            )
        }
        unsafe options.completed = { context, _, slot, _ in
            guard let core = unsafe ServerCallbacks.core(context), let slot = unsafe slot,
                let exchange = unsafe slot.pointee
            else { return }
            unsafe slot.pointee = nil
            unsafe core.end(Unmanaged<Exchange>.fromOpaque(exchange).takeRetainedValue())
        }
        unsafe options.log = { context, message in
            guard let core = unsafe ServerCallbacks.core(context), let message = unsafe message else { return }
            var text = unsafe String(cString: message)
            while text.last?.isNewline == true { text.removeLast() }
            core.note(text)
        }
    }
}
