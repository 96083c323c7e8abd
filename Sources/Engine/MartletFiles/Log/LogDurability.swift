/// When what was acknowledged survives a power cut; it always survives the end of the process.
public enum LogDurability: Hashable, Sendable {
    /// At once: the log is synced before the acknowledgement, one sync for all who wait.
    case each
    /// At the latest so many milliseconds after the acknowledgement.
    case interval(milliseconds: Int)
    /// Whenever the system writes its cache back, about half a minute.
    case os
}
