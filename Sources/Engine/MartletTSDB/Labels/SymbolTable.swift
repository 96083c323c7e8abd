import MartletFiles

/// Every text once, under a number; texts are bytes.
struct SymbolTable: Sendable {
    /// Where a text lies.
    private struct Piece: Sendable {
        var place: UInt32
        var count: UInt32
    }

    private let arena = ByteArena()
    private var pieces: [Piece] = []
    private var table = PlaceTable()
    private let seed: UInt64

    init(seed: UInt64) {
        self.seed = seed
    }

    /// How many texts there are.
    var count: Int { pieces.count }

    /// The bytes of memory.
    var byteCount: Int { arena.byteCount + pieces.count * 8 + table.byteCount }

    /// The number of a text, a new one if need be.
    mutating func intern(_ text: Span<UInt8>) -> UInt32 {
        let hash = ByteHash.hash(text, seed: seed)
        if let number = table.first(hash, where: { equals(UInt32($0), text) }) { return UInt32(number) }
        let number = pieces.count
        pieces.append(Piece(place: UInt32(arena.append(text)), count: UInt32(text.count)))
        table.insert(number, hash)
        return UInt32(number)
    }

    /// The number of a text, a new one if need be.
    mutating func intern(_ text: String) -> UInt32 {
        var text = text
        text.makeContiguousUTF8()
        return intern(text.utf8Span.span)
    }

    /// The number of a known text.
    func number(of text: Span<UInt8>) -> UInt32? {
        table.first(ByteHash.hash(text, seed: seed)) { equals(UInt32($0), text) }.map { UInt32($0) }
    }

    /// The number of a known text.
    func number(of text: String) -> UInt32? {
        var text = text
        text.makeContiguousUTF8()
        return number(of: text.utf8Span.span)
    }

    private func equals(_ symbol: UInt32, _ text: Span<UInt8>) -> Bool {
        let piece = pieces[Int(symbol)]
        return arena.equals(Int(piece.place), Int(piece.count), text)
    }

    /// Lends a text's bytes.
    func withText<Result>(_ symbol: UInt32, _ body: (Span<UInt8>) -> Result) -> Result {
        let piece = pieces[Int(symbol)]
        return arena.withPiece(Int(piece.place), Int(piece.count), body)
    }

    /// How many bytes a text has.
    func byteCount(of symbol: UInt32) -> Int { Int(pieces[Int(symbol)].count) }

    /// A text.
    func text(_ symbol: UInt32) -> String { withText(symbol) { LogCodec.text($0) } }

    /// The place of each symbol in the order of all texts by their bytes.
    ///
    /// - Complexity: O(*n* log *n*).
    func ranks() -> [UInt32] {
        let order = sorted()
        var ranks = [UInt32](repeating: 0, count: order.count)
        for (rank, symbol) in order.enumerated() { ranks[Int(symbol)] = UInt32(rank) }
        return ranks
    }

    /// The symbols in the order of their bytes.
    func sorted() -> [UInt32] {
        (0..<UInt32(pieces.count)).sorted { left, right in
            let (left, right) = (pieces[Int(left)], pieces[Int(right)])
            return arena.isBefore(Int(left.place), Int(left.count), Int(right.place), Int(right.count))
        }
    }
}
