public import MartletConfiguration
public import MartletPromQL

extension Server {
    /// What the command line says; it wins over the configuration file.
    public struct Options: Sendable {
        /// Where an additional listener is.
        public enum ListenChoice: Sendable, Equatable {
            /// Where the configuration says, or the usual address; there a taken port is only a warning.
            case standard
            /// Nowhere.
            case off
            /// At this address; a taken port is fatal.
            case address(ListenAddress)
        }

        /// The configuration file (`--config`), or `nil` for none.
        public var configurationFile: String?

        /// Where data is kept (`--data-dir`).
        public var dataDirectory = "martlet-data"

        /// The main listener (`--listen`), or `nil` for what the configuration says.
        public var listen: ListenAddress?

        /// The health listener (`--health-listen`).
        public var healthListen = ListenChoice.standard

        /// The listener for OTLP/HTTP (`--otlp-http-listen`), 127.0.0.1:4318 as a standard.
        public var otlpListen = ListenChoice.standard

        /// The listener for OTLP/gRPC (`--otlp-grpc-listen`), 127.0.0.1:4317 as a standard.
        public var grpcListen = ListenChoice.standard

        /// Whether addresses beyond loopback are allowed although nobody is asked who they are (`--insecure-listen`).
        public var allowsInsecureListen = false

        /// Whether the admin endpoints are served (`--enable-admin-api`).
        public var enablesAdminAPI = false

        /// Whether `POST /-/reload` and `/-/quit` are served (`--enable-lifecycle`).
        public var enablesLifecycle = false

        /// How browsers reach the server (`--external-url`), or `nil` for the main listener's address.
        public var externalURL: String?

        /// How long before a firing alert is told again to the groups of the receivers (`--alert-resend-delay`).
        public var alertResendDelay: Duration = .seconds(60)

        /// The parts of PromQL that are on beyond the stable language (`--enable-feature`).
        public var features: PromQLFeatures = []

        /// Whether what tells when its counting began gets a zero there (`--enable-feature`).
        public var storesZerosOfBeginnings = false

        /// The features that are on, by the names of Prometheus' flag.
        var featureNames: [String] {
            PromQLFeatures.names(of: features) + (storesZerosOfBeginnings ? ["created-timestamp-zero-ingestion"] : [])
        }

        /// From how long on a query is logged as slow (`--slow-query`).
        public var slowQuery: Duration = .seconds(1)

        /// Creates options with the defaults.
        public init() {}
    }
}
