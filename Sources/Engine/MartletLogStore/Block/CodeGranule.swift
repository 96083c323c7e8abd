// The codes of a granule's messages, in the order of the messages. Those below 256, which are the most frequent, take one
// byte, the others two or three; a bit for each code says which. All short ones stand one after the other, and so do the
// lowest bytes of the long ones, so that a search reads the bytes of one kind only. Where a code is among all follows from
// the bits; every 512 codes the number of short ones before is stored.
//
// Safety: the memory belongs to the `MessageCodes` that made the value, which checked its size; places are compared with
// the counts before every load, because the bits may be damaged.

/// A granule's codes, for as long as the `MessageCodes` that it is from reads no other.
@safe
struct CodeGranule {
    /// After how many codes the number of short ones is stored.
    static let markStep = 512

    /// The first code that takes more than one byte.
    static let firstLong = 256

    /// A code's place, and how many short ones are before it.
    struct Place {
        var place: Int
        var shorts: Int
    }

    /// How many codes there are.
    let count: Int
    let longCount: Int
    var shortCount: Int { count - longCount }

    /// Numbers of short codes before every 512, then a bit a code, set for long ones.
    let marks: UnsafeRawPointer

    /// The short codes; `nil` where nobody asked for them.
    var short: UnsafeRawPointer?

    /// The bytes of long codes, the lowest first; `nil` where nobody asked for them.
    var low: UnsafeRawPointer?
    var high: UnsafeRawPointer?

    /// `nil` in blocks whose codes have two bytes at most, too.
    var top: UnsafeRawPointer?

    static func markCount(_ count: Int) -> Int { (count + markStep - 1) / markStep }
    static func wordCount(_ count: Int) -> Int { (count + 63) / 64 }

    /// The bytes of marks and bits.
    static func headSize(_ count: Int) -> Int { 4 * markCount(count) + 8 * wordCount(count) }

    @inline(__always)
    private func mark(_ index: Int) -> Int {
        unsafe Int(marks.loadUnaligned(fromByteOffset: 4 &* index, as: UInt32.self))
    }

    /// The bits of sixty-four codes.
    @inline(__always)
    private func bits(_ word: Int) -> UInt64 {
        unsafe marks.loadUnaligned(fromByteOffset: 4 &* Self.markCount(count) &+ 8 &* word, as: UInt64.self)
    }

    @inline(__always)
    private func isLong(_ place: Int) -> Bool { bits(place >> 6) >> UInt64(place & 63) & 1 != 0 }

    // MARK: One code after the other

    /// The code at a place: -1 where it is one of those that nobody asked for, or the bits are damaged.
    @inline(__always)
    func code(_ at: Place) -> Int {
        guard isLong(at.place) else {
            guard let short = unsafe short, at.shorts < shortCount else { return -1 }
            return unsafe Int(short.load(fromByteOffset: at.shorts, as: UInt8.self))
        }
        let own = at.place &- at.shorts
        guard let low = unsafe low, let high = unsafe high, own >= 0, own < longCount else { return -1 }
        let code =
            unsafe Int(low.load(fromByteOffset: own, as: UInt8.self))
            | Int(high.load(fromByteOffset: own, as: UInt8.self)) << 8
        guard let top = unsafe top else { return code }
        return unsafe code | Int(top.load(fromByteOffset: own, as: UInt8.self)) << 16
    }

    /// The place behind another.
    @inline(__always)
    func next(_ at: Place) -> Place {
        Place(place: at.place &+ 1, shorts: isLong(at.place) ? at.shorts : at.shorts &+ 1)
    }

    /// The place before another, which is not the first.
    @inline(__always)
    func previous(_ at: Place) -> Place {
        Place(place: at.place &- 1, shorts: isLong(at.place &- 1) ? at.shorts : max(0, at.shorts &- 1))
    }

    /// A place, by its number from 0 through ``count``.
    func place(_ place: Int) -> Place {
        precondition(place >= 0 && place <= count)
        guard place > 0 else { return Place(place: 0, shorts: 0) }
        let block = min(place / Self.markStep, Self.markCount(count) - 1)
        var shorts = mark(block)
        var word = block * (Self.markStep / 64)
        while word < place >> 6 {
            shorts += 64 - bits(word).nonzeroBitCount
            word += 1
        }
        if place & 63 != 0 {
            shorts += (~bits(word) & (1 << UInt64(place & 63) - 1)).nonzeroBitCount
        }
        return Place(place: place, shorts: shorts)
    }

    // MARK: Looking for codes

