import MartletSeries

/// A regular expression that RE2 runs, save for the simple shapes that need none.
final class RE2Pattern: Pattern {
    let source: String
    private let expression: CompiledExpression
    private let shape: SimpleShape?

    init(_ source: String, memoryMax: Int) throws(PatternError) {
        self.source = source
        expression = try CompiledExpression(source, memoryMax: memoryMax)
        shape = SimpleShape(source)
    }

    func matches(_ text: String) -> Bool {
        if let shape { return shape.matches(text) }
        var text = text
        return text.withUTF8 { unsafe expression.matchesWhole($0) }
    }

    func expand(_ template: String, in text: String) -> String? {
        var text = text
        return text.withUTF8 { bytes in
            guard let groups = unsafe expression.match(bytes, from: 0, isWhole: true) else { return nil }
            var output: [UInt8] = []
            unsafe Template(template).append(to: &output, from: bytes, groups: groups, numberOf: expression.groupNumber)
            return String(decoding: output, as: UTF8.self)
        }
    }

    func replaceAll(in text: String, with template: String) -> String {
        let template = Template(template)
        var text = text
        let output = text.withUTF8 { unsafe replaceAll(in: $0, with: template) }
        return String(decoding: output, as: UTF8.self)
    }

    private func replaceAll(in bytes: UnsafeBufferPointer<UInt8>, with template: Template) -> [UInt8] {
        var output: [UInt8] = []
        var copied = 0
        var start = 0
        var lastEnd: Int?
        while start <= bytes.count, let groups = unsafe expression.match(bytes, from: start, isWhole: false),
            let match = groups.first ?? nil
        {
            unsafe output.append(contentsOf: bytes[copied..<match.lowerBound])
            copied = match.lowerBound
            // An empty match right behind the last one is not a match of its own.
            if !match.isEmpty || match.lowerBound != lastEnd {
                unsafe template.append(to: &output, from: bytes, groups: groups, numberOf: expression.groupNumber)
                copied = match.upperBound
            }
            lastEnd = match.upperBound
            start = match.isEmpty ? unsafe nextCharacter(after: match.upperBound, in: bytes) : match.upperBound
        }
        unsafe output.append(contentsOf: bytes[copied...])
        return output
    }

    private func nextCharacter(after place: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var next = place + 1
        while unsafe next < bytes.count && bytes[next] & 0xC0 == 0x80 { next += 1 }
        return next
    }
}
