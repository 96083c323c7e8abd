/// What has to outlive a restart, as it changes.
public enum DispatchChange: Sendable, Hashable {
    /// An alert is new or has changed; `isNews` where its history changes with it.
    case alert(AlertRecord, isNews: Bool)
    /// An alert is forgotten.
    case alertGone(AlertRecord)
    /// A channel was told of a group.
    case told(NotificationChannel.ID, group: String, ToldState)
    /// A group is over.
    case groupGone(String, channels: [NotificationChannel.ID])
    /// A silence is new or has changed.
    case silence(Silence)
    /// A silence is forgotten.
    case silenceGone(String)
    /// Something happened in an alert's life.
    case event(AlertEvent)
}
