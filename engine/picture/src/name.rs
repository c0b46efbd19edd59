//! Names of files that systems take: none of more than 255 bytes, which is eighty of Japanese, and on Windows none with certain characters.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::Path;

/// Most bytes of a file's name before an ending of three letters, such as `.png`.
pub const LONGEST_STEM: usize = 255 - 4;

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

/// The name as every system takes it for a file or a folder, with or without an ending behind it: characters that one of them refuses are spaces, dots
/// and spaces at the end are left out, and what Windows takes for a device (`con`, `aux.png`) gets an underscore. Where nothing is left it is an underscore, too.
/// For whatever is named by what a person typed: exports, the runs of a training, the files of a board, of takes and of layers in a folder.
pub fn plain_name(name: &str) -> String {
    let name = name.replace(|c: char| c.is_control() || r#"<>:"/\|?*"#.contains(c), " ");
    let name = name.trim_end_matches(['.', ' ']);
    let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ');
    match name.is_empty() || is_device(stem) {
        true => format!("{stem}_{}", &name[stem.len()..]),
        false => name.to_owned(),
    }
}

/// Names for one thing where others may be taken: `BASE` and `rest`, then the same with `joint` and a number behind it, from 2 on. The base is
/// [`shortened`] as far as each of them needs it to fit before an ending of three letters.
pub fn numbered(base: &str, rest: &str, joint: &str) -> impl Iterator<Item = String> {
    (1_u64..).map(move |count| {
        let tail = match count {
            1 => rest.to_owned(),
            _ => format!("{rest}{joint}{count}"),
        };
        format!("{}{tail}", shortened(base, LONGEST_STEM.saturating_sub(tail.len())))
    })
}

/// Names for files without their ending, an ending of three letters: [plain](plain_name), cut where they are too long, and [`numbered`] where they come again,
/// be it in other letters, which are the same to some systems.
pub fn distinct<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut taken = HashSet::new();
    let distinct = names.into_iter().filter_map(|name| {
        let base = plain_name(name);
        numbered(&base, "", "-").find(|name| taken.insert(name.to_lowercase()))
    });
    distinct.collect()
}

fn is_device(stem: &str) -> bool {
    let stem = stem.to_ascii_uppercase();
    let is_port = |port: &str| matches!(stem.strip_prefix(port).map(str::as_bytes), Some([b'1'..=b'9']));
    ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || ["COM", "LPT"].into_iter().any(is_port)
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
    fn a_plain_name_is_one_that_windows_takes() {
        for (name, plain) in [
            ("夏の庭 (2)", "夏の庭 (2)"),
            (r#"a<b>c:d"e/f\g|h?i*j"#, "a b c d e f g h i j"),
            ("line\nbreak\t", "line break"),
            ("end. . ", "end"),
            ("..", "_"),
            (" ? ", "_"),
            (".hidden", ".hidden"),
            ("con", "con_"),
            ("Aux .tar.gz", "Aux_ .tar.gz"),
            ("LPT9", "LPT9_"),
            ("COM0", "COM0"),
            ("COM10", "COM10"),
            ("console", "console"),
        ] {
            assert_eq!(plain_name(name), plain, "{name:?}");
        }
    }

    #[test]
    fn names_are_distinct_and_can_be_those_of_files() {
        assert_eq!(distinct(["x", "x", "x-2", "x"]), ["x", "x-2", "x-2-2", "x-3"]);
        assert_eq!(distinct(["夜: a/b"]), ["夜  a b"]);
        assert_eq!(distinct(["A", "b", "a"]), ["A", "b", "a-2"]);
        let long = distinct(["線".repeat(90).as_str(); 2]);
        assert!(long.iter().all(|name| name.len() <= LONGEST_STEM), "{long:?}");
        assert_ne!(long[0], long[1]);
    }

    #[test]
    fn a_number_and_what_comes_before_it_stay_whole_behind_a_long_name() {
        let of = |base: &str| numbered(base, " seed 3735928559", " ").take(2).collect::<Vec<_>>();
        assert_eq!(of("夏"), ["夏 seed 3735928559", "夏 seed 3735928559 2"]);
        let [first, second] = <[String; 2]>::try_from(of(&"線".repeat(80))).unwrap();
        assert!(
            first.len() <= LONGEST_STEM && second.len() <= LONGEST_STEM,
            "{first} {second}"
        );
        assert!(first.starts_with("線線") && first.ends_with(" seed 3735928559"), "{first}");
        assert!(
            second.starts_with("線線") && second.ends_with(" seed 3735928559 2"),
            "{second}"
        );
    }

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
