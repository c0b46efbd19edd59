//! What the machine has left. Running out of memory would end the program, and everything that is open in it.

use std::fs;
use std::path::Path;

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// Bytes that this process may still take: what the system has free, or what is left of the limits of the control groups that it runs in (a container's, a
/// user's, a service's).
pub fn free_memory() -> u64 {
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let available = System::new_with_specifics(memory).available_memory();
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let limits = HIERARCHIES
        .iter()
        .filter_map(|hierarchy| hierarchy.left(Path::new(hierarchy.root), &groups));
    limits.fold(available, u64::min)
}

/// A version of Linux's control groups, by its files.
struct Hierarchy {
    root: &'static str,
    /// How the line of a process's groups names it.
    controller: &'static str,
    limit: &'static str,
    /// What is in use and cannot be given up, in `memory.stat`: what a group counts as in use holds the files that were read too, a model's among them, and
    /// gives those up when it needs room.
    used: [&'static str; 2],
}

const HIERARCHIES: [Hierarchy; 2] = [
    Hierarchy {
        root: "/sys/fs/cgroup",
        controller: "",
        limit: "memory.max",
        used: ["anon", "shmem"],
    },
    Hierarchy {
        root: "/sys/fs/cgroup/memory",
        controller: "memory",
        limit: "memory.limit_in_bytes",
        used: ["total_rss", "total_shmem"],
    },
];

impl Hierarchy {
    /// The least that is left in the groups of a process, whose lines in `/proc/self/cgroup` are given: a group has no more than those around it, and shares
    /// it with others. None without a limit. `root`: where a container sees its own group, whatever path it is told.
    fn left(&self, root: &Path, groups: &str) -> Option<u64> {
        let own = groups.lines().find_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            controllers.split(',').any(|name| name == self.controller).then_some(path)
        })?;
        let own = root.join(own.trim_start_matches('/'));
        let around = own.ancestors().take_while(|group| group.starts_with(root));
        around.filter_map(|group| self.left_in(group)).min()
    }

    fn left_in(&self, group: &Path) -> Option<u64> {
        // Without a limit it says "max".
        let limit: u64 = fs::read_to_string(group.join(self.limit)).ok()?.trim().parse().ok()?;
        let stat = fs::read_to_string(group.join("memory.stat")).unwrap_or_default();
        let used = stat.lines().filter_map(|line| {
            let (name, bytes) = line.split_once(' ')?;
            self.used.contains(&name).then(|| bytes.trim().parse::<u64>().ok())?
        });
        Some(limit.saturating_sub(used.sum()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_limit_of_all_groups_around_counts() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let inner = root.join("user/program");
        fs::create_dir_all(&inner).unwrap();
        let write = |group: &Path, name: &str, text: &str| fs::write(group.join(name), text).unwrap();
        let [unified, legacy] = &HIERARCHIES;
        let own = "12:cpuset:/\n11:cpu,memory:/docker/1234\n0::/user/program\n";
        assert_eq!(unified.left(root, own), None);

        // The program's own group has no limit; others in the group around it take memory too.
        write(&inner, "memory.max", "max\n");
        write(&inner, "memory.stat", "anon 2000\nfile 900\n");
        write(&root.join("user"), "memory.max", "8000\n");
        write(&root.join("user"), "memory.stat", "anon 5000\nfile 2500\nshmem 400\n");
        assert_eq!(unified.left(root, own), Some(2600));
        write(&inner, "memory.max", "3000\n");
        assert_eq!(unified.left(root, own), Some(1000));
        // What a container sees as the root is its own group.
        write(root, "memory.limit_in_bytes", "700\n");
        assert_eq!(legacy.left(root, own), Some(700));
        assert_eq!(legacy.left(root, "0::/user/program\n"), None);
    }

    #[test]
    fn this_machine_has_memory() {
        assert!(free_memory() > 0);
    }
}
