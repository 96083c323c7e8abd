/// Every text of the head once, under a number.
struct SymbolTable: Sendable {
    private(set) var texts: [String] = []
    private var numbers: [String: UInt32] = [:]

    /// The number of a text, a new one if need be.
    mutating func intern(_ text: String) -> UInt32 {
        if let number = numbers[text] { return number }
        let number = UInt32(texts.count)
        texts.append(text)
        numbers[text] = number
        return number
    }

    /// The number of a known text.
    func number(of text: String) -> UInt32? { numbers[text] }
}
