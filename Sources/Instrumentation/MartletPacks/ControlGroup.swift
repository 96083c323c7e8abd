/// Where the kernel accounts for the container that this program runs in, in either version of control groups.
struct ControlGroup {
    /// The folder of each controller of version 1, such as `memory`; of version 2 under the empty name.
    private let folders: [String: String]

    /// A folder that lists the processes of the group and of no other; `nil` where the group is the machine's root.
    private let ownFolder: String?

    /// Whether the one tree of version 2 is used.
    var isUnified: Bool { folders[""] != nil }

    /// Whether the process is in no container, but in the group that all others are below of.
    var isRoot: Bool { ownFolder == nil }

    /// The file that lists the processes of the group; `nil` for the root.
    var processes: String? { ownFolder.map { $0 + "/cgroup.procs" } }

    /// Finds the groups of this process.
    ///
    /// Inside a container the group that /proc names is often out of sight; its mount then shows the container as root.
    init(_ reader: ProcReader, procRoot: String, root: String) {
        let lines = ControlGroup.lines(reader, procRoot + "/self/cgroup")
        folders = ControlGroup.folders(lines, root)
        if let unified = folders[""] {
            // The root has no figures of its own in version 2, whatever path a container sees it under.
            ownFolder = reader.open(unified + "/memory.current") || reader.open(unified + "/cpu.max") ? unified : nil
        } else {
            let own = lines.filter { $0.path != "/" && !$0.controllers.isEmpty && !$0.controllers.hasPrefix("name=") }
            ownFolder = own.lazy.compactMap { [folders] in folders[String($0.controllers.prefix { $0 != "," })] }.first
        }
    }

    private typealias Line = (controllers: String, path: String)

    private static func lines(_ reader: ProcReader, _ path: String) -> [Line] {
        guard reader.open(path) else { return [] }
        var lines: [Line] = []
        while reader.nextLine() {
            let parts = reader.rest().split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            if parts.count == 3 { lines.append((String(parts[1]), String(parts[2]))) }
        }
        return lines
    }

    private static func folders(_ lines: [Line], _ root: String) -> [String: String] {
        var folders: [String: String] = [:]
        let hasUnified = directoryNames(root)?.contains("cgroup.controllers") == true
        for (controllers, path) in lines {
            if controllers.isEmpty {
                if hasUnified { folders[""] = ControlGroup.visible(root, path) }
                continue
            }
            for controller in controllers.split(separator: ",") {
                let mount = [controllers, String(controller)].map { root + "/" + $0 }
                    .first { directoryCount($0) != nil }
                if let mount { folders[String(controller)] = ControlGroup.visible(mount, path) }
            }
        }
        return folders
    }

    private static func visible(_ mount: String, _ path: String) -> String {
        path != "/" && directoryCount(mount + path) != nil ? mount + path : mount
    }

    /// The path of a file of version 2; `nil` where that is not used.
    func unified(_ file: String) -> String? {
        folders[""].map { $0 + "/" + file }
    }

    /// The path of a file of a version 1 controller; `nil` where that is not used.
    func legacy(_ controller: String, _ file: String) -> String? {
        isUnified ? nil : folders[controller].map { $0 + "/" + file }
    }
}
