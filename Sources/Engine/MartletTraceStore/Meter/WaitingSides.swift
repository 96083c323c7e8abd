/// Sides of calls that wait for the other, by the id of the span that both name.
///
/// A table of lines with four places each, the latest first: what waits longest gives way to what comes. An id has one
/// line, so that a span costs one look at memory whether it waits or finds what it waits for. Calls that only differ in how
/// long they took wait in one place.
struct WaitingSides: Sendable {
    /// One side of a call.
    struct Side: Sendable {
        var service: UInt32
        var isFailed: Bool
        var nanoseconds: Int64
    }

    /// Calls whose sides met.
    struct Match: Sendable {
        var client: UInt32
        var server: UInt32
        var isFailed: Bool
        var calls: Int
        var seconds: Double
    }

    private struct Place: Sendable {
        /// The id, 0 for nothing.
        var key: UInt64 = 0
        var seconds = 0.0
        var service: UInt32 = 0
        /// How many calls wait here; 0 for a client, which stays for more that it may have called.
        var calls: UInt32 = 0
        var isFailed = false
    }

    /// How many lines there are, which is 32,768 calls; a power of two.
    private static let lineCount = 1 << 13
    private static let ways = 4

    private var places: [Place] = []
    private let seed = UInt64.random(in: .min ... .max)

    /// How many calls were forgotten before their other side came.
    private(set) var forgotten = 0

    /// Takes what waits for a client, which then waits for more, as a producer may have several consumers.
    mutating func addClient(_ id: UInt64, _ side: Side, _ met: inout [Match]) {
        let first = firstPlace(id)
        var places = places.mutableSpan
        var free = Self.ways - 1
        for way in 0..<Self.ways {
            let place = places[first + way]
            guard place.key == id else {
                if place.key == 0 { free = min(free, way) }
                continue
            }
            if place.calls > 0 {
                met.append(
                    Match(
                        client: side.service,
                        server: place.service,
                        isFailed: side.isFailed || place.isFailed,
                        calls: Int(place.calls),
                        seconds: place.seconds
                    )
                )
            }
            // What is taken out, or a client with the same id, leaves its place.
            places[first + way] = Place()
            free = min(free, way)
        }
        let lost = Int(places[first + free].calls)
        Self.put(
            Place(key: id, service: side.service, isFailed: side.isFailed),
            at: first,
            free: free,
            &places
        )
        forgotten += lost
    }

    /// Meets the client that a server's parent is, or waits for it.
    mutating func addServer(_ parent: UInt64, _ side: Side, _ met: inout [Match]) {
        let first = firstPlace(parent)
        let seconds = Double(side.nanoseconds) / 1e9
        var places = places.mutableSpan
        var free = Self.ways - 1
        var alike: Int?
        for way in 0..<Self.ways {
            let place = places[first + way]
            guard place.key == parent else {
                if place.key == 0 { free = min(free, way) }
                continue
            }
            if place.calls == 0 {
                met.append(
                    Match(
                        client: place.service,
                        server: side.service,
                        isFailed: place.isFailed || side.isFailed,
                        calls: 1,
                        seconds: seconds
                    )
                )
                return
            }
            if place.service == side.service, place.isFailed == side.isFailed, place.calls < .max { alike = way }
        }
        if let alike {
            places[first + alike].calls += 1
            places[first + alike].seconds += seconds
            return
        }
        let lost = Int(places[first + free].calls)
        Self.put(
            Place(key: parent, seconds: seconds, service: side.service, calls: 1, isFailed: side.isFailed),
            at: first,
            free: free,
            &places
        )
        forgotten += lost
    }

    /// Puts what is latest first; those in front of the free place move behind it.
    @inline(__always)
    private static func put(_ place: Place, at first: Int, free: Int, _ places: inout MutableSpan<Place>) {
        var way = free
        while way > 0 {
            places[first + way] = places[first + way - 1]
            way -= 1
        }
        places[first] = place
    }

    /// Where an id's line begins; the seed keeps senders from planning collisions.
    @inline(__always)
    private mutating func firstPlace(_ id: UInt64) -> Int {
        if places.isEmpty { places = [Place](repeating: Place(), count: Self.lineCount * Self.ways) }
        return Int(truncatingIfNeeded: TextTable.mix(id ^ seed)) & (Self.lineCount - 1) &* Self.ways
    }
}
