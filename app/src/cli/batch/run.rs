//! The run itself. While the engine works on one picture, the next is looked at, claimed and put behind it.

mod there;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use engine::EngineError;
use engine::device::{self, Opened};
use engine::event::{Event, JobId, Take};
use engine::request::{ColorizeRequest, Settings};
use engine::service::Service;
use image::{GrayImage, RgbImage};
use picture::hidden_name;

use super::claim::{Attempt, Claim, Claims, server_time};
use super::progress::{Line, Progress};
use super::summary::Summary;
use super::{BatchArguments, Reference, Sketch, Task, bad};
use crate::cli::flats::{Cel, Cutter, is_others};
use crate::cli::outputs::folder_of;
use crate::cli::{BadInput, sentence, told};
use crate::gallery::metadata;
use crate::generate::compose::multiply_lines;
use crate::generate::recipe::{Recipe, RecipeInputs};
use there::{CHANGED, Foreign, There};

/// Jobs at the engine: the one that it works on, and one behind it.
const AHEAD: usize = 2;

/// A run over many pictures.
pub struct Batch<'a> {
    arguments: &'a BatchArguments,
    settings: Settings,
    references: &'a [Reference],
    /// blake3 of the model's weights.
    model: String,
    /// Side of the pictures that the model makes where no size is asked for.
    native_size: u32,
    opened: Opened,
    claims: Claims,
    /// Where all is made again: when this run began, by the clock of the file server. What other processes have made since is made again already.
    begun: Option<SystemTime>,
    /// Writes a document with the flats of each picture beside it, if that is wanted.
    cutter: Option<Cutter>,
    /// The sketch opened last: a row of a board needs it again and again.
    sketch: Option<(PathBuf, Arc<Sketch>)>,
    progress: Progress,
}

/// A picture at the engine.
struct Flight {
    job: JobId,
    task: usize,
    inputs: RecipeInputs,
    sketch: Arc<RgbImage>,
    mask: Option<Arc<GrayImage>>,
    /// Released when the picture is written.
    _claim: Claim,
}

/// What came of looking at a task.
enum Look {
    /// It is there already.
    Stays(Option<Foreign>),
    Elsewhere(String),
    /// The document that its picture lacked was made, in that time.
    Cut(Duration),
    Submit(Box<ColorizeRequest>, RecipeInputs, Claim),
}

impl<'a> Batch<'a> {
    /// Opens device and model file; nothing is written yet.
    pub fn new(
        arguments: &'a BatchArguments,
        settings: Settings,
        references: &'a [Reference],
        choice: device::Choice,
        total: usize,
    ) -> anyhow::Result<Self> {
        let model = engine::weights::hash(&settings.model).map_err(bad)?;
        let native_size = engine::weights::config(&settings.model).map_err(bad)?.native_size;
        let adapters = engine::weights::identified(&settings.adapters).map_err(bad)?;
        let settings = Settings { adapters, ..settings };
        // What no recipe can say is refused before the work.
        ron::to_string(&settings).map_err(|error| bad(format!("no recipe can record the settings: {error}")))?;
        Ok(Self {
            arguments,
            settings,
            references,
            model,
            native_size,
            opened: device::open(choice)?,
            claims: Claims::new(arguments.stale_after())?,
            begun: None,
            cutter: None,
            sketch: None,
            progress: Progress::new(arguments.progress, total, arguments.wait),
        })
    }

    /// Has a document with the flats of each picture written beside it.
    pub fn with_flats(self, cutter: Option<Cutter>) -> Self {
        Self { cutter, ..self }
    }

