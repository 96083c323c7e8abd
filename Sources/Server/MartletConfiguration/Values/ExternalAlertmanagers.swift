/// Other Alertmanagers that are told every alert: Prometheus' `alerting`.
public struct ExternalAlertmanagers: Sendable, Equatable {
    /// Alertmanagers that are asked alike.
    public struct Group: Sendable, Equatable {
        /// `http` or `https`.
        public var scheme = "http"
        /// What stands before `/api/v2/alerts`.
        public var pathPrefix = ""
        /// How long one attempt may take.
        public var timeout: Duration = .seconds(10)
        /// How HTTP is spoken.
        public var http = HTTPClientSettings()
        /// The addresses, `host:port`, that stand in the file.
        public var targets: [String] = []
        /// Files that list more addresses.
        public var files: [FileDiscovery] = []
        /// What is changed about the addresses, or leaves them out.
        public var relabelRules: [RelabelRule] = []
        /// What is changed about the alerts, or leaves them out, for this group alone.
        public var alertRelabelRules: [RelabelRule] = []

        /// Creates a group without addresses.
        public init() {}
    }

    /// The groups.
    public var groups: [Group] = []

    /// What is changed about all alerts, or leaves them out (`alert_relabel_configs`).
    public var alertRelabelRules: [RelabelRule] = []

    /// Creates a set without Alertmanagers.
    public init() {}
}

/// A template file's content.
public struct TemplateFile: Sendable, Equatable {
    /// The file.
    public var name: String

    /// Its text.
    public var text: String

    /// Creates a file.
    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}
