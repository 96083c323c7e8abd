/// How much a span may hold; what is over is left out and counted on the span.
///
/// The values that OpenTelemetry has too, and the variables that set them there are read by
/// ``TracerProvider``'s configuration in `MartletExport`.
public struct SpanLimits: Hashable, Sendable {
    /// How many attributes.
    public var attributes: Int

    /// How many events.
    public var events: Int

    /// How many links.
    public var links: Int

    /// How many attributes an event has.
    public var attributesPerEvent: Int

    /// How many attributes a link has.
    public var attributesPerLink: Int

    /// How many characters a text has; longer ones are cut, without a count.
    ///
    /// `nil` for any number.
    public var characters: Int?

    /// Creates limits.
    public init(
        attributes: Int = 128,
        events: Int = 128,
        links: Int = 128,
        attributesPerEvent: Int = 128,
        attributesPerLink: Int = 128,
        characters: Int? = nil
    ) {
        self.attributes = max(0, attributes)
        self.events = max(0, events)
        self.links = max(0, links)
        self.attributesPerEvent = max(0, attributesPerEvent)
        self.attributesPerLink = max(0, attributesPerLink)
        self.characters = characters.map { max(0, $0) }
    }
}
