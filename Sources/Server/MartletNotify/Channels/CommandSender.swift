#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import Dispatch
import MartletAlerting
import MartletConfiguration

// Safety: the C strings are made here, passed to `posix_spawn`, which copies them, and freed with their owner.

/// Texts as C wants them: a list that ends in a null.
@safe
private final class CStrings {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ texts: [String]) {
        unsafe pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
    }

    deinit {
        unsafe pointers.forEach { unsafe free($0) }
    }
}

/// Tells by running a program of this machine: the webhook's JSON on its standard input, the state in its environment.
///
/// No shell is involved, so that no label's value can become a command. A program that takes too long is killed. The
/// server's start sees to it that writing to a program that has ended is an error, not the end of the process.
struct CommandSender: NotificationSending {
    let texts: ChannelTexts
    let externalURL: String

    private static let queue = DispatchQueue(label: "martlet.command", attributes: .concurrent)

    func send(_ notification: Notification, timeout: Duration) async throws(DeliveryError) {
        let configuration = texts.configuration
        let program = configuration.texts["program"] ?? ""
        let arguments = (configuration.lists["arguments"] ?? []).map { texts.text(of: $0, notification) }
        var environment = configuration.maps["environment"] ?? [:]
        environment["PATH"] = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        environment["MARTLET_STATUS"] = notification.status.rawValue
        environment["MARTLET_RECEIVER"] = notification.channel.receiver
        environment["MARTLET_GROUP_KEY"] = notification.groupKey
        environment["MARTLET_IDEMPOTENCY_KEY"] = notification.idempotencyKey
        let input = WebhookPayload.bytes(notification, externalURL: externalURL, maxAlerts: 0)
        let variables = environment.map { "\($0.key)=\($0.value)" }
        let limit = min(timeout, configuration.timeout)
        let failure: DeliveryError? = await withCheckedContinuation { continuation in
            Self.queue.async {
                continuation.resume(
                    returning: Self.run([program] + arguments, variables, input: input, within: limit)
                )
            }
        }
        if let failure { throw failure }
    }

    private static func run(
        _ words: [String],
        _ variables: [String],
        input: [UInt8],
        within limit: Duration
    ) -> DeliveryError? {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { return DeliveryError(.other, "no pipe left", isRetryable: true) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var process: pid_t = 0
        let code = spawn(words, variables, input: ends[0], &process)
        _ = close(ends[0])
        guard code == 0 else {
            _ = close(ends[1])
            let reason = unsafe String(cString: strerror(code))
            return DeliveryError(.configuration, "cannot run \(words[0]): \(reason)")
        }
        let deadline = ContinuousClock.now + limit
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        var rest = input[...]
        var status: Int32 = 0
        var isOpen = true
        while true {
            if isOpen {
                let written = unsafe rest.withUnsafeBytes { unsafe write(ends[1], $0.baseAddress, $0.count) }
                if written > 0 { rest = rest.dropFirst(written) }
                if rest.isEmpty || (written < 0 && errno != EAGAIN && errno != EINTR) {
                    _ = close(ends[1])
                    isOpen = false
                }
            }
            if unsafe waitpid(process, &status, WNOHANG) == process { break }
            guard ContinuousClock.now < deadline else {
                kill(process, SIGKILL)
                _ = unsafe waitpid(process, &status, 0)
                if isOpen { _ = close(ends[1]) }
                return DeliveryError(.timeout, "\(words[0]) did not end in time and was killed", isRetryable: true)
            }
            usleep(5000)
        }
        if isOpen { _ = close(ends[1]) }
        guard status != 0 else { return nil }
        let end = status & 0x7f == 0 ? "ended with status \(status >> 8 & 0xff)" : "ended by signal \(status & 0x7f)"
        return DeliveryError(.other, "\(words[0]) \(end)", isRetryable: true)
    }

    private static func spawn(_ words: [String], _ variables: [String], input: Int32, _ process: inout pid_t) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // What this process does about signals is no affair of the program's.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let arguments = CStrings(words)
        let environment = CStrings(variables)
        return unsafe posix_spawn(&process, words[0], &actions, &attributes, arguments.pointers, environment.pointers)
    }
}
