//! How a run goes: losses, sheets, pace.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use engine::training::checkpoint::State;
use engine::training::{Progress, Tuning};

/// Steps that the pace is measured over.
const RECENT: usize = 16;

/// What has been told of a run. Places are steps counted over all parts that are trained.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Steps of a part, and of all parts.
    part: usize,
    all: usize,
    batch: usize,
    done: usize,
    losses: Vec<(usize, f32)>,
    validations: Vec<(usize, f32)>,
    sheets: Vec<(usize, PathBuf)>,
    /// What could not be saved, and the like; the latest.
    trouble: Option<String>,
    /// Places and when they were reached, since the run was last begun or let go on.
    recent: VecDeque<(usize, Instant)>,
}

impl Record {
    /// Before anything is known but what is wanted.
    pub fn new(tuning: &Tuning) -> Self {
        Self {
            part: tuning.steps,
            all: tuning.steps * tuning.target.parts().len(),
            batch: tuning.batch,
            ..Self::default()
        }
    }

    /// What a checkpoint knows of the steps before.
    pub fn begin(&mut self, state: &State) {
        let place = |stage: usize, step: usize| stage * self.part + step;
        self.done = place(state.stage, state.step).min(self.all);
        let first = |terms: &[(String, f32)]| terms.first().map(|(_, loss)| *loss);
        let entries = state.history.iter();
        self.losses = entries
            .filter_map(|entry| Some((place(entry.stage, entry.step), first(&entry.terms)?)))
            .collect();
        let measured = state.validations.iter();
        self.validations = measured
            .map(|validated| (place(validated.stage, validated.step), validated.loss))
            .collect();
    }

    /// A step more, done at `now`.
    pub fn step(&mut self, progress: &Progress, now: Instant) {
        let place = progress.stage * self.part + progress.step;
        self.done = place;
        self.losses.push((place, progress.loss));
        self.validations.extend(progress.validation.map(|loss| (place, loss)));
        self.sheets.extend(progress.sheet.clone().map(|sheet| (place, sheet)));
        if let Some(trouble) = progress.troubles.last() {
            self.trouble = Some(trouble.clone());
        }
        self.recent.push_back((place, now));
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
    }

    /// The pace before a pause says nothing of the one after it.
    pub fn rest(&mut self) {
        self.recent.clear();
    }

    /// Sheets that an earlier program has drawn.
    pub fn add_sheets(&mut self, found: Vec<(usize, PathBuf)>) {
        let known = std::mem::take(&mut self.sheets);
        self.sheets = found;
        self.sheets.extend(known);
        self.sheets.sort();
        self.sheets.dedup();
    }

    pub fn done(&self) -> usize {
        self.done
    }

    pub fn all(&self) -> usize {
        self.all
    }

    /// Where a part ends and the next begins.
    pub fn seams(&self) -> impl Iterator<Item = usize> {
        (1..).map(|part| part * self.part).take_while(|place| *place < self.all)
    }

    /// 0..=1.
    pub fn share(&self) -> f32 {
        self.done as f32 / self.all.max(1) as f32
    }

    pub fn validations(&self) -> &[(usize, f32)] {
        &self.validations
    }

    pub fn losses(&self) -> &[(usize, f32)] {
        &self.losses
    }

    pub fn sheets(&self) -> &[(usize, PathBuf)] {
        &self.sheets
    }

    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// The losses as at most `count` means of as many steps each: single steps differ by their noise more than by what was learned.
    pub fn curve(&self, count: usize) -> Vec<(f32, f32)> {
        let size = self.losses.len().div_ceil(count.max(1)).max(1);
        let mean = |part: &[(usize, f32)]| {
            let sum = part
                .iter()
                .fold((0.0, 0.0), |(x, y), (place, loss)| (x + *place as f32, y + loss));
            (sum.0 / part.len() as f32, sum.1 / part.len() as f32)
        };
        self.losses.chunks(size).map(mean).collect()
    }

