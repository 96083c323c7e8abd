/// What a check looks at.
public enum HealthKind: String, Sendable, CaseIterable {
    /// A part of the program.
    case component
    /// Something outside that the program needs, such as a database.
    case dependency
    /// The machine: memory, disks.
    case system
}
