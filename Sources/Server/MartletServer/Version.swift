/// Which Martlet this is.
public enum Version {
    /// The release, after semantic versioning.
    public static let current = "0.1.0-dev"

    /// The release of Prometheus whose query language is spoken; clients detect features by it.
    public static let promQL = "3.14.0"

    /// The language release it was compiled with.
    public static let swift = "6.3"
}
