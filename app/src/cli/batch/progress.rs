//! What a run says of itself: a bar for people, a JSON object a line for programs.

use std::io::Write;
use std::path::Path;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::files::has_one_of;
use crate::generate::recipe::as_shown;

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Style {
    /// A bar on stderr.
    Bar,
    /// One JSON object a line on stdout.
    Json,
    /// Nothing but the summary.
    None,
}

/// One thing that happened. `task` is what is made: a frame, or a sketch and a reference.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Line<'a> {
    /// The run begins with so many pictures to look after.
    Begin {
        total: usize,
        device: &'a str,
    },
    /// It was there already, whole.
    Skipped {
        task: &'a str,
        #[serde(serialize_with = "as_shown")]
        file: &'a Path,
    },
    /// It is somebody else's, such as a frame that was painted over in another program, and stays. `reason` says what it is: "is no take of this program".
    LeftAlone {
        task: &'a str,
        #[serde(serialize_with = "as_shown")]
        file: &'a Path,
        reason: &'a str,
    },
    /// Another process is making it.
    Elsewhere {
        task: &'a str,
        #[serde(serialize_with = "as_shown")]
        file: &'a Path,
        by: &'a str,
    },
    Started {
        task: &'a str,
        steps: u32,
    },
    Step {
        task: &'a str,
        step: u32,
        steps: u32,
    },
    Finished {
        task: &'a str,
        #[serde(serialize_with = "as_shown")]
        file: &'a Path,
        seconds: f32,
    },
    Failed {
        task: &'a str,
        error: &'a str,
    },
    /// `percent` of all pictures are settled, one way or another.
    Progress {
        percent: f32,
    },
    End {
        finished: usize,
        skipped: usize,
        left_alone: usize,
        elsewhere: usize,
        failed: usize,
        /// Left out, as the device is gone.
        untried: usize,
        seconds: f32,
    },
}

/// Where lines go.
pub struct Progress {
    style: Style,
    bar: ProgressBar,
    total: usize,
    settled: usize,
    /// What another process makes is waited for: until then it is not settled.
    waits: bool,
}

impl Progress {
    pub fn new(style: Style, total: usize, waits: bool) -> Self {
        let bar = match style {
            Style::Bar => ProgressBar::new(total as u64),
            Style::Json | Style::None => ProgressBar::hidden(),
        };
        bar.set_style(
            ProgressStyle::with_template("{bar:30} {pos}/{len}  {eta} left  {msg}").expect("the template is a constant"),
        );
        Self {
            style,
            bar,
            total,
            settled: 0,
            waits,
        }
    }

    pub fn say(&mut self, line: &Line<'_>) {
        match line {
            Line::Elsewhere { .. } if self.waits => {}
            Line::Skipped { .. }
            | Line::LeftAlone { .. }
            | Line::Elsewhere { .. }
            | Line::Finished { .. }
            | Line::Failed { .. } => {
                self.settled = (self.settled + 1).min(self.total);
                self.bar.set_position(self.settled as u64);
            }
            Line::Started { task, .. } => self.bar.set_message((*task).to_owned()),
            Line::Step { task, step, steps } => self.bar.set_message(format!("{task}: {step} of {steps} steps")),
            Line::End { .. } => self.bar.finish_and_clear(),
            Line::Begin { .. } | Line::Progress { .. } => {}
        }
        match line {
            Line::LeftAlone { file, reason, .. } => {
                // --redo would take with it all other documents that somebody has worked on.
                let advice = match has_one_of(file, &["ora"]) {
                    true => "move it away to have it made again",
                    false => "--redo replaces it",
                };
                let words = format!("{} {reason} and was left alone; {advice}", file.display());
                self.bar.suspend(|| eprintln!("{words}"));
            }
            Line::Failed { task, error } => self.bar.suspend(|| eprintln!("shiage: {task}: {error}")),
            _ => {}
        }
        self.print(line);
        if let Line::Step { step, steps, .. } = line {
            self.percent(f32::from(*step as u16) / f32::from((*steps).max(1) as u16));
        } else if !matches!(line, Line::End { .. }) {
            self.percent(0.0);
        }
    }

    /// Something that was settled is so in another way.
    pub fn reopen(&mut self) {
        self.settled = self.settled.saturating_sub(1);
    }

    fn percent(&self, part: f32) {
        let percent = 100.0 * (self.settled as f32 + part) / self.total.max(1) as f32;
        self.print(&Line::Progress {
            percent: percent.min(100.0),
        });
    }

    fn print(&self, line: &Line<'_>) {
        if self.style == Style::Json {
            let text = serde_json::to_string(line).expect("lines are plain data");
            // Whoever listened is gone; the pictures still matter.
            let _ = writeln!(std::io::stdout().lock(), "{text}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_object_that_says_what_it_is() {
        let line = Line::Finished {
            task: "0012",
            file: Path::new("out/0012.png"),
            seconds: 1.5,
        };
        assert_eq!(
            serde_json::to_string(&line).unwrap(),
            r#"{"event":"finished","task":"0012","file":"out/0012.png","seconds":1.5}"#
        );
    }
}
