/// How a TLS connection to another server is made: a `tls_config`.
public struct TLSSettings: Hashable, Sendable {
    /// A PEM file of authorities (`ca_file`); `nil` for the system's.
    public var authorityFile: String?

    /// The client's certificate (`cert_file`).
    public var certificateFile: String?

    /// The client's key (`key_file`).
    public var keyFile: String?

    /// The name the server's certificate must have (`server_name`).
    public var serverName: String?

    /// Whether any certificate is accepted (`insecure_skip_verify`).
    public var acceptsAnyCertificate = false

    /// Creates the defaults.
    public init() {}
}
