public import MartletSeries
import Synchronization

/// Compiles regular expressions with RE2 and keeps those used lately.
///
/// - SeeAlso: [RE2 syntax](https://github.com/google/re2/blob/2022-12-01/doc/syntax.txt)
public final class RE2Patterns: PatternCompiler {
    /// Two generations: when the younger is full it becomes the older, whose unused half is forgotten.
    ///
    /// That is nearly "least recently used" at the price of a dictionary.
    private struct Cache {
        var young: [String: RE2Pattern] = [:]
        var old: [String: RE2Pattern] = [:]
    }

    private let cache = Mutex(Cache())
    private let generationSize: Int
    private let memoryMax: Int
    private let sourceBytesMax: Int

    /// Creates a compiler with an empty cache.
    ///
    /// - Parameters:
    ///   - cacheSize: How many compiled expressions to keep; 0 keeps none.
    ///   - memoryMax: How many bytes one expression may take, compiled and while it matches; a larger one is refused,
    ///     and matching falls back to a slower method that needs less.
    ///   - sourceBytesMax: How long an expression may be, in bytes.
    public init(cacheSize: Int = 256, memoryMax: Int = 4 << 20, sourceBytesMax: Int = 256 << 10) {
        generationSize = cacheSize / 2
        self.memoryMax = memoryMax
        self.sourceBytesMax = sourceBytesMax
    }

    /// The compiled expression, from the cache where it is there.
    ///
    /// Compiles outside the lock, so that a large expression delays nobody else.
    ///
    /// - Throws: ``PatternError`` with RE2's words.
    public func compile(_ source: String) throws(PatternError) -> any Pattern {
        guard source.utf8.count <= sourceBytesMax else {
            throw PatternError(
                source: String(source.prefix(80)),
                description: "expression has \(source.utf8.count) bytes, more than the limit of \(sourceBytesMax)"
            )
        }
        if let known = lookUp(source) { return known }
        let pattern = try RE2Pattern(source, memoryMax: memoryMax)
        remember(pattern)
        return pattern
    }

    /// How many compiled expressions are kept.
    public var cachedCount: Int {
        cache.withLock { $0.young.count + $0.old.count }
    }

    private func lookUp(_ source: String) -> RE2Pattern? {
        let found = cache.withLock { ($0.young[source], $0.old[source]) }
        // A dictionary takes canonically equivalent texts for one key; RE2 tells them apart.
        if let pattern = found.0, pattern.source.utf8.elementsEqual(source.utf8) { return pattern }
        guard let pattern = found.1, pattern.source.utf8.elementsEqual(source.utf8) else { return nil }
        remember(pattern)
        return pattern
    }

    private func remember(_ pattern: RE2Pattern) {
        guard generationSize > 0 else { return }
        cache.withLock { cache in
            if cache.young.count >= generationSize {
                cache.old = cache.young
                cache.young = [:]
            }
            cache.old[pattern.source] = nil
            cache.young[pattern.source] = pattern
        }
    }
}
