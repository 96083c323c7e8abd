import MartletCore
import MartletOTLP

/// What the labels of a resource's series have in common.
struct ResourceLabels {
    /// `job` and `instance`, as far as the resource says.
    let identity: [Label]

    /// The attributes that every series gets, sorted by name.
    let promoted: [Label]

    /// The attributes that `target_info` gets, sorted by name.
    let info: [Label]

    private static let identifying = ["service.namespace", "service.name", "service.instance.id"]

    init(_ resource: Resource, _ settings: OTLPSettings, _ labels: AttributeLabels) {
        func text(_ key: String) -> String {
            resource.attributes.first { $0.key == key }?.value.text ?? ""
        }
        let (namespace, name, instance) = (text("service.namespace"), text("service.name"), text("service.instance.id"))
        var identity: [Label] = []
        if !name.isEmpty { identity.append(Label("job", namespace.isEmpty ? name : "\(namespace)/\(name)")) }
        if !instance.isEmpty { identity.append(Label("instance", instance)) }
        self.identity = identity
        let promoted = resource.attributes.filter { attribute in
            settings.promotesAllAttributes
                ? !settings.ignoredAttributes.contains(attribute.key)
                : settings.promotedAttributes.contains(attribute.key)
        }
        self.promoted = labels.labels(of: promoted)
        info = labels.labels(
            of: settings.keepsIdentifyingAttributes
                ? resource.attributes : resource.attributes.filter { !Self.identifying.contains($0.key) }
        )
    }
}
