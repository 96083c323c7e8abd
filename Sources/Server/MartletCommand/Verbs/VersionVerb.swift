import MartletServer

/// `martlet version`.
enum VersionVerb: Verb {
    static let syntax = Syntax(words: ["version"], summary: "Print the version.")

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        Terminal.print("martlet \(Version.current) (PromQL of Prometheus \(Version.promQL), Swift \(Version.swift))\n")
        return .success
    }
}
