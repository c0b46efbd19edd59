//! Decisions as a table (CSV after RFC 4180), which spreadsheets and statistics programs read.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use picture::replace_file;

use crate::gallery::blind::BlindReview;
use crate::gallery::entry::Entry;
use crate::gallery::marks::{Flag, Label};
use crate::gallery::ranking::Strength;

/// What spreadsheets know UTF-8 by; without it they read names in Japanese, or with accents, as something else.
const MARK: &str = "\u{feff}";

const HEAD: [&str; 8] = ["file", "stars", "flag", "label", "note", "made", "width", "height"];

/// Writes a row a picture: what was decided about it, and every field of its recipe. `folder` is left out of the files' names.
pub fn decisions(path: &Path, folder: &Path, entries: &[Arc<Entry>]) -> io::Result<()> {
    let mut fields: Vec<&str> = Vec::new();
    for facts in entries.iter().filter_map(|entry| entry.facts.as_ref().ok()) {
        for (name, _) in &facts.fields {
            if !fields.contains(&name.as_str()) {
                fields.push(name);
            }
        }
    }
    replace_file(path, |file| {
        let names = fields.iter().map(|name| name.to_lowercase());
        write!(file, "{MARK}")?;
        row(file, HEAD.map(str::to_owned).into_iter().chain(names))?;
        for entry in entries {
            let inside = entry.path.strip_prefix(folder).unwrap_or(&entry.path);
            let mut cells = vec![inside.to_string_lossy().into_owned()];
            match &entry.facts {
                Ok(facts) => {
                    let marks = &facts.marks;
                    let flag = if marks.flag == Flag::None { "" } else { marks.flag.words() };
                    let label = marks.label.as_ref().map_or("", Label::text);
                    cells.extend([marks.stars.to_string(), flag.to_lowercase(), label.to_owned()]);
                    cells.extend([marks.note.clone(), facts.created.clone()]);
                    cells.extend(facts.size.map(|side| side.to_string()));
                    cells.extend(fields.iter().map(|field| entry.field(field).to_owned()));
                }
                Err(reason) => cells.extend([String::new(), "broken".to_owned(), String::new(), reason.clone()]),
            }
            cells.resize(HEAD.len() + fields.len(), String::new());
            row(file, cells.into_iter())?;
        }
        Ok(())
    })
}

/// Names of the first columns of a table of votes.
const VOTES: [&str; 3] = ["vote", "reviewer", "preferred"];

/// Writes the ranking of a blind review, and every vote that counts beside it as `…-votes.csv`, whose path it tells. Both name pictures as
/// [`decisions`] does, as seen from the review's folder. Each file is written whole or not at all.
pub fn ranking(path: &Path, review: &BlindReview) -> io::Result<PathBuf> {
    let beside = votes_of(path);
    replace_file(path, |file| {
        let head = ["rank", "name", "strength", "low_95", "high_95", "chance", "votes", "shown"];
        write!(file, "{MARK}")?;
        row(file, head.into_iter().map(str::to_owned))?;
        for (place, (name, strength)) in review.ranking().into_iter().enumerate() {
            let Strength { value, low, high, .. } = strength;
            let numbers = [value, low, high, strength.chance()].map(|value| format!("{value:.4}"));
            let counts = [format!("{:.2}", strength.wins), strength.shown.to_string()];
            let start = [(place + 1).to_string(), name.to_owned()];
            row(file, start.into_iter().chain(numbers).chain(counts))?;
        }
        Ok::<(), io::Error>(())
    })?;
    replace_file(&beside, |file| {
        let most = review.votes().map(|vote| vote.shown.len()).max().unwrap_or_default();
        let places = (1..=most).map(|place| format!("picture_{place}"));
        write!(file, "{MARK}")?;
        row(file, VOTES.map(str::to_owned).into_iter().chain(places))?;
        for (number, vote) in review.votes().enumerate() {
            let preferred = vote
                .preferred
                .map_or_else(|| "alike".to_owned(), |place| (place + 1).to_string());
            let mut cells = vec![(number + 1).to_string(), vote.reviewer.to_owned(), preferred];
            cells.extend(vote.shown.into_iter().map(str::to_owned));
            cells.resize(3 + most, String::new());
            row(file, cells.into_iter())?;
        }
        Ok::<(), io::Error>(())
    })?;
    Ok(beside)
}

/// Where the votes of a ranking go. Nobody is asked about that file: the votes of a ranking that is replaced go with it, and any other file stays.
fn votes_of(ranking: &Path) -> PathBuf {
    let stem = ranking.file_stem().unwrap_or_default().to_string_lossy();
    let replaced = ranking.exists();
    let is_votes = |path: &Path| {
        let text = fs::read(path).unwrap_or_default();
        let table = text.strip_prefix(MARK.as_bytes()).unwrap_or(&text);
        table.starts_with(VOTES.join(",").as_bytes())
    };
    let mut number = 1;
    loop {
        let name = match number {
            1 => format!("{stem}-votes.csv"),
            _ => format!("{stem}-votes-{number}.csv"),
        };
        let place = ranking.with_file_name(name);
        if !place.exists() || replaced && is_votes(&place) {
            return place;
        }
        number += 1;
    }
}

