import MartletCore
import MartletMetrics

extension PackDefinition {
    /// What happens in an actor system and under its supervisors; read off what ``ActorMetrics`` declares.
    public static let actors: PackDefinition = {
        let registry = MetricRegistry()
        _ = ActorMetrics(system: "", registry: registry)
        let common = "system"
        return PackDefinition(
            "Actor pack",
            labels: [common],
            about: """
                What `ActorMetrics` records: messages through brokers, actors that come and go, mailboxes, handlers, \
                executors, supervisors, and messages between nodes. A family without a recorder in a program stays \
                without series; nothing is made up.
                """,
            families: registry.declarations.map { declaration in
                PackFamily(
                    declaration.kind.type,
                    declaration.name,
                    declaration.help,
                    unit: declaration.unit,
                    labels: declaration.labelNames.filter { $0 != common }
                )
            }
        )
    }()
}
