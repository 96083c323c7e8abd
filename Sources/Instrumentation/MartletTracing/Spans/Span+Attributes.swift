public import CMartletSpans
public import MartletCore

extension Span {
    /// Notes a text under a key.
    ///
    /// An attribute that has the key already is replaced.
    ///
    /// - Parameters:
    ///   - key: The key, such as `http.request.method`.
    ///   - value: The text.
    @inlinable
    @inline(__always)
    public mutating func setAttribute(_ key: StaticString, _ value: String) {
        guard unsafe raw.tracer != nil else { return }
        addText(key, value)
    }

    @inlinable
    @inline(__always)
    mutating func addText(_ key: StaticString, _ value: String) {
        guard key.hasPointerRepresentation, hasRoom else { return addLarge(key, .string(value)) }
        let text = value.utf8Span.span
        let isAdded = unsafe text.withUnsafeBufferPointer {
            unsafe martlet_span_add_text(
                &raw,
                MARTLET_SPAN_TEXT,
                key.utf8Start,
                UInt32(truncatingIfNeeded: key.utf8CodeUnitCount),
                $0.baseAddress,
                UInt64(truncatingIfNeeded: $0.count)
            )
        }
        if !isAdded { addLarge(key, .string(value)) }
    }

    /// Notes a whole number under a key.
    ///
    /// - Parameters:
    ///   - key: The key, such as `http.response.status_code`.
    ///   - value: The number.
    @inlinable
    @inline(__always)
    public mutating func setAttribute(_ key: StaticString, _ value: Int) {
        setWord(key, MARTLET_SPAN_INT, UInt64(bitPattern: Int64(value)))
    }

    /// Notes a number under a key.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The number.
    @inlinable
    @inline(__always)
    public mutating func setAttribute(_ key: StaticString, _ value: Double) {
        setWord(key, MARTLET_SPAN_DOUBLE, value.bitPattern)
    }

    /// Notes yes or no under a key.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: Yes or no.
    @inlinable
    @inline(__always)
    public mutating func setAttribute(_ key: StaticString, _ value: Bool) {
        setWord(key, MARTLET_SPAN_BOOL, value ? 1 : 0)
    }

    @inlinable
    @inline(__always)
    mutating func setWord(_ key: StaticString, _ type: UInt32, _ word: UInt64) {
        guard unsafe raw.tracer != nil else { return }
        if key.hasPointerRepresentation, hasRoom,
            unsafe martlet_span_add_word(
                &raw,
                type,
                key.utf8Start,
                UInt32(truncatingIfNeeded: key.utf8CodeUnitCount),
                word
            )
        {
            return
        }
        addLarge(key, type, word)
    }

    @usableFromInline
    @inline(never)
    mutating func addLarge(_ key: StaticString, _ type: UInt32, _ word: UInt64) {
        switch type {
        case MARTLET_SPAN_INT: addLarge(key, .int(Int64(bitPattern: word)))
        case MARTLET_SPAN_BOOL: addLarge(key, .bool(word != 0))
        default: addLarge(key, .double(Double(bitPattern: word)))
        }
    }

    /// Notes any value under a key.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The value.
    public mutating func setAttribute(_ key: StaticString, _ value: AttributeValue) {
        guard isRecording else { return }
        switch value {
        case .string(let text): setAttribute(key, text)
        case .int(let number): setAttribute(key, Int(number))
        case .double(let number): setAttribute(key, number)
        case .bool(let flag): setAttribute(key, flag)
        case .bytes, .array, .map, .empty: addLarge(key, value)
        }
    }

    /// Notes a value under a key that is made up at run time, which costs an allocation.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The value.
    public mutating func setAttribute(named key: String, _ value: AttributeValue) {
        guard isRecording else { return }
        add(Attribute(key, value))
    }

    /// Notes a text under a key that is made up at run time, which costs an allocation.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The text.
    public mutating func setAttribute(named key: String, _ value: String) {
        guard isRecording else { return }
        add(Attribute(key, .string(value)))
    }

    /// Notes all of some attributes, which costs an allocation.
    public mutating func setAttributes(_ attributes: [Attribute]) {
        guard isRecording else { return }
        for attribute in attributes { add(attribute) }
    }

    @inlinable
    var hasRoom: Bool {
        @inline(__always) get {
            guard let tracer = unsafe raw.tracer else { return false }
            return unsafe raw.attributes < tracer.pointee.attributes_max
        }
    }

    @usableFromInline
    @inline(never)
    mutating func addLarge(_ key: StaticString, _ value: AttributeValue) {
        add(Attribute("\(key)", value))
    }

    private mutating func add(_ attribute: Attribute) {
        let extras = unsafe SpanExtras.of(&raw)
        if let place = extras.attributes.firstIndex(where: { $0.key == attribute.key }) {
            extras.attributes[place].value = attribute.value
        } else if hasRoom {
            extras.attributes.append(attribute)
            unsafe raw.attributes += 1
        } else {
            unsafe raw.dropped += 1
        }
    }
}
