import CRE2
import MartletSeries

// Safety: the pointer is made in `init`, freed once in `deinit`, and RE2's matching functions are const and documented
// as safe from several threads at once.

/// An expression compiled by RE2, owned.
@safe
final class CompiledExpression: @unchecked Sendable {
    private let handle: OpaquePointer

    /// How many groups the expression has, besides the whole match.
    let groupCount: Int

    init(_ source: String, memoryMax: Int) throws(PatternError) {
        var message = [CChar](repeating: 0, count: 512)
        var source = source
        let made = source.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { text in
                unsafe martlet_re2_compile(text.baseAddress, text.count, Int64(memoryMax), &message, message.count)
            }
        }
        guard let made = unsafe made else {
            let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw PatternError(source: source, description: String(decoding: bytes, as: UTF8.self))
        }
        unsafe handle = made
        groupCount = unsafe Int(martlet_re2_group_count(made))
    }

    deinit {
        unsafe martlet_re2_free(handle)
    }

    /// Whether the whole text matches.
    func matchesWhole(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        unsafe text.withMemoryRebound(to: CChar.self) { text in
            unsafe martlet_re2_match(handle, text.baseAddress, text.count, 0, true, nil, 0)
        }
    }

    /// The spans of the match and its groups: of the whole text, or of the leftmost match from `start` on.
    func match(_ text: UnsafeBufferPointer<UInt8>, from start: Int, isWhole: Bool) -> [Range<Int>?]? {
        let count = groupCount + 1
        var spans = [martlet_re2_span](repeating: martlet_re2_span(start: -1, end: -1), count: count)
        let isMatch = unsafe text.withMemoryRebound(to: CChar.self) { text in
            unsafe martlet_re2_match(handle, text.baseAddress, text.count, start, isWhole, &spans, Int32(count))
        }
        guard isMatch else { return nil }
        return spans.map { $0.start < 0 ? nil : $0.start..<$0.end }
    }

    /// The number of a named group.
    func groupNumber(of name: String) -> Int? {
        var name = name
        let number = name.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { text in
                unsafe martlet_re2_group_number(handle, text.baseAddress, text.count)
            }
        }
        return number < 0 ? nil : Int(number)
    }
}