    /// Appends the places of a code, in order.
    func find(_ code: Int, _ scratch: inout [Int], _ places: inout [Place]) {
        scratch.removeAll(keepingCapacity: true)
        if code < Self.firstLong {
            guard let short = unsafe short else { return }
            unsafe ByteScan.find(UInt8(truncatingIfNeeded: code), short, shortCount, &scratch)
            return locate(scratch, areLong: false, &places)
        }
        guard let low = unsafe low, let high = unsafe high else { return }
        let (wantedLow, wantedHigh) = (UInt8(truncatingIfNeeded: code), UInt8(truncatingIfNeeded: code >> 8))
        unsafe ByteScan.find(wantedLow, low, wantedHigh, high, longCount, &scratch)
        if let top = unsafe top {
            let wantedTop = UInt8(truncatingIfNeeded: code >> 16)
            scratch.removeAll { unsafe top.load(fromByteOffset: $0, as: UInt8.self) != wantedTop }
        }
        locate(scratch, areLong: true, &places)
    }

    /// Appends the places of many codes, the short ones first.
    func find(where isWanted: [Bool], _ scratch: inout [Int], _ places: inout [Place]) {
        scratch.removeAll(keepingCapacity: true)
        let limit = isWanted.count
        if let short = unsafe short {
            for own in 0..<shortCount {
                let code = unsafe Int(short.load(fromByteOffset: own, as: UInt8.self))
                if code < limit, isWanted[code] { scratch.append(own) }
            }
            locate(scratch, areLong: false, &places)
            scratch.removeAll(keepingCapacity: true)
        }
        guard limit > Self.firstLong, let low = unsafe low, let high = unsafe high else { return }
        for own in 0..<longCount {
            var code =
                unsafe Int(low.load(fromByteOffset: own, as: UInt8.self))
                | Int(high.load(fromByteOffset: own, as: UInt8.self)) << 8
            if let top = unsafe top { code |= unsafe Int(top.load(fromByteOffset: own, as: UInt8.self)) << 16 }
            if code < limit, isWanted[code] { scratch.append(own) }
        }
        locate(scratch, areLong: true, &places)
    }

    /// Turns numbers among the short or the long codes into places.
    private func locate(_ numbers: [Int], areLong: Bool, _ places: inout [Place]) {
        let (blocks, words) = (Self.markCount(count), Self.wordCount(count))
        let blockWords = Self.markStep / 64
        guard words > 0 else { return }
        var (block, word, before) = (0, 0, 0)
        let flip: UInt64 = areLong ? 0 : .max
        var own = bits(0) ^ flip
        var size = own.nonzeroBitCount
        for number in numbers {
            if number &- before >= Self.markStep {
                while block + 1 < blocks {
                    let next = areLong ? (block + 1) * Self.markStep - mark(block + 1) : mark(block + 1)
                    guard next <= number else { break }
                    block += 1
                    guard next >= before else { continue }
                    (word, before) = (block * blockWords, next)
                }
                own = bits(word) ^ flip
                size = own.nonzeroBitCount
            }
            while before &+ size <= number {
                before &+= size
                word &+= 1
                guard word < words else { return }
                own = bits(word) ^ flip
                size = own.nonzeroBitCount
            }
            let place = word &* 64 &+ Self.bit(own, number &- before)
            guard place < count else { return }
            places.append(Place(place: place, shorts: areLong ? place &- number : number))
        }
    }

    /// The place of the bit that so many set ones are below of.
    @inline(__always)
    private static func bit(_ word: UInt64, _ number: Int) -> Int {
        // How many bits are set in each byte and all below it.
        var sums = word &- (word >> 1 & 0x5555_5555_5555_5555)
        sums = (sums & 0x3333_3333_3333_3333) &+ (sums >> 2 & 0x3333_3333_3333_3333)
        sums = (sums &+ sums >> 4) & 0x0f0f_0f0f_0f0f_0f0f
        sums = sums &* 0x0101_0101_0101_0101
        // The high bit of each byte up to which there are more.
        let missing = UInt64(truncatingIfNeeded: 127 &- number) &* 0x0101_0101_0101_0101
        let reached = (sums &+ missing) & 0x8080_8080_8080_8080
        let byte = UInt64(reached.trailingZeroBitCount & 0x38)
        var rest = number &- Int((sums << 8) >> byte & 0xff)
        var bits = word >> byte
        while rest > 0 {
            bits &= bits &- 1
            rest &-= 1
        }
        return Int(byte) &+ bits.trailingZeroBitCount
    }
}
