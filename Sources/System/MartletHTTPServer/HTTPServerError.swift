/// Why a server cannot start.
public enum HTTPServerError: Error, Hashable, CustomStringConvertible {
    /// Somebody else listens on the port: the process' name and number, where the system tells.
    case portTaken(host: String, port: Int, processName: String?)
    /// The address cannot be listened on; the message says why.
    case cannotListen(host: String, port: Int, reason: String)
    /// The certificate or its key cannot be used.
    case badCertificate(String)
    /// The listener's threads cannot be started.
    case cannotStart(String)

    /// The message, for people.
    public var description: String {
        switch self {
        case .portTaken(let host, let port, let processName):
            "cannot listen on \(Self.address(host, port)): the port is taken"
                + (processName.map { " by \($0)" } ?? "") + "; stop it or choose another port"
        case .cannotListen(let host, let port, let reason): "cannot listen on \(Self.address(host, port)): \(reason)"
        case .badCertificate(let message), .cannotStart(let message): message
        }
    }

    private static func address(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