    /// Steps a second, over the last of them.
    fn pace(&self) -> Option<f32> {
        let ((first, then), (last, now)) = (self.recent.front()?, self.recent.back()?);
        let seconds = now.duration_since(*then).as_secs_f32();
        (last > first && seconds > 0.0).then(|| (last - first) as f32 / seconds)
    }

    /// Pictures a second.
    pub fn speed(&self) -> Option<f32> {
        Some(self.pace()? * self.batch as f32)
    }

    pub fn left(&self) -> Option<Duration> {
        Some(Duration::from_secs_f32(
            (self.all - self.done.min(self.all)) as f32 / self.pace()?,
        ))
    }
}

/// The place of a sheet, by its file's name.
pub fn place_of_sheet(file: &Path, tuning: &Tuning) -> Option<usize> {
    let name = file.file_name()?.to_str()?;
    let (stage, step) = name.strip_prefix("samples-")?.strip_suffix(".png")?.split_once('-')?;
    Some(stage.parse::<usize>().ok()? * tuning.steps + step.parse::<usize>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::training::Target;
    use engine::training::checkpoint::{Entry, Validated};
    use engine::training::config::Part;

    fn progress(stage: usize, step: usize, loss: f32) -> Progress {
        Progress {
            stage,
            stages: 2,
            part: Part::Foreground,
            step,
            steps: 10,
            loss,
            terms: Vec::new(),
            validation: (step == 1).then_some(0.5),
            sheet: None,
            measured: None,
            troubles: Vec::new(),
        }
    }

    fn tuning() -> Tuning {
        Tuning {
            steps: 10,
            batch: 4,
            ..Tuning::new(PathBuf::new(), Target::Both)
        }
    }

    #[test]
    fn steps_of_both_parts_are_counted_on_and_the_time_left_is_told_by_the_last_of_them() {
        let mut record = Record::new(&tuning());
        assert_eq!((record.left(), record.speed()), (None, None));
        let begun = Instant::now();
        for step in 1..=3 {
            record.step(&progress(1, step, step as f32), begun + Duration::from_secs(2 * step as u64));
        }
        assert_eq!((record.done(), record.all()), (13, 20));
        assert_eq!(record.speed(), Some(2.0));
        assert_eq!(record.left(), Some(Duration::from_secs(14)));
        assert_eq!(record.validations(), [(11, 0.5)]);
        assert_eq!(record.curve(2), [(11.5, 1.5), (13.0, 3.0)]);
        assert_eq!(record.seams().collect::<Vec<_>>(), [10]);
        record.rest();
        assert_eq!(record.left(), None);
    }

    #[test]
    fn a_checkpoint_brings_back_what_was_drawn() {
        let mut record = Record::new(&tuning());
        let model = ron::from_str(include_str!("../../../assets/models/tiny.ron")).unwrap();
        let mut state = State::new(1, model, None);
        state.stage = 1;
        state.history.push(Entry {
            stage: 1,
            step: 10,
            terms: vec![("error".to_owned(), 0.25)],
        });
        state.validations.push(Validated {
            stage: 0,
            step: 1,
            loss: 0.75,
        });
        record.begin(&state);
        assert_eq!(record.done(), 10);
        assert_eq!((record.losses(), record.validations()), (&[(20, 0.25)][..], &[(1, 0.75)][..]));
        let file = Path::new("out/samples-01-000005.png");
        assert_eq!(place_of_sheet(file, &tuning()), Some(15));
        assert_eq!(place_of_sheet(Path::new("loss.png"), &tuning()), None);
        record.add_sheets(vec![(15, file.to_owned())]);
        assert_eq!(record.sheets().len(), 1);
    }

    #[test]
    fn what_could_not_be_saved_is_kept_in_sight() {
        let mut record = Record::new(&tuning());
        let mut bad = progress(0, 2, 1.0);
        bad.measured = Some("samples-00-000002.png: mean error".to_owned());
        bad.troubles = vec!["no room; the run goes on, and saves again later".to_owned()];
        record.step(&bad, Instant::now());
        record.step(&progress(0, 3, 1.0), Instant::now());
        assert_eq!(record.trouble(), Some("no room; the run goes on, and saves again later"));
    }
}
