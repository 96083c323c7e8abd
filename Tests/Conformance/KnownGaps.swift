/// What fails of upstream's scripts, by file and line, with the reason.
///
/// The conformance run fails when one of these passes, and when anything else fails.
let knownGaps: [String: String] = [:]
