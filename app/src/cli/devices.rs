//! `shiage --device list`.

use engine::device;

/// Prints a line a device: what to type, its name, and what it is.
pub fn print() -> anyhow::Result<()> {
    for info in device::list() {
        println!("{info}");
    }
    Ok(())
}
