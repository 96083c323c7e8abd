/// Reads variables, and notes what could not be used.
struct VariableReader {
    private let variable: (String) -> String?
    var warnings: [String] = []

    init(_ variable: @escaping (String) -> String?) {
        self.variable = variable
    }

    /// A text; an empty one is none.
    func text(_ name: String) -> String? {
        guard let value = variable(name), !value.isEmpty else { return nil }
        return value
    }

    /// Only "true" in any case is yes.
    mutating func bool(_ name: String) -> Bool {
        guard let value = text(name)?.lowercased() else { return false }
        if value != "true", value != "false" { warnings.append("\(name) is \"\(value)\", expected true or false") }
        return value == "true"
    }

    /// A whole number from 0.
    mutating func count(_ name: String) -> Int? {
        guard let value = text(name) else { return nil }
        if let number = Int(value), number >= 0 { return number }
        warnings.append("\(name) is \"\(value)\", expected a whole number from 0")
        return nil
    }

    mutating func double(_ name: String, in range: ClosedRange<Double>) -> Double? {
        guard let value = text(name) else { return nil }
        if let number = Double(value), range.contains(number) { return number }
        warnings.append("\(name) is \"\(value)\", expected a number from \(range.lowerBound) to \(range.upperBound)")
        return nil
    }
}
