public import MartletCore
import Synchronization

/// Thins out what one place of the program tells too often: the first so many of each second, then one in so many.
///
/// A record that is kept in place of others has their number as its weight, so that counts stay true on average. Errors and
/// records of sampled traces never come here. At most 4,096 places are told apart; of
/// further ones each record is taken for the first of its second.
public final class LogSampler: Sendable {
    /// How many records of a place are kept in each second before thinning begins.
    public let first: Int

    /// Of those after the first, one in so many is kept.
    public let thereafter: Int

    static let sitesMax = 4096

    private struct Site {
        var second: Int64
        var seen = 0
        // Goes on from second to second, so that the weights add up to what was told.
        var beyond = 0
    }

    private struct State {
        var sites: [CallSite: Site] = [:]
        var dropped: UInt64 = 0
    }

    private let timer: any MonotonicTimer
    private let state = Mutex(State())

    /// Creates a sampler.
    ///
    /// - Parameters:
    ///   - first: How many records of a place are kept in each second before thinning begins.
    ///   - thereafter: Of those after the first, one in so many is kept; at least 1.
    ///   - timer: Tells the seconds.
    public init(first: Int = 100, thereafter: Int = 100, timer: any MonotonicTimer = SystemTimer()) {
        self.first = max(0, first)
        self.thereafter = max(1, thereafter)
        self.timer = timer
    }

    /// How many records were sampled away since the start.
    public var dropped: UInt64 { state.withLock { $0.dropped } }

    /// What the next record of a place weighs, or `nil` for one that is sampled away.
    func weight(at place: CallSite) -> Int? {
        let second = timer.nanoseconds / 1_000_000_000
        return state.withLock { state in
            var site = state.sites[place] ?? Site(second: second)
            if site.second != second {
                site.second = second
                site.seen = 0
            }
            site.seen += 1
            if site.seen > first { site.beyond += 1 }
            if state.sites[place] != nil || state.sites.count < Self.sitesMax { state.sites[place] = site }
            if site.seen <= first { return 1 }
            if site.beyond % thereafter == 0 { return thereafter }
            state.dropped += 1
            return nil
        }
    }
}
