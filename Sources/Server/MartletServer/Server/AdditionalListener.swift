import MartletConfiguration

/// What the command line and the configuration say of a listener that the server can do without.
struct AdditionalListener: Sendable {
    /// What people call it, such as "the health listener".
    let title: String

    /// The option that names its address.
    let option: String

    /// What the command line says; it wins.
    let choice: Server.Options.ListenChoice

    /// What the configuration says, or the usual address.
    let configured: ListenAddress?

    /// Whether the configuration says it.
    let isConfigured: Bool

    /// Where it is to listen; `nil` when it is off.
    var address: ListenAddress? {
        switch choice {
        case .off: nil
        case .address(let named): named
        case .standard: configured
        }
    }

    /// Whether the user named the address, so that it is an error when nothing can listen there.
    var isNamed: Bool { choice == .standard ? isConfigured : true }
}
