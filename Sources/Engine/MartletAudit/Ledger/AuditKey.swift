/// The key that authenticates checkpoints, and its epoch.
///
/// Each checkpoint uses it once; then it is replaced by its hash, so that who takes the machine over cannot forge what was written
/// before. Who kept an earlier key elsewhere can compute all later ones, and so verify.
package struct AuditKey: Hashable, Sendable {
    /// How many checkpoints the key's forebears authenticated.
    package var epoch: UInt64

    package var key: AuditHash

    /// The key as one line of text: its epoch, a blank, and its hexadecimal digits.
    package var line: String { "\(epoch) \(key)" }

    /// The key that a line tells of.
    package init?(line: some StringProtocol) {
        let parts = line.split { $0 == " " || $0 == "\n" }
        guard parts.count == 2, let epoch = UInt64(parts[0]), let key = AuditHash(hex: parts[1]) else { return nil }
        self.init(epoch: epoch, key: key)
    }

    init(epoch: UInt64, key: AuditHash) {
        self.epoch = epoch
        self.key = key
    }

    /// The key after this one.
    func next(_ chain: AuditChain) -> AuditKey {
        AuditKey(epoch: epoch + 1, key: chain.nextKey(key))
    }
}
