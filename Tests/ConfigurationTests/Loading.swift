import MartletConfiguration
import MartletPatterns
import Testing

/// Loads a text as the file `martlet.yml`.
func load(_ text: String, environment: [String: String] = [:]) throws(ConfigurationError) -> Configuration {
    try ConfigurationLoader.load(text: text, file: "martlet.yml", environment: environment, patterns: RE2Patterns())
}

/// The lines a text's problems are printed as; none where it loads.
func problems(_ text: String, environment: [String: String] = [:]) -> [String] {
    do {
        return try load(text, environment: environment).warnings.map(\.description)
    } catch {
        return error.problems.map(\.description)
    }
}
