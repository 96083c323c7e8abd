/// A regular expression with named groups; the port to whatever implements it in time linear in the line.
public protocol LinePattern: Sendable {
    /// The named groups of the first match in a line, in the order of their places; `nil` where nothing matches.
    ///
    /// Groups that took no part are left out.
    func groups(in line: ArraySlice<UInt8>) -> [(name: String, range: Range<Int>)]?
}
