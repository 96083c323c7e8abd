import MartletCore

/// Which levels are on, for each part of a program: `info,scrape=debug,wasm_sandbox=off`.
///
/// A word alone is the level of everything that is not named; `target=level` is that of a target and of what is below it
/// (`http` holds for `http.client`, `http/client` and `http::client` too, not for `https`). The longest name that fits wins, and
/// of two that are the same the later.
public struct LogFilter: Sendable, Hashable {
    /// The level from which on records are made; `nil` for none at all.
    public var minimumLevel: LogLevel?

    /// The levels of single targets, in the order written.
    public private(set) var targets: [Target]

    /// The level of one target and what is below it.
    public struct Target: Sendable, Hashable {
        /// The target's name.
        public var name: String
        /// The level from which on it is heard; `nil` for never.
        public var minimumLevel: LogLevel?
    }

    /// Creates a filter.
    public init(_ minimumLevel: LogLevel? = .info, targets: [Target] = []) {
        self.minimumLevel = minimumLevel
        self.targets = targets
    }

    /// Reads a filter; empty parts are passed over, and an empty text means `info`.
    ///
    /// A target that stands alone is heard from `trace` on.
    ///
    /// - Parameter text: Such as `wasm_sandbox=info,my_app=debug`.
    /// - Throws: ``LogFilterError`` that names the part and what is known.
    public init(parsing text: some StringProtocol) throws(LogFilterError) {
        self.init()
        for part in text.split(separator: ",").map({ String($0.filter { $0 != " " && $0 != "\t" }) })
        where !part.isEmpty {
            guard let equals = part.firstIndex(of: "=") else {
                if let level = Self.level(part) {
                    minimumLevel = level
                } else if Self.isTarget(part), Suggestion.closest(to: part, among: Self.words) == nil {
                    targets.append(Target(name: part, minimumLevel: .trace))
                } else {
                    throw LogFilterError(part: part, unknown: part)
                }
                continue
            }
            let name = String(part[..<equals])
            let word = String(part[part.index(after: equals)...])
            guard Self.isTarget(name) else { throw LogFilterError(part: part, unknown: nil) }
            guard let level = Self.level(word) else { throw LogFilterError(part: part, unknown: word) }
            targets.append(Target(name: name, minimumLevel: level))
        }
        guard targets.count <= Self.targetsMax else { throw LogFilterError(part: "", unknown: nil) }
    }

    /// The filter of an environment: that of the first variable that is there and not empty.
    ///
    /// - Parameters:
    ///   - environment: The environment's variables.
    ///   - names: The variables to look for; `MARTLET_LOG` and then `RUST_LOG`.
    /// - Returns: The filter, or `nil` where no variable is set.
    /// - Throws: ``LogFilterError`` that names the part and what is known.
    public static func from(
        environment: [String: String],
        names: [String] = ["MARTLET_LOG", "RUST_LOG"]
    ) throws(LogFilterError) -> LogFilter? {
        for name in names {
            if let text = environment[name], !text.isEmpty { return try LogFilter(parsing: text) }
        }
        return nil
    }

    /// The level from which on a target is heard; `nil` for never.
    ///
    /// Linear in the number of targets named.
    public func minimumLevel(of target: String) -> LogLevel? {
        var best: Target?
        for candidate in targets where Self.covers(candidate.name, target) {
            if candidate.name.utf8.count >= best?.name.utf8.count ?? 0 { best = candidate }
        }
        return if let best { best.minimumLevel } else { minimumLevel }
    }

    static let targetsMax = 1000

    static let words = LogLevel.allCases.map(\.name) + ["off"]

    /// The level of a word, and none for `off`; `nil` for an unknown word.
    private static func level(_ word: String) -> LogLevel?? {
        if word.lowercased() == "off" { return .some(nil) }
        return LogLevel(name: word).map { .some($0) }
    }

    private static func isTarget(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x3a, 0x41...0x5a, 0x61...0x7a, 0x2d...0x2f, 0x5f: true
                default: byte >= 0x80
                }
            }
    }

    private static func covers(_ name: String, _ target: String) -> Bool {
        guard target.utf8.starts(with: name.utf8) else { return false }
        guard let next = target.utf8.dropFirst(name.utf8.count).first else { return true }
        return next == 0x2e || next == 0x2f || next == 0x3a
    }
}

extension LogFilter: CustomStringConvertible {
    /// The filter as ``init(parsing:)`` reads it.
    public var description: String {
        let rest = targets.map { "\($0.name)=\($0.minimumLevel?.name ?? "off")" }
        return ([minimumLevel?.name ?? "off"] + rest).joined(separator: ",")
    }
}
