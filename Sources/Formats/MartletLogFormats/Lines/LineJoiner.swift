/// Joins lines that belong together, such as an exception and its stack, into one record each.
///
/// Without an expression a line continues the one before when it is indented, or begins like the later parts of the
/// stacks of Java, Python, Go and Swift. With one, a line begins a record when the expression matches. How long to wait for
/// more of a record is the caller's matter: ``flush()`` ends it.
public struct LineJoiner: Sendable {
    private let start: (any LinePattern)?
    private let linesMax: Int
    private let bytesMax: Int
    private var lines = 0
    private var held = LineFramer.Line(bytes: [], cutBytes: 0)
    private var isInTraceback = false
    private var hadTraceback = false
    private var isInPanic = false

    /// Creates a joiner.
    ///
    /// - Parameters:
    ///   - start: Matches the first line of each record; `nil` for the rules of common stacks.
    ///   - limits: How many lines and bytes a record may have.
    public init(start: (any LinePattern)? = nil, limits: LogInputLimits = LogInputLimits()) {
        self.start = start
        linesMax = limits.joinedLines
        bytesMax = limits.lineBytes
    }

    /// Whether lines are held that may still get more.
    public var isHolding: Bool { lines > 0 }

    /// Takes a line in; gives the record before it where that is complete now.
    public mutating func take(_ line: LineFramer.Line) -> LineFramer.Line? {
        guard lines > 0, lines < linesMax, continues(line.bytes) else {
            let finished = flush()
            begin(line)
            return finished
        }
        lines += 1
        let room = max(0, bytesMax - held.bytes.count)
        held.bytes += ([0x0a] + line.bytes).prefix(room)
        held.cutBytes += max(0, line.bytes.count + 1 - room) + line.cutBytes
        return nil
    }

    /// Ends the record that is held; `nil` where there is none.
    public mutating func flush() -> LineFramer.Line? {
        guard lines > 0 else { return nil }
        var finished = held
        while finished.bytes.last == 0x0a { finished.bytes.removeLast() }
        (lines, held) = (0, LineFramer.Line(bytes: [], cutBytes: 0))
        (isInTraceback, hadTraceback, isInPanic) = (false, false, false)
        return finished
    }

    private mutating func begin(_ line: LineFramer.Line) {
        (lines, held) = (1, line)
        isInTraceback = line.bytes.contains(text: "Traceback (most recent call last):")
        hadTraceback = isInTraceback
        isInPanic = line.bytes.starts(with: "panic: ".utf8) || line.bytes.starts(with: "fatal error: ".utf8)
    }

    private mutating func continues(_ line: [UInt8]) -> Bool {
        if let start { return start.groups(in: line[...]) == nil }
        // A stack of Go goes on to its end, which only the next ordinary line tells.
        if isInPanic { return line.isEmpty || Self.isPartOfPanic(line) }
        guard let first = line.first else { return hadTraceback }
        if first == 0x20 || first == 0x09 { return true }
        if isInTraceback {
            // The line that names the exception ends its traceback; another may be told of behind it.
            if Self.chains.contains(where: { line.starts(with: $0.utf8) }) { return true }
            defer { isInTraceback = false }
            return Self.namesException(line)
        }
        if hadTraceback, Self.chains.contains(where: { line.starts(with: $0.utf8) }) {
            isInTraceback = true
            return true
        }
        return Self.continuations.contains { line.starts(with: $0.utf8) }
    }

    /// What Python writes between two exceptions.
    private static let chains = ["Traceback ", "During handling ", "The above exception "]

    private static let continuations = ["Caused by: ", "Suppressed: ", "... ", "Backtrace:", "Thread "]

    private static func isPartOfPanic(_ line: [UInt8]) -> Bool {
        if line.first == 0x09 || line.starts(with: "goroutine ".utf8) || line.starts(with: "[signal ".utf8) {
            return true
        }
        if line.starts(with: "created by ".utf8) || line.starts(with: "exit status ".utf8) { return true }
        // `main.run(0x1, ...)`: a path with a dot, then an opening parenthesis, and a closing one at the end.
        guard line.last == 0x29, let parenthesis = line.firstIndex(of: 0x28) else { return false }
        let path = line[..<parenthesis]
        return path.contains(0x2e) && !path.contains(0x20)
    }

    /// `package.Name: words`, or a name alone, which begins with a capital as exceptions' do.
    private static func namesException(_ line: [UInt8]) -> Bool {
        let name = line.prefix { $0 != 0x3a }
        let last = name.split(separator: 0x2e).last ?? []
        return (0x41...0x5a).contains(last.first ?? 0)
            && name.allSatisfy { byte in
                byte == 0x2e || byte == 0x5f || (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte & 0xdf)
            }
    }
}

extension RandomAccessCollection<UInt8> {
    /// Whether a text stands anywhere in the bytes.
    func contains(text: StaticString) -> Bool {
        let wanted = Array(String(describing: text).utf8)
        guard let first = wanted.first, count >= wanted.count else { return false }
        var rest = self[...]
        while let place = rest.firstIndex(of: first) {
            if rest[place...].starts(with: wanted) { return true }
            rest = rest[rest.index(after: place)...]
        }
        return false
    }
}
