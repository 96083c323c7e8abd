/// The place in the program that tells something.
public struct CallSite: Sendable, Hashable {
    // The file's name has one address for the whole program; the address is its identity.
    private let file: UInt
    private let line: UInt

    /// A place.
    public init(file: StaticString = #fileID, line: UInt = #line) {
        self.file = file.hasPointerRepresentation ? unsafe UInt(bitPattern: file.utf8Start) : 0
        self.line = line
    }
}
