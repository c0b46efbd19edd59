//! Names of files that are short enough: systems take no name of more than 255 bytes, which is eighty of Japanese.

use std::borrow::Cow;
use std::path::Path;

/// Bytes of a file's name that leave [`hidden_name`] room for what it adds: a dot before it, and `.4294967295-4294967295.tmp` behind it.
const ROOM: usize = 255 - 27;

/// The name, if it has at most `longest` bytes. A longer one keeps its beginning, with a hash of all of it in place of the rest.
pub fn shortened(name: &str, longest: usize) -> Cow<'_, str> {
    if name.len() <= longest {
        return name.into();
    }
    let hash = format!("-{:016x}", hash(name));
    let kept = name.floor_char_boundary(longest.saturating_sub(hash.len()));
    format!("{}{hash}", &name[..kept]).into()
}

/// What a hidden file is called that lies beside `path` and belongs to it: `.NAME.ENDING`.
pub fn hidden_name(path: &Path, ending: &str) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(".{}.{ending}", shortened(&name, ROOM))
}

/// FNV-1a: processes on other machines, and of other versions of the program, come to the same name.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_fits_stays_and_a_longer_one_is_told_by_its_hash() {
        assert_eq!(shortened("a.png", 5), "a.png");
        assert_eq!(hidden_name(Path::new("out/0012.png"), "claim.1"), ".0012.png.claim.1");
        let names = ["a", "b"].map(|last| "線".repeat(80) + last);
        let [one, other] = names.each_ref().map(|name| shortened(name, 100));
        assert!(one.len() <= 100 && one.starts_with("線線"), "{one}");
        assert_ne!(one, other);
        assert_eq!(hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash("a"), 0xaf63_dc4c_8601_ec8c);
    }
}
