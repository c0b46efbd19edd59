//! What the machine has left. Running out of memory would end the program, and everything that is open in it.

use sysinfo::{CGroupLimits, MemoryRefreshKind, RefreshKind, System};

/// Bytes that this process may still take: what the system has free, or what is left of the limit of the container that it runs in.
pub fn free_memory() -> u64 {
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(memory);
    let limit = system.cgroup_limits().map_or(u64::MAX, |limits| left(&limits));
    system.available_memory().min(limit)
}

/// What a container counts as in use holds the files that were read too, a model's among them, and gives those up when it needs room.
fn left(limits: &CGroupLimits) -> u64 {
    limits.total_memory.saturating_sub(limits.rss)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_were_read_are_no_memory_in_use() {
        let limits = CGroupLimits {
            total_memory: 8_000,
            free_memory: 500,
            free_swap: 0,
            rss: 2_000,
        };
        assert_eq!(left(&limits), 6_000);
        assert!(free_memory() > 0);
    }
}
