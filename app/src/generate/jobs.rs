//! The jobs under way, as the engine's events tell of them. No clock, no thread: events in, state out.

use std::sync::Arc;
use std::time::Duration;

use engine::EngineError;
use engine::event::{Event, JobId, Take};

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Submitted: behind another job, or its model is being loaded.
    Waiting,
    Running {
        step: u32,
        steps: u32,
        elapsed: Duration,
    },
}

/// A job that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    pub phase: Phase,
}

impl Job {
    /// Share 0..=1 of the steps that are done.
    pub fn progress(&self) -> f32 {
        match self.phase {
            Phase::Running { step, steps, .. } => step as f32 / steps.max(1) as f32,
            Phase::Waiting => 0.0,
        }
    }

    /// Time left at the pace so far; none before the first step is done.
    pub fn remaining(&self) -> Option<Duration> {
        match self.phase {
            Phase::Running { step, steps, elapsed } if step > 0 => Some(elapsed / step * steps.saturating_sub(step)),
            _ => None,
        }
    }
}

/// The job that an event is about.
pub fn about(event: &Event) -> JobId {
    let (Event::Started { job, .. }
    | Event::Progress { job, .. }
    | Event::Finished { job, .. }
    | Event::Cancelled { job }
    | Event::Failed { job, .. }) = event;
    *job
}

/// Requests that are being put together: they are ready in the order in which they were begun.
#[derive(Debug, Default)]
pub struct Preparing {
    wanted: usize,
    /// Those before them, which were called off.
    called_off: usize,
}

impl Preparing {
    pub fn begin(&mut self) {
        self.wanted += 1;
    }

    /// Nobody wants those any more that were begun so far.
    pub fn call_off(&mut self) {
        self.called_off += std::mem::take(&mut self.wanted);
    }

    /// The next one is ready, or failed; whether it is still wanted.
    pub fn arrives(&mut self) -> bool {
        match self.called_off.checked_sub(1) {
            Some(left) => {
                self.called_off = left;
                false
            }
            None => {
                self.wanted = self.wanted.saturating_sub(1);
                true
            }
        }
    }

    /// Whether there are any that are still wanted.
    pub fn is_any(&self) -> bool {
        self.wanted > 0
    }
}

/// How a job ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    Finished(Take),
    Cancelled,
    Failed(Arc<EngineError>),
}

/// All jobs that have not ended, oldest first.
#[derive(Debug, Default)]
pub struct Jobs {
    open: Vec<Job>,
}

impl Jobs {
    /// A job was submitted.
    pub fn submitted(&mut self, id: JobId) {
        self.open.push(Job {
            id,
            phase: Phase::Waiting,
        });
    }

    /// Takes an event in; says when it ends a job. Events of jobs that are not ours are passed over.
    pub fn receive(&mut self, event: Event) -> Option<(JobId, Outcome)> {
        let (id, outcome) = match event {
            Event::Started { job, steps } => {
                return self.advance(
                    job,
                    Phase::Running {
                        step: 0,
                        steps,
                        elapsed: Duration::ZERO,
                    },
                );
            }
            Event::Progress {
                job,
                step,
                steps,
                elapsed,
                ..
            } => return self.advance(job, Phase::Running { step, steps, elapsed }),
            Event::Finished { job, take } => (job, Outcome::Finished(take)),
            Event::Cancelled { job } => (job, Outcome::Cancelled),
            Event::Failed { job, error } => (job, Outcome::Failed(error)),
        };
        let place = self.open.iter().position(|job| job.id == id)?;
        self.open.remove(place);
        Some((id, outcome))
    }

    fn advance(&mut self, id: JobId, phase: Phase) -> Option<(JobId, Outcome)> {
        if let Some(job) = self.open.iter_mut().find(|job| job.id == id) {
            job.phase = phase;
        }
        None
    }

    /// The job that runs, or else the one that waits longest.
    pub fn current(&self) -> Option<&Job> {
        self.open.iter().find(|job| job.phase != Phase::Waiting).or(self.open.first())
    }

    /// Oldest first.
    pub fn open(&self) -> &[Job] {
        &self.open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_before_it_was_called_off_is_not_wanted_and_what_came_after_is() {
        let mut preparing = Preparing::default();
        preparing.begin();
        preparing.begin();
        assert!(preparing.arrives() && preparing.is_any());
        preparing.call_off();
        preparing.begin();
        preparing.call_off();
        assert!(!preparing.is_any());
        preparing.begin();
        assert_eq!([(); 3].map(|()| preparing.arrives()), [false, false, true]);
        assert!(!preparing.is_any());
    }

    #[test]
    fn a_job_runs_from_waiting_to_its_end() {
        let mut jobs = Jobs::default();
        let (first, second) = (JobId(1), JobId(2));
        jobs.submitted(first);
        jobs.submitted(second);
        assert_eq!(
            jobs.current().map(|job| (job.id, job.progress(), job.remaining())),
            Some((first, 0.0, None))
        );
        jobs.receive(Event::Started { job: second, steps: 12 });
        jobs.receive(Event::Progress {
            job: second,
            step: 3,
            steps: 12,
            elapsed: Duration::from_secs(6),
            preview: Arc::default(),
        });
        let current = *jobs.current().unwrap();
        assert_eq!(
            (current.id, current.progress(), current.remaining()),
            (second, 0.25, Some(Duration::from_secs(18)))
        );
        assert!(matches!(
            jobs.receive(Event::Cancelled { job: second }),
            Some((JobId(2), Outcome::Cancelled))
        ));
        assert!(jobs.receive(Event::Cancelled { job: second }).is_none(), "it has ended");
        assert_eq!(jobs.current().map(|job| job.id), Some(first));
    }
}
