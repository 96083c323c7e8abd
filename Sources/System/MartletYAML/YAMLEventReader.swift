import CYAML

// Safety: libyaml's parser reads the buffer given to `init`, which the caller keeps valid for the reader's life (it lives
// inside one `withUTF8`); the parser itself stands at an address of its own, freed in `deinit`; every event's texts are
// copied before the event is deleted.

/// libyaml's events, one after the other.
@safe
final class YAMLEventReader {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeBufferPointer<UInt8>

    init(_ text: UnsafeBufferPointer<UInt8>) {
        unsafe self.text = text
        unsafe parser = .allocate(capacity: 1)
        unsafe parser.initialize(to: yaml_parser_t())
        let started = unsafe yaml_parser_initialize(parser)
        precondition(started == 1, "libyaml has no memory")
        unsafe yaml_parser_set_input_string(parser, text.baseAddress, text.count)
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
    }

    /// The next event.
    func next() throws(YAMLError) -> YAMLEvent {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure }
        defer { unsafe yaml_event_delete(&event) }
        var result = unsafe YAMLEvent(kind: .streamStart, mark: Self.mark(event.start_mark))
        switch unsafe event.type {
        case YAML_STREAM_START_EVENT: result.kind = .streamStart
        case YAML_DOCUMENT_START_EVENT: result.kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: result.kind = .documentEnd
        case YAML_ALIAS_EVENT:
            result.kind = unsafe .alias(Self.string(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
            result.kind = unsafe .scalar(String(decoding: bytes, as: UTF8.self), isPlain: isPlain)
            result.anchor = unsafe Self.string(scalar.anchor)
            result.tag = unsafe Self.string(scalar.tag)
        case YAML_SEQUENCE_START_EVENT:
            result.kind = .sequenceStart
            result.anchor = unsafe Self.string(event.data.sequence_start.anchor)
            result.tag = unsafe Self.string(event.data.sequence_start.tag)
        case YAML_SEQUENCE_END_EVENT: result.kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            result.kind = .mappingStart
            result.anchor = unsafe Self.string(event.data.mapping_start.anchor)
            result.tag = unsafe Self.string(event.data.mapping_start.tag)
        case YAML_MAPPING_END_EVENT: result.kind = .mappingEnd
        default: result.kind = .streamEnd
        }
        return result
    }

    /// What libyaml says, with the beginning of the construct where it names one.
    private var failure: YAMLError {
        let state = unsafe parser.pointee
        let problem = unsafe state.problem.map { unsafe String(cString: $0) } ?? "out of memory"
        if unsafe state.error == YAML_READER_ERROR {
            return unsafe YAMLError(problem, at: mark(atByte: state.problem_offset))
        }
        guard let context = unsafe state.context.map({ unsafe String(cString: $0) }) else {
            return unsafe YAMLError(problem, at: Self.mark(state.problem_mark))
        }
        let begin = unsafe Self.mark(state.context_mark)
        return unsafe YAMLError("\(problem) \(context) that begins at \(begin)", at: Self.mark(state.problem_mark))
    }

    /// The place of a byte, which is all that libyaml tells of a character it refuses.
    private func mark(atByte offset: Int) -> YAMLMark {
        let before = unsafe text.prefix(offset)
        let newline = UInt8(ascii: "\n")
        let lineStart = unsafe before.lastIndex(of: newline).map { $0 + 1 } ?? 0
        let lines = unsafe before.count { $0 == newline }
        let characters = unsafe before[lineStart...].count { $0 & 0xC0 != 0x80 }
        return YAMLMark(line: lines + 1, column: characters + 1)
    }

    private static func mark(_ mark: yaml_mark_t) -> YAMLMark {
        YAMLMark(line: mark.line + 1, column: mark.column + 1)
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        unsafe text.map { unsafe String(cString: $0) }
    }
}