    /// Looks after every task, in order.
    pub fn run(&mut self, tasks: &[Task]) -> anyhow::Result<Summary> {
        let begun = Instant::now();
        let first = tasks.first().filter(|_| self.arguments.redo);
        // Where nothing can be written the claims say so.
        self.begun = first.and_then(|task| server_time(folder_of(&task.out)).ok());
        let service = Service::spawn(&self.opened, Box::new(|| {}));
        self.progress.say(&Line::Begin {
            total: tasks.len(),
            device: &self.opened.info.name,
        });
        let mut summary = Summary::default();
        let mut todo: VecDeque<usize> = (0..tasks.len()).collect();
        // By whom.
        let mut elsewhere: BTreeMap<usize, String> = BTreeMap::new();
        let mut said = HashSet::new();
        let mut flights: VecDeque<Flight> = VecDeque::new();
        loop {
            while flights.len() < AHEAD
                && let Some(index) = todo.pop_front()
            {
                let task = &tasks[index];
                match self.look(task) {
                    Ok(Look::Stays(foreign)) => self.stays(task, foreign, &mut summary),
                    Ok(Look::Elsewhere(by)) => {
                        if said.insert(index) {
                            self.progress.say(&Line::Elsewhere {
                                task: &task.name,
                                file: &task.out,
                                by: &by,
                            });
                        }
                        elsewhere.insert(index, by);
                    }
                    Ok(Look::Cut(time)) => {
                        self.finished(&task.name, &task.document(), time, &mut summary);
                        // It took time, in which the engine may have come on.
                        if !flights.is_empty() {
                            break;
                        }
                    }
                    Ok(Look::Submit(request, inputs, claim)) => flights.push_back(Flight {
                        sketch: request.inputs.sketch.clone(),
                        mask: request.inputs.sketch_mask.clone(),
                        job: service.submit(*request),
                        task: index,
                        inputs,
                        _claim: claim,
                    }),
                    Err(error) => self.failed(task, &error, &mut summary),
                }
            }
            if !flights.is_empty() {
                if self.follow(&service, tasks, &mut flights, &mut summary).is_break() {
                    summary.untried = flights.len() + todo.len();
                    break;
                }
            } else if !elsewhere.is_empty() && self.arguments.wait {
                std::thread::sleep((self.arguments.stale_after() / 8).min(Duration::from_secs(2)));
                todo.extend(std::mem::take(&mut elsewhere).into_keys());
            } else {
                break;
            }
        }
        // Of several processes that end together, the last one finds all that the others were at: it knows that nothing is missing.
        elsewhere.retain(|index, _| {
            let task = &tasks[*index];
            let Ok(There::All(foreign)) = self.there_now(task) else {
                return true;
            };
            if !self.arguments.wait {
                self.progress.reopen();
            }
            self.stays(task, foreign, &mut summary);
            false
        });
        summary.elsewhere = elsewhere.len();
        summary.holders = elsewhere.into_values().collect();
        self.progress.say(&Line::End {
            finished: summary.finished,
            skipped: summary.skipped,
            left_alone: summary.left_alone,
            elsewhere: summary.elsewhere,
            failed: summary.failed,
            untried: summary.untried,
            seconds: begun.elapsed().as_secs_f32(),
        });
        Ok(summary)
    }

    fn settings_of(&self, task: &Task) -> Settings {
        Settings {
            seed: task.seed,
            ..self.settings.clone()
        }
    }

    /// Opened again only when another one is wanted.
    fn sketch(&mut self, task: &Task) -> anyhow::Result<Arc<Sketch>> {
        let known = self.sketch.as_ref().filter(|(path, _)| *path == task.sketch.picture);
        if let Some((_, sketch)) = known {
            return Ok(sketch.clone());
        }
        let sketch = Arc::new(Sketch::open(&task.sketch)?);
        self.sketch = Some((task.sketch.picture.clone(), sketch.clone()));
        Ok(sketch)
    }

    fn look(&mut self, task: &Task) -> anyhow::Result<Look> {
        let sketch = self.sketch(task)?;
        let (inputs, recorded) = sketch.with(&self.references[task.reference]);
        if let There::All(foreign) = self.there(task, &inputs, &recorded)? {
            return Ok(Look::Stays(foreign));
        }
        let claim = match self.claims.attempt(&task.out) {
            Ok(Attempt::Ours(claim)) => claim,
            Ok(Attempt::Taken { by }) => return Ok(Look::Elsewhere(by)),
            Err(error) => anyhow::bail!("cannot write beside {}: {error}", task.out.display()),
        };
        // Its last holder may have finished between the look and the claim.
        match self.there(task, &inputs, &recorded)? {
            There::All(foreign) => return Ok(Look::Stays(foreign)),
            There::Picture(color) => {
                let begun = Instant::now();
                let recipe = metadata::read_recipe(&task.out)?;
                let cel = Cel {
                    color: &color,
                    sketch: &inputs.sketch,
                    mask: inputs.sketch_mask.as_deref(),
                };
                return Ok(match self.cut(task, &cel, &recipe)? {
                    Some(foreign) => Look::Stays(Some(foreign)),
                    None => Look::Cut(begun.elapsed()),
                });
            }
            There::Nothing => {}
        }
        let request = ColorizeRequest {
            inputs,
            settings: self.settings_of(task),
        };
        Ok(Look::Submit(Box::new(request), recorded, claim))
    }

