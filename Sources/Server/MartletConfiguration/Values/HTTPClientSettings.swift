/// How another server is asked: the keys that Prometheus calls `http_config`.
public struct HTTPClientSettings: Equatable, Sendable {
    /// Who asks.
    public enum Credentials: Equatable, Sendable {
        /// `basic_auth`: user and password.
        case basic(user: String, password: SecretSource?)
        /// `basic_auth` with `username_file`.
        case basicFromFile(userFile: String, password: SecretSource?)
        /// `authorization`, and `bearer_token` with the scheme `Bearer`.
        case authorization(scheme: String, credentials: SecretSource)
    }

    /// A header sent along.
    public struct Header: Equatable, Sendable {
        /// The field's name.
        public var name: String
        /// Its values, each sent as a field of its own.
        public var values: [SecretSource]
        /// Whether the values are shown in dumps.
        public var isSecret: Bool
    }

    /// Who asks; `nil` for nobody in particular.
    public var credentials: Credentials?

    /// How TLS connections are made.
    public var tls = TLSSettings()

    /// A proxy's address (`proxy_url`); it may hold a password.
    public var proxy: Secret?

    /// Whether redirects are followed (`follow_redirects`, default true).
    public var followsRedirects = true

    /// More header fields (`http_headers`).
    public var headers: [Header] = []

    /// Creates the defaults.
    public init() {}
}
