/// What a summary says of the values it observed lately, and how exactly.
public struct SummarySettings: Hashable, Sendable {
    /// The shares of observations whose values are shown, such as 0.5 for the median; each from 0 through 1.
    public var quantiles: [Double]

    /// How far back observations count.
    ///
    /// The window slides in fifths, so that the oldest ones may be a fifth younger.
    public var window: Duration

    /// How far the rank of a shown value may be from the rank asked for, as a share of all observations.
    ///
    /// With 0.01, what is shown for 0.99 lies between the quantiles 0.98 and 1. Holds for up to 80 million observations a window.
    public var rankError: Double

    /// Creates settings.
    ///
    /// - Parameters:
    ///   - quantiles: The shares that are shown.
    ///   - window: How far back observations count.
    ///   - rankError: The highest error of a rank; from 0.001 through 0.1.
    public init(
        quantiles: [Double] = [0.5, 0.9, 0.95, 0.99],
        window: Duration = .seconds(600),
        rankError: Double = 0.01
    ) {
        self.quantiles = quantiles
        self.window = window
        self.rankError = rankError
    }

    /// The median and the 90th, 95th and 99th percentile of the last ten minutes, to 1 % of the rank.
    public static let standard = SummarySettings()

    /// Why these settings make no summary, or `nil` where they do.
    var problem: String? {
        if let share = quantiles.first(where: { !(0...1).contains($0) }) {
            return "the quantile \(share) is not in 0...1"
        }
        if quantiles.count > 32 { return "it has \(quantiles.count) quantiles, 32 are allowed" }
        if Set(quantiles).count != quantiles.count { return "a quantile comes twice" }
        if !(0.001...0.1).contains(rankError) { return "the rank error \(rankError) is not in 0.001...0.1" }
        return window < .seconds(1) ? "the window is shorter than a second" : nil
    }
}