/// One row; a cell with commas, quotes or line breaks is quoted.
fn row(file: &mut impl Write, cells: impl Iterator<Item = String>) -> io::Result<()> {
    let quoted = cells.map(as_text).map(|cell| match cell.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    });
    write!(file, "{}\r\n", quoted.collect::<Vec<_>>().join(","))
}

/// A cell that no spreadsheet takes for a formula: a note or a name may begin as one, and what another program wrote may be meant as one. Some leave out what is
/// blank before it.
fn as_text(cell: String) -> String {
    let shown = cell.trim_start();
    match shown.starts_with(['=', '+', '-', '@']) && shown.parse::<f64>().is_err() {
        true => format!("'{cell}"),
        false => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::blind::Terms;
    use crate::gallery::export::tests::{broken, entry};
    use crate::gallery::grouping::Grouping;

    #[test]
    fn decisions_become_a_table_that_spreadsheets_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut a = entry(&folder.path().join("a.png"), 0, "too \"dark\", twice");
        Arc::make_mut(&mut a).facts.as_mut().unwrap().fields = vec![("Seed".to_owned(), "7".to_owned())];
        let b = broken(&folder.path().join("b.png"));
        let path = folder.path().join("d.csv");
        decisions(&path, folder.path(), &[a, b]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.split("\r\n").collect();
        assert_eq!(lines[0], "\u{feff}file,stars,flag,label,note,made,width,height,seed");
        assert!(
            lines[1].starts_with("a.png,3,picked,Blue,\"too \"\"dark\"\", twice\",20"),
            "{}",
            lines[1]
        );
        assert!(lines[1].ends_with(",64,32,7"), "{}", lines[1]);
        assert_eq!(lines[2], "b.png,,broken,,the file is too short for a PNG,,,,");
    }

    #[test]
    fn text_is_no_formula_and_numbers_stay_numbers() {
        let mut text = Vec::new();
        let cells = [
            "=1+1",
            "@a.png",
            "+ brighter",
            "-0.5",
            "-1,5",
            "a=b",
            "+7",
            "\t=1+1",
            " @a",
            "\r-b",
            " -2",
        ];
        row(&mut text, cells.into_iter().map(str::to_owned)).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "'=1+1,'@a.png,'+ brighter,-0.5,\"'-1,5\",a=b,+7,'\t=1+1,' @a,\"'\r-b\", -2\r\n"
        );
    }

    #[test]
    fn a_ranking_is_written_with_its_votes() {
        let folder = tempfile::tempdir().unwrap();
        let entries = [1, 2, 3].map(|value| entry(&folder.path().join(format!("{value}.png")), value, ""));
        let terms = Terms {
            by: Grouping::None,
            shown: 2,
            votes: 9,
        };
        let mut review = BlindReview::new(folder.path(), &entries, terms).unwrap();
        review.by("Mika, A");
        review.vote(None);
        review.vote(Some(1));
        let path = folder.path().join("study.csv");
        let votes = ranking(&path, &review).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("\u{feff}rank,name,strength,low_95,high_95,chance,votes,shown\r\n1,"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 4);
        assert_eq!(votes, folder.path().join("study-votes.csv"));
        let votes = std::fs::read_to_string(votes).unwrap();
        let lines: Vec<_> = votes.lines().collect();
        assert_eq!(
            (lines.len(), lines[0]),
            (3, "\u{feff}vote,reviewer,preferred,picture_1,picture_2")
        );
        assert!(
            lines[1].starts_with("1,\"Mika, A\",alike,") && lines[2].starts_with("2,\"Mika, A\",2,"),
            "{votes}"
        );
        // The tables name pictures alike, so that they can be joined.
        let ranked: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
        for picture in lines[1..].iter().flat_map(|line| line.rsplit(',').take(2)) {
            assert!(ranked.contains(&picture), "{picture} in {ranked:?}");
        }
        // They go with the ranking that is replaced.
        assert_eq!(ranking(&path, &review).unwrap(), folder.path().join("study-votes.csv"));
        fs::rename(&path, folder.path().join("elsewhere.csv")).unwrap();
        assert_eq!(ranking(&path, &review).unwrap(), folder.path().join("study-votes-2.csv"));
        fs::write(folder.path().join("study-votes.csv"), "somebody's own").unwrap();
        assert_eq!(ranking(&path, &review).unwrap(), folder.path().join("study-votes-2.csv"));
    }
}
