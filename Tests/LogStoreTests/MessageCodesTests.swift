import MartletEvents
import Testing

@testable import MartletLogStore

@Suite("Codes of messages")
struct MessageCodesTests {
    /// Short and long codes in every mixture, from a small generator with a fixed seed.
    private func codes(_ count: Int, longOutOf: Int, largest: UInt32) -> [UInt32] {
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15 &+ UInt64(count)
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let isLong = longOutOf > 0 && Int(state >> 33) % 100 < longOutOf
            return isLong ? 256 + UInt32(state >> 40) % (largest - 255) : UInt32(state >> 50) % 256
        }
    }

    @Test(arguments: [0, 1, 63, 64, 65, 511, 512, 513, 12_345], [0, 3, 50, 97, 100])
    func `parted codes are found again at their places`(count: Int, longOutOf: Int) {
        for (planeCount, largest) in [(2, UInt32(0xffff)), (3, 0x2ffff)] {
            let codes = codes(count, longOutOf: longOutOf, largest: largest)
            let memory = CodeStreams()
            let granule = memory.part(count, planeCount: planeCount) { codes[$0] }
            var (at, told) = (granule.place(0), [Int]())
            for place in 0..<count {
                told.append(granule.code(at))
                #expect(granule.place(place).shorts == at.shorts)
                at = granule.next(at)
            }
            #expect(told == codes.map { Int($0) })
            for _ in 0..<min(count, 100) { at = granule.previous(at) }
            #expect(at.place == max(0, count - 100) && granule.place(at.place).shorts == at.shorts)
            var scratch: [Int] = []
            for wanted in [0, 7, 255, 256, 300, Int(codes.last ?? 0), Int(codes.first ?? 0)] {
                var places: [CodeGranule.Place] = []
                granule.find(wanted, &scratch, &places)
                #expect(places.map(\.place) == codes.indices.filter { codes[$0] == UInt32(wanted) })
                #expect(places.allSatisfy { granule.code($0) == wanted })
            }
            var isWanted = [Bool](repeating: false, count: Int(largest) / 2)
            for code in stride(from: 5, to: isWanted.count, by: 7) { isWanted[code] = true }
            var places: [CodeGranule.Place] = []
            granule.find(where: isWanted, &scratch, &places)
            let expected = codes.indices.filter { Int(codes[$0]) < isWanted.count && isWanted[Int(codes[$0])] }
            #expect(places.map(\.place).sorted() == expected)
        }
    }
}
