/// How traces are kept: the `traces` section.
public struct TracesConfiguration: Hashable, Sendable {
    /// How long spans are kept (`retention`, default 7d).
    public var retention: Duration = .seconds(7 * 86_400)

    /// How many bytes traces may take before the oldest go (`max_bytes`); `nil` for 8 GiB.
    public var bytesMax: Int?

    /// Where Jaeger's clients may send datagrams as to an agent (`inputs.jaeger_agent_listen`, off unless named; usually
    /// 127.0.0.1:6831).
    public var jaegerAgentListen: ListenAddress?

    /// Creates the defaults.
    public init() {}
}
