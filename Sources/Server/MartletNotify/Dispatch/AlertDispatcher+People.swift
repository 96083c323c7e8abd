public import MartletAlerting
public import MartletCore

// What people do about alerts. Each call answers when its effect is on the disk.
extension AlertDispatcher {
    /// The alerts that have not ended, with their status.
    public var statuses: [AlertStatus] { dispatch.statuses(at: clock.millisecondsSinceEpoch) }

    /// The silences, those that ended not long ago among them, ordered by their end.
    public var silences: [Silence] {
        dispatch.silences.silences.values.sorted { ($0.endsAt, $0.id) < ($1.endsAt, $1.id) }
    }

    /// One silence.
    public func silence(_ id: String) -> Silence? { dispatch.silences.silences[id] }

    /// Takes a silence in or changes one.
    ///
    /// - Returns: The silence as it is held.
    /// - Throws: `SilenceBook.Refusal`.
    public func set(_ silence: Silence) async throws(SilenceBook.Refusal) -> Silence {
        let held = try dispatch.set(silence, newID: RandomName.uuid(), at: clock.millisecondsSinceEpoch)
        await save([])
        startLoop()
        return held
    }

    /// Ends a silence now.
    ///
    /// - Throws: `SilenceBook.Refusal`.
    public func expireSilence(_ id: String) async throws(SilenceBook.Refusal) {
        try dispatch.expireSilence(id, at: clock.millisecondsSinceEpoch)
        await save([])
        startLoop()
    }

    /// Notes that somebody deals with the alerts that a text names by id, key or fingerprint.
    ///
    /// - Returns: The labels of those alerts; empty where none is live.
    public func acknowledge(_ name: String, by: String, comment: String) async -> [LabelSet] {
        let now = clock.millisecondsSinceEpoch
        let labels = dispatch.labels(named: name, at: now)
        guard dispatch.acknowledge(labels, Acknowledgement(by: by, at: now, comment: comment)) > 0 else { return [] }
        await save([])
        await flushNow()
        return labels
    }

    /// Takes acknowledgements back.
    ///
    /// - Returns: The labels of the alerts that a text names; empty where none is live.
    public func unacknowledge(_ name: String, by: String) async -> [LabelSet] {
        let now = clock.millisecondsSinceEpoch
        let labels = dispatch.labels(named: name, at: now)
        _ = dispatch.unacknowledge(labels, by: by, at: now)
        await save([])
        return labels
    }

    /// How an alert with these labels would find its receivers.
    public func explain(_ labels: LabelSet) -> RouteExplanation {
        dispatch.explain(labels, at: clock.millisecondsSinceEpoch)
    }

    /// Sends a test message straight to the channels of a receiver, past queue and outbox.
    ///
    /// - Returns: What each channel's receiver answered; empty where no receiver has the name.
    public func test(receiver name: String, timeout: Duration = .seconds(15)) async -> [ChannelTest] {
        let wanted = channels.filter { $0.receiver == name || $0.description == name }
        return await withTaskGroup(of: ChannelTest.self) { group in
            for id in wanted {
                guard let sender = sender(of: id) else { continue }
                let notification = TestMessage.notification(for: id, at: clock.millisecondsSinceEpoch)
                group.addTask {
                    do throws(DeliveryError) {
                        let answer = try await sender.answer(to: notification, timeout: timeout)
                        return ChannelTest(channel: id, isDelivered: true, answer: answer)
                    } catch {
                        return ChannelTest(channel: id, isDelivered: false, answer: error.description, error: error)
                    }
                }
            }
            var tests: [ChannelTest] = []
            for await test in group { tests.append(test) }
            return tests.sorted { $0.channel < $1.channel }
        }
    }
}

/// What came of a test message.
public struct ChannelTest: Sendable {
    /// The channel.
    public var channel: NotificationChannel.ID

    /// Whether the receiver took it.
    public var isDelivered: Bool

    /// What the receiver answered, or why it could not be told.
    public var answer: String

    /// The failure; `nil` for none.
    public var error: DeliveryError?
}
