public import MartletSeries

/// A regular expression whose named groups take a text apart, `(?P<level>\w+) (?P<message>.*)`.
///
/// - SeeAlso: [RE2 syntax](https://github.com/google/re2/blob/2022-12-01/doc/syntax.txt)
public struct NamedExpression: Sendable {
    /// The names of the groups, in the order written.
    public let names: [String]

    private let expression: CompiledExpression
    private let numbers: [Int]

    /// Compiles an expression.
    ///
    /// - Parameters:
    ///   - source: The expression, in RE2's syntax.
    ///   - memoryMax: How many bytes it may take, compiled and while it matches.
    /// - Throws: ``MartletSeries/PatternError`` where it is malformed or too large.
    public init(_ source: String, memoryMax: Int = 4 << 20) throws(PatternError) {
        expression = try CompiledExpression(source, memoryMax: memoryMax)
        let written = NamedExpression.names(in: source)
        let compiled = expression
        names = written.filter { compiled.groupNumber(of: $0) != nil }
        numbers = names.compactMap { compiled.groupNumber(of: $0) }
    }

    /// The named groups of the first match; `nil` where nothing matches.
    ///
    /// - Parameter text: The bytes to look at; ranges are its indices.
    /// - Returns: The groups that took part, by the order of their names in the expression.
    /// - Complexity: O(*n*) in the bytes, whatever the expression.
    public func groups(in text: ArraySlice<UInt8>) -> [(name: String, range: Range<Int>)]? {
        let start = text.startIndex
        let match = unsafe text.withUnsafeBufferPointer { unsafe expression.match($0, from: 0, isWhole: false) }
        guard let match else { return nil }
        var groups: [(name: String, range: Range<Int>)] = []
        for (name, number) in zip(names, numbers) {
            guard number < match.count, let range = match[number] else { continue }
            groups.append((name, (range.lowerBound + start)..<(range.upperBound + start)))
        }
        return groups
    }

    private static func names(in source: String) -> [String] {
        var names: [String] = []
        var rest = Substring(source)
        while let place = rest.firstIndex(of: "(") {
            rest = rest[rest.index(after: place)...]
            guard rest.hasPrefix("?P<"), let end = rest.firstIndex(of: ">") else { continue }
            let name = String(rest[rest.index(rest.startIndex, offsetBy: 3)..<end])
            if !names.contains(name) { names.append(name) }
        }
        return names
    }
}
