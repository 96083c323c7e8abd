import CMicrohttpd

// Safety: names and values are copied during the call that lends them. Their addresses are compared as numbers only.

/// Copies a request's header fields and finds what libmicrohttpd has already smoothed over.
///
/// libmicrohttpd leaves the fields where they arrived, each line's end replaced by zero bytes, but copies the value of a
/// folded field elsewhere and cuts a value at a zero byte. So in an honest header every name, value and next name
/// follow one another with nothing but a colon, blanks and a line's end between.
@safe
final class HeaderCollector {
    private var fields: [(name: String, value: String)] = []
    private var isIntact = true
    private var previousEnd: UnsafePointer<CChar>?

    static func fields(of connection: OpaquePointer) throws(Refusal) -> [(name: String, value: String)] {
        let collector = HeaderCollector()
        let context = unsafe Unmanaged.passUnretained(collector).toOpaque()
        unsafe MHD_get_connection_values_n(
            connection,
            MHD_ValueKind.HEADER_KIND,
            { context, _, name, nameSize, value, valueSize in
                guard let context = unsafe context, let name = unsafe name else { return MHD_Result.YES }
                let collector = unsafe Unmanaged<HeaderCollector>.fromOpaque(context).takeUnretainedValue()
                unsafe collector.add(
                    UnsafeBufferPointer(start: name, count: nameSize),
                    UnsafeBufferPointer(start: value, count: valueSize)
                )
                return MHD_Result.YES
            },
            context
        )
        collector.checkEnd()
        guard collector.isIntact else {
            throw .ambiguous("a header line is folded, nameless, holds a zero byte or ends without carriage return")
        }
        return collector.fields
    }

    private func add(_ name: UnsafeBufferPointer<CChar>, _ value: UnsafeBufferPointer<CChar>) {
        // Blanks around a value are no part of it; libmicrohttpd leaves those at the end.
        let text = unsafe Self.text(value)
        let kept = text.utf8.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { text[...$0] } ?? ""
        unsafe fields.append((Self.text(name), String(kept)))
        guard let nameStart = name.baseAddress, let valueStart = value.baseAddress else { return }
        if let end = unsafe previousEnd {
            let gap = unsafe Self.distance(from: end, to: nameStart)
            if gap != 2 { isIntact = false }
        }
        let nameEnd = unsafe nameStart + name.count
        let gap = unsafe Self.distance(from: nameEnd, to: valueStart)
        if gap < 1 || gap > 256 {
            isIntact = false
        } else {
            for offset in 1..<gap where unsafe nameEnd[offset] != 0x20 && nameEnd[offset] != 0x09 { isIntact = false }
        }
        unsafe previousEnd = valueStart + value.count
    }

    /// After the last value stand the zero bytes of its line's end and of the blank line's.
    private func checkEnd() {
        guard isIntact, let end = unsafe previousEnd else { return }
        for offset in 0..<4 where unsafe end[offset] != 0 { isIntact = false }
    }

    private static func distance(from start: UnsafePointer<CChar>, to end: UnsafePointer<CChar>) -> Int {
        Int(bitPattern: end) &- Int(bitPattern: start)
    }

    /// The request line's parts stand one blank apart, too, unless it holds a zero byte or more blanks.
    static func isIntactRequestLine(
        method: UnsafePointer<CChar>,
        uriStart: UInt,
        uriCount: Int,
        version: UnsafePointer<CChar>
    )
        -> Bool
    {
        let methodEnd = UInt(bitPattern: method) + UInt(unsafe strlen(method))
        return methodEnd + 1 == uriStart && uriStart + UInt(uriCount) + 1 == UInt(bitPattern: version)
    }

    private static func text(_ bytes: UnsafeBufferPointer<CChar>) -> String {
        unsafe String(decoding: UnsafeRawBufferPointer(bytes), as: UTF8.self)
    }
}
