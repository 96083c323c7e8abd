/// What a ``TerminalScreen`` waits for.
public enum ScreenEvent: Hashable, Sendable {
    /// A key was pressed.
    case key(KeyPress)
    /// The terminal has another size, or everything has to be drawn again.
    case resized
    /// Somebody called ``ScreenWaker/wake()``.
    case woken
    /// The time to wait has passed.
    case timedOut
    /// A signal wants the program to end, or the terminal is gone.
    case ended(signal: Int32)
}
