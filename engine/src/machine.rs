//! What memory the machine has and has left, and what it is called. Running out of memory would end the program, and everything that is open in it.

use std::fs;
use std::path::Path;

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// Bytes that this process may still take: what the system has free, or what is left of the limits of the control groups that it runs in (a container's, a
/// user's, a service's).
pub fn free_memory() -> u64 {
    let system = refreshed(MemoryRefreshKind::nothing().with_ram());
    limited(system.available_memory(), Hierarchy::left_in)
}

/// Bytes that a process may take of the machine where no other takes any: its memory, and what it can put away on the disk; or the least limit of the control
/// groups that this process runs in.
pub fn whole_memory() -> u64 {
    let system = refreshed(MemoryRefreshKind::nothing().with_ram().with_swap());
    limited(system.total_memory().saturating_add(system.total_swap()), Hierarchy::limit_of)
}

fn refreshed(memory: MemoryRefreshKind) -> System {
    System::new_with_specifics(RefreshKind::nothing().with_memory(memory))
}

/// `bytes`, or the least that one of the groups has of this process.
fn limited(bytes: u64, of_group: fn(&Hierarchy, &Path) -> Option<u64>) -> u64 {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let limits = HIERARCHIES
        .iter()
        .filter_map(|hierarchy| hierarchy.least(Path::new(hierarchy.root), &groups, of_group));
    limits.fold(bytes, u64::min)
}

/// The machine's name, as others on its network know it and as a file may be called; none where the system does not tell.
pub fn name() -> Option<String> {
    let plain = |letter: &char| letter.is_alphanumeric() || "-_.".contains(*letter);
    Some(System::host_name()?.chars().filter(plain).collect()).filter(|name: &String| !name.is_empty())
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
    /// The least that any of a process's groups has, whose lines in `/proc/self/cgroup` are given: a group has no more than those around it, and shares it with
    /// others. None without a limit. `root`: where a container sees its own group, whatever path it is told.
    fn least(&self, root: &Path, groups: &str, of_group: fn(&Self, &Path) -> Option<u64>) -> Option<u64> {
        let own = groups.lines().find_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            controllers.split(',').any(|name| name == self.controller).then_some(path)
        })?;
        let own = root.join(own.trim_start_matches('/'));
        let around = own.ancestors().take_while(|group| group.starts_with(root));
        around.filter_map(|group| of_group(self, group)).min()
    }

    fn limit_of(&self, group: &Path) -> Option<u64> {
        // Without a limit it says "max".
        fs::read_to_string(group.join(self.limit)).ok()?.trim().parse().ok()
    }

    fn left_in(&self, group: &Path) -> Option<u64> {
        let limit = self.limit_of(group)?;
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
        assert_eq!(unified.least(root, own, Hierarchy::left_in), None);

        // The program's own group has no limit; others in the group around it take memory too.
        write(&inner, "memory.max", "max\n");
        write(&inner, "memory.stat", "anon 2000\nfile 900\n");
        write(&root.join("user"), "memory.max", "8000\n");
        write(&root.join("user"), "memory.stat", "anon 5000\nfile 2500\nshmem 400\n");
        assert_eq!(unified.least(root, own, Hierarchy::left_in), Some(2600));
        write(&inner, "memory.max", "3000\n");
        assert_eq!(unified.least(root, own, Hierarchy::left_in), Some(1000));
        assert_eq!(unified.least(root, own, Hierarchy::limit_of), Some(3000));
        // What a container sees as the root is its own group.
        write(root, "memory.limit_in_bytes", "700\n");
        assert_eq!(legacy.least(root, own, Hierarchy::left_in), Some(700));
        assert_eq!(legacy.least(root, "0::/user/program\n", Hierarchy::left_in), None);
    }

    #[test]
    fn this_machine_has_memory() {
        assert!((1..=whole_memory()).contains(&free_memory()));
    }
}
