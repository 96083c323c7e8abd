import MartletCore
import MartletMetrics

extension HostCollector {
    private struct Mount {
        var device: String
        var point: String
        var type: String
        var isReadOnly: Bool
    }

    /// At most so many mounts are asked for their space.
    private static let mountsMax = 500

    /// Space and inodes of the mounted file systems; one that is mounted several times counts where it was first.
    func addFileSystems(_ list: inout FamilyList, _ reader: ProcReader) {
        var usage: [MetricSeries] = []
        var limit: [MetricSeries] = []
        var share: [MetricSeries] = []
        var inodes: [MetricSeries] = []
        var readOnly: [MetricSeries] = []
        for mount in mounts(reader) {
            guard let space = FileSystemUsage(at: configuration.fileSystemRoot + mount.point), space.totalBytes > 0
            else { continue }
            let point = Label("mountpoint", mount.point)
            let labels = [Label("device", mount.device), point, Label("type", mount.type)]
            let used = space.totalBytes - min(space.totalBytes, space.freeBytes)
            let reserved = space.freeBytes - min(space.freeBytes, space.availableBytes)
            for (state, bytes) in [("used", used), ("free", space.availableBytes), ("reserved", reserved)] {
                usage.append(MetricSeries(labels + [Label("state", state)], bytes))
            }
            limit.append(MetricSeries(labels, space.totalBytes))
            // What `df` shows: the share of the space that may be used at all.
            let usable = used + space.availableBytes
            share.append(MetricSeries(labels, usable == 0 ? 0 : Double(used) / Double(usable)))
            if space.inodes > 0 {
                let used = space.inodes - min(space.inodes, space.inodesFree)
                inodes.append(MetricSeries([point, Label("state", "used")], used))
                inodes.append(MetricSeries([point, Label("state", "free")], space.inodesFree))
            }
            readOnly.append(MetricSeries([point], mount.isReadOnly || space.isReadOnly ? 1 : UInt64(0)))
        }
        list.add("system_filesystem_usage_bytes", usage)
        list.add("system_filesystem_limit_bytes", limit)
        list.add("system_filesystem_utilization_ratio", share)
        list.add("system_filesystem_inodes", inodes)
        list.add("system_filesystem_readonly", readOnly)
    }

    private func mounts(_ reader: ProcReader) -> [Mount] {
        guard reader.open(proc("self/mounts")) else { return [] }
        var mounts: [Mount] = []
        var devices: Set<String> = []
        var points: Set<String> = []
        while reader.nextLine(), mounts.count < HostCollector.mountsMax {
            let fields = reader.rest().split(separator: " ")
            guard fields.count >= 4 else { continue }
            let (device, point, type) = (unescaped(fields[0]), unescaped(fields[1]), String(fields[2]))
            guard !configuration.ignoresMount(point, type), points.insert(point).inserted,
                !device.hasPrefix("/dev/") || devices.insert(device).inserted
            else { continue }
            let isReadOnly = fields[3].split(separator: ",").contains("ro")
            mounts.append(Mount(device: device, point: point, type: type, isReadOnly: isReadOnly))
        }
        return mounts
    }

    /// The kernel writes blanks and backslashes in paths as three octal digits: `\040`.
    private func unescaped(_ text: Substring) -> String {
        guard text.contains("\\") else { return String(text) }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var place = 0
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "\\"), place + 3 < bytes.count,
                let code = UInt8(String(decoding: bytes[(place + 1)...(place + 3)], as: UTF8.self), radix: 8)
            {
                result.append(code)
                place += 4
            } else {
                result.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
