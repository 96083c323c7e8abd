import CNcurses

/// Ends the wait of the process's ``TerminalScreen`` from any thread.
public struct ScreenWaker: Sendable {
    /// Makes a waker.
    public init() {}

    /// Lets ``TerminalScreen/nextEvent(within:)`` return ``ScreenEvent/woken``.
    public func wake() { martlet_screen_wake() }
}
