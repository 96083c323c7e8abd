import MartletFiles

/// What is hashed, and in which order; docs/formats/audit-chain.md says the same in words.
///
/// Each kind of hash begins with a byte of its own, so that none can be passed off as another.
package struct AuditChain: Sendable {
    package let hashing: any AuditHashing

    package init(_ hashing: any AuditHashing) {
        self.hashing = hashing
    }

    /// The hash of an event with its number: a leaf of its block's tree.
    package func leaf(_ number: UInt64, _ event: Span<UInt8>) -> AuditHash {
        var bytes: [UInt8] = [0]
        bytes.reserveCapacity(9 + event.count)
        bytes.append(littleEndian: number)
        bytes.append(span: event)
        return hashing.sha256(bytes.span)
    }

    /// The hash of two subtrees.
    package func node(_ left: AuditHash, _ right: AuditHash) -> AuditHash {
        hashing.sha256(([1] + left.bytes + right.bytes).span)
    }

    /// The hash of a commit, which stands on the one before.
    package func commit(_ previous: AuditHash, _ payload: Span<UInt8>) -> AuditHash {
        var bytes: [UInt8] = [2]
        bytes.reserveCapacity(33 + payload.count)
        bytes += previous.bytes
        bytes.append(span: payload)
        return hashing.sha256(bytes.span)
    }

    /// The hash of a sealed block.
    package func block(_ summary: AuditBlockSummary) -> AuditHash {
        hashing.sha256(([3] + summary.header.bytes + summary.closingBytes).span)
    }

    /// The hash that the first commit of a ledger stands on.
    package func beginning(_ ledger: AuditHash) -> AuditHash {
        hashing.sha256(([4] + ledger.bytes).span)
    }

    /// The key of the next epoch; there is no way back.
    package func nextKey(_ key: AuditHash) -> AuditHash {
        hashing.sha256(([5] + key.bytes).span)
    }

    // MARK: Tree

    /// The root over leaves, by the rules of RFC 6962: the left subtree is the largest complete one.
    ///
    /// - SeeAlso: [RFC 6962, section 2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1)
    package func root(_ leaves: [AuditHash]) -> AuditHash {
        guard !leaves.isEmpty else { return hashing.sha256([UInt8]().span) }
        var level = leaves
        while level.count > 1 {
            var above: [AuditHash] = []
            above.reserveCapacity((level.count + 1) / 2)
            var index = 0
            while index + 1 < level.count {
                above.append(node(level[index], level[index + 1]))
                index += 2
            }
            if index < level.count { above.append(level[index]) }
            level = above
        }
        return level[0]
    }

    /// The hashes beside the way from a leaf to the root, from below.
    ///
    /// - Precondition: There is a leaf with that index.
    package func path(_ leaves: [AuditHash], to leaf: Int) -> [AuditHash] {
        precondition(leaves.indices.contains(leaf), "there is no leaf \(leaf) of \(leaves.count)")
        var path: [AuditHash] = []
        var (level, place) = (leaves, leaf)
        while level.count > 1 {
            let beside = place ^ 1
            if beside < level.count { path.append(level[beside]) }
            var above: [AuditHash] = []
            for index in stride(from: 0, to: level.count, by: 2) {
                above.append(index + 1 < level.count ? node(level[index], level[index + 1]) : level[index])
            }
            (level, place) = (above, place / 2)
        }
        return path
    }

    /// The root that a leaf and the hashes beside its way lead to; `nil` where there are too few or too many of them.
    package func root(of leaf: AuditHash, at index: Int, of count: Int, along path: [AuditHash]) -> AuditHash? {
        guard index >= 0, index < count else { return nil }
        var (hash, place, width, rest) = (leaf, index, count, path[...])
        while width > 1 {
            if place ^ 1 < width {
                guard let beside = rest.popFirst() else { return nil }
                hash = place & 1 == 0 ? node(hash, beside) : node(beside, hash)
            }
            (place, width) = (place / 2, (width + 1) / 2)
        }
        return rest.isEmpty ? hash : nil
    }
}

extension Span<UInt8> {
    /// The hash of the thirty-two bytes that begin here.
    func hash(at start: Int) -> AuditHash {
        AuditHash(extracting(start..<(start + AuditHash.byteCount)))
    }
}