    /// One event of the engine. Breaks where its device is gone: all other pictures would fail alike.
    fn follow(
        &mut self,
        service: &Service,
        tasks: &[Task],
        flights: &mut VecDeque<Flight>,
        summary: &mut Summary,
    ) -> ControlFlow<()> {
        let mut flow = ControlFlow::Continue(());
        let event = service.wait();
        let name_of = |job: JobId| {
            let flight = flights.iter().find(|flight| flight.job == job);
            flight.map_or("", |flight| tasks[flight.task].name.as_str())
        };
        let (job, outcome) = match event {
            Event::Started { job, steps } => {
                self.progress.say(&Line::Started {
                    task: name_of(job),
                    steps,
                });
                return ControlFlow::Continue(());
            }
            Event::Progress { job, step, steps, .. } => {
                self.progress.say(&Line::Step {
                    task: name_of(job),
                    step,
                    steps,
                });
                return ControlFlow::Continue(());
            }
            Event::Finished { job, take } => (job, Ok(take)),
            Event::Failed { job, error } => {
                if matches!(*error, EngineError::Device(_)) {
                    flow = ControlFlow::Break(());
                }
                (job, Err(told(&error)))
            }
            Event::Cancelled { .. } => unreachable!("nobody else holds this service"),
        };
        let Some(place) = flights.iter().position(|flight| flight.job == job) else {
            return flow;
        };
        let flight = flights.remove(place).expect("its place was found");
        let task = &tasks[flight.task];
        match outcome.and_then(|take| Ok((self.write(task, &flight, &take)?, take.elapsed))) {
            Ok((left, elapsed)) => {
                self.finished(&task.name, &task.out, elapsed, summary);
                if left.is_some() {
                    self.progress.reopen();
                    self.stays(task, left, summary);
                }
            }
            Err(error) => self.failed(task, &error, summary),
        }
        flow
    }

    /// Writes a picture and what belongs beside it; which file stays instead.
    fn write(&self, task: &Task, flight: &Flight, take: &Take) -> anyhow::Result<Option<Foreign>> {
        let lines = !self.arguments.no_lines;
        let recipe = Recipe::of(take, self.opened.info.name.clone(), flight.inputs.clone(), lines);
        let lined = lines.then(|| multiply_lines(&take.picture, &flight.sketch, take.settings.sketch_preprocess));
        remove_leftovers(&task.out);
        match &lined {
            Some(lined) => metadata::write_take(&task.out, lined, Some(&take.picture), &recipe)?,
            None => metadata::write_take(&task.out, &take.picture, None, &recipe)?,
        }
        let cel = Cel {
            color: &take.picture,
            sketch: &flight.sketch,
            mask: flight.mask.as_deref(),
        };
        self.cut(task, &cel, &recipe)
    }

    /// Writes the document of a picture, where that is wanted; or it stays, as somebody else's.
    fn cut(&self, task: &Task, cel: &Cel<'_>, recipe: &Recipe) -> anyhow::Result<Option<Foreign>> {
        let Some(cutter) = &self.cutter else { return Ok(None) };
        let file = task.document();
        let stays = || !self.arguments.redo && is_others(&file, self.arguments.stale_after());
        if !stays() {
            let document = cutter.document(cel, recipe)?;
            // Somebody may have saved another meanwhile.
            if !stays() {
                remove_leftovers(&file);
                cutter.save(&document, &file, cel)?;
                return Ok(None);
            }
        }
        Ok(Some(Foreign { file, reason: CHANGED }))
    }

    fn finished(&mut self, task: &str, file: &Path, time: Duration, summary: &mut Summary) {
        summary.finished += 1;
        let seconds = time.as_secs_f32();
        self.progress.say(&Line::Finished { task, file, seconds });
    }

    /// What is there for a task stays, perhaps as something foreign.
    fn stays(&mut self, task: &Task, foreign: Option<Foreign>, summary: &mut Summary) {
        let name = task.name.as_str();
        match foreign {
            None => {
                summary.skipped += 1;
                let file = task.out.as_path();
                self.progress.say(&Line::Skipped { task: name, file });
            }
            Some(Foreign { file, reason }) => {
                summary.left_alone += 1;
                self.progress.say(&Line::LeftAlone {
                    task: name,
                    file: &file,
                    reason,
                });
            }
        }
    }

    fn failed(&mut self, task: &Task, error: &anyhow::Error, summary: &mut Summary) {
        summary.failed += 1;
        summary.failed_input += usize::from(error.is::<BadInput>());
        self.progress.say(&Line::Failed {
            task: &task.name,
            error: &sentence(error),
        });
    }
}

/// Half-written files of a process that died on this picture; its claim is ours now, so nobody writes them any more.
fn remove_leftovers(out: &Path) {
    let start = hidden_name(out, "");
    for entry in std::fs::read_dir(folder_of(out)).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&start) && name.ends_with(".tmp") {
            // Untidy at worst.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
