import CNghttp2

// Safety: nghttp2 calls these while the loop's thread is in one of its functions; the context is the connection, which the loop
// holds until its session is deleted. Pointers are used only during the call.

/// The functions that nghttp2 calls.
enum SessionCallbacks {
    private static func connection(_ context: UnsafeMutableRawPointer?) -> GRPCConnection? {
        unsafe context.map { unsafe Unmanaged<GRPCConnection>.fromOpaque($0).takeUnretainedValue() }
    }

    static var all: martlet_h2_callbacks {
        var callbacks = martlet_h2_callbacks()
        unsafe callbacks.begin_headers = { _, frame, context in
            guard let connection = unsafe SessionCallbacks.connection(context), unsafe martlet_h2_is_request(frame) != 0
            else { return 0 }
            unsafe connection.begin(martlet_h2_frame_stream(frame))
            return 0
        }
        unsafe callbacks.header = { _, frame, name, nameCount, value, valueCount, _, context in
            guard let connection = unsafe SessionCallbacks.connection(context),
                unsafe martlet_h2_is_request(frame) != 0,
                let stream = unsafe connection.streams[martlet_h2_frame_stream(frame)]
            else { return 0 }
            unsafe stream.take(
                name: SessionCallbacks.text(name, nameCount),
                value: SessionCallbacks.text(value, valueCount),
                byteCount: nameCount + valueCount,
                limit: connection.core.configuration.headerBytesMax
            )
            return 0
        }
        unsafe callbacks.frame_received = { _, frame, context in
            guard let connection = unsafe SessionCallbacks.connection(context) else { return 0 }
            connection.hasHeardFrame = true
            let id = unsafe martlet_h2_frame_stream(frame)
            if unsafe martlet_h2_is_reset(frame) != 0 { connection.countReset() }
            if unsafe martlet_h2_is_request(frame) != 0 { connection.check(id) }
            if unsafe martlet_h2_is_end(frame) != 0 { connection.finish(id) }
            return 0
        }
        unsafe callbacks.data = { _, _, id, bytes, count, context in
            guard let connection = unsafe SessionCallbacks.connection(context) else { return 0 }
            unsafe connection.receive(id, UnsafeBufferPointer(start: bytes, count: count))
            return 0
        }
        unsafe callbacks.frame_sent = { _, frame, context in
            guard let connection = unsafe SessionCallbacks.connection(context), unsafe martlet_h2_is_end(frame) != 0
            else { return 0 }
            connection.streams[unsafe martlet_h2_frame_stream(frame)]?.phase = .answered
            return 0
        }
        unsafe callbacks.stream_closed = { _, id, _, context in
            guard let connection = unsafe SessionCallbacks.connection(context) else { return 0 }
            if let stream = connection.streams.removeValue(forKey: id) { connection.release(stream) }
            return 0
        }
        return callbacks
    }

    /// Gives the next part of an answer's body.
    static let fill: nghttp2_data_source_read_callback = { _, id, bytes, count, flags, _, context in
        guard let connection = unsafe SessionCallbacks.connection(context) else { return 0 }
        let part = unsafe connection.fill(id, UnsafeMutableBufferPointer(start: bytes, count: count))
        unsafe flags?.pointee = part.flags
        return part.count
    }

    private static func text(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> String {
        unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}
