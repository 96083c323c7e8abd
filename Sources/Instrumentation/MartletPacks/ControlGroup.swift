/// Where the kernel accounts for the container that this program runs in, in either version of control groups.
struct ControlGroup {
    /// The folder of each controller of version 1, such as `memory`; of version 2 under the empty name.
    private let folders: [String: String]

    /// Whether the one tree of version 2 is used.
    var isUnified: Bool { folders[""] != nil }

    /// Finds the groups of this process.
    ///
    /// Inside a container the group that /proc names is often out of sight; its mount then shows the container as root.
    init(_ reader: ProcReader, procRoot: String, root: String) {
        var folders: [String: String] = [:]
        guard reader.open(procRoot + "/self/cgroup") else {
            self.folders = [:]
            return
        }
        var lines: [(controllers: String, path: String)] = []
        while reader.nextLine() {
            let parts = reader.rest().split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            if parts.count == 3 { lines.append((String(parts[1]), String(parts[2]))) }
        }
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
        self.folders = folders
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
