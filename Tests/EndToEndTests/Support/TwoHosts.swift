import Foundation

/// Two hosts on one machine: network namespaces with a wire between them, removed with the object.
///
/// All addresses are inside the namespaces; the machine's own network is neither read nor changed.
final class TwoHosts: Sendable {
    /// The address of the first host on the wire.
    let first = "10.99.7.1"

    /// The address of the second host on the wire.
    let second = "10.99.7.2"

    private let names: [String]

    /// Whether this process may make namespaces and wires: seldom without being root.
    static let areAllowed = Tools.path(of: "ip") != nil && (try? TwoHosts()) != nil

    init() throws {
        TwoHosts.removeLeftovers()
        let names = ["a", "b"].map { "\(TwoHosts.prefix)\(getpid())-\(UUID().uuidString.prefix(8))-\($0)" }
        self.names = names
        let (one, other) = (names[0], names[1])
        let commands = [
            "netns add \(one)", "netns add \(other)",
            "link add wire netns \(one) type veth peer name wire netns \(other)",
            "-n \(one) address add \(first)/30 dev wire", "-n \(other) address add \(second)/30 dev wire",
            "-n \(one) link set wire up", "-n \(other) link set wire up",
            "-n \(one) link set lo up", "-n \(other) link set lo up",
        ]
        do {
            for command in commands {
                let outcome = try Tools.runHere("ip", command.split(separator: " ").map(String.init))
                guard outcome.status == 0 else { throw Problem("ip \(command): \(outcome.error)") }
            }
        } catch {
            TwoHosts.remove(names)
            throw error
        }
    }

    deinit {
        TwoHosts.remove(names)
    }

    /// Runs a program on a host, 0 or 1, to its end.
    func run(on host: Int, _ words: [String]) async throws -> Tools.Outcome {
        try await Tools.run("ip", ["netns", "exec", names[host]] + words)
    }

    /// Starts a program on a host, 0 or 1.
    func start(
        on host: Int,
        _ words: [String],
        environment: [String: String] = [:],
        in folder: Folder
    ) throws -> ChildProcess {
        // `ip` becomes the program, so that the process id is the program's.
        try ChildProcess(
            "ip",
            ["netns", "exec", names[host]] + words,
            environment: environment,
            directory: folder.url
        )
    }

    private static let prefix = "martlet-hosts-"

    private static func remove(_ names: [String]) {
        for name in names { _ = try? Tools.runHere("ip", ["netns", "del", name]) }
    }

    /// Removes what test processes left that were killed before they could tidy up.
    private static func removeLeftovers() {
        let list = (try? Tools.runHere("ip", ["netns", "list"]).output) ?? ""
        let names = list.split(separator: "\n").compactMap { $0.split(separator: " ").first }.map(String.init)
        remove(
            names.filter { name in
                guard name.hasPrefix(prefix), let owner = Int32(name.dropFirst(prefix.count).prefix { $0 != "-" })
                else { return false }
                return kill(owner, 0) != 0 && errno == ESRCH
            }
        )
    }
}
