import CMartletCells
import MartletCore

/// Which series of a family did not change for long, and what becomes of their cells.
///
/// A cell that is given up cannot be cleared: other threads may own the parts of it. It rests as long as the expiry, so
/// that a call which found it just before is over, and then starts again from what it says by then.
struct SeriesExpiry {
    /// What a cell said when it was given to a new series.
    struct Base {
        var counts: [UInt64]
        var sum: Double
    }

    var bases: [UInt32: Base] = [:]
    private var resting: [(cell: UInt32, since: Int64)] = []
    private var free: [UInt32] = []
    private var lastSeen: [UInt32: (digest: UInt64, at: Int64)] = [:]
    private var lastSweep: Int64 = .min

    /// A cell that rested long enough; `nil` where there is none.
    mutating func takeCell(of instrument: Instrument) -> UInt32? {
        guard let cell = free.popLast() else { return nil }
        bases[cell] = instrument.base(at: cell)
        return cell
    }

    /// Finds the children that did not change for as long as the expiry, and removes them.
    ///
    /// - Returns: The cells of those removed.
    /// - Complexity: O(*s* · *t*) for *s* series and *t* threads, at most four times an expiry.
    mutating func sweep(_ instrument: Instrument, _ family: OpaquePointer, after expiry: Int64, now: Int64) -> [UInt32]
    {
        guard lastSweep == .min || now - lastSweep >= expiry / 4 else { return [] }
        lastSweep = now
        let rested = resting.filter { now - $0.since >= expiry }
        resting.removeAll { now - $0.since >= expiry }
        free += rested.map(\.cell)
        var gone: [UInt32] = []
        var place = unsafe Int(martlet_family_count(family)) - 1
        while place >= 0 {
            let cell = unsafe martlet_family_cells(family)[place]
            let digest = instrument.digest(at: cell)
            if let seen = lastSeen[cell], seen.digest == digest {
                if now - seen.at >= expiry {
                    unsafe martlet_family_remove(family, UInt32(place))
                    lastSeen[cell] = nil
                    resting.append((cell, now))
                    gone.append(cell)
                }
            } else {
                lastSeen[cell] = (digest, now)
            }
            place -= 1
        }
        return gone
    }
}
