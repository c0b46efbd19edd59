//! The command line: one file a subcommand. Without a subcommand the window opens.
//!
//! Exit codes: 0 done; 1 the work failed; 2 the arguments or an input file are at fault.

mod batch;
mod board;
mod colorize;
mod devices;
mod evaluate;
mod flats;
mod gallery;
mod heatmap;
mod inputs;
mod masks;
mod models;
mod outputs;
mod sequence;
mod serve;
mod settings;
mod swap;
mod train;

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use engine::EngineError;
use engine::device::{self, DeviceError, Economy};
use tracing_subscriber::EnvFilter;

use crate::WindowOptions;

/// Colours line art from a reference image; foreground and background are kept apart by painted masks.
#[derive(Debug, Parser)]
#[command(name = "shiage", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// A drawing or an OpenRaster document to open in the window.
    file: Option<PathBuf>,
    /// What computes: auto (a real GPU if there is one, else the CPU), gpu, gpu:N, cpu, remote:HOST:PORT (what `shiage serve` serves there, in a program
    /// built with `--features remote`); `list` prints what there is in this machine.
    #[arg(long, value_name = "DEVICE", default_value = "auto", global = true)]
    device: DeviceArgument,
    /// On a GPU, keep most weights in half precision where the file has them so, and multiply in it: faster, in about half the memory; a picture differs
    /// a little from the same recipe's without it.
    #[arg(long, global = true)]
    half: bool,
    /// On a GPU, keep the network that reads references in the computer's memory, and bring it over while it reads: the published size takes 2.5 GB less of
    /// the GPU's memory, with --half 1.3 GB.
    #[arg(long, global = true)]
    offload: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Colour one sketch and write a PNG.
    Colorize(Box<colorize::Arguments>),
    /// Colour every sketch with every reference: a grid of PNGs, a contact sheet, an index.
    Swap(Box<swap::Arguments>),
    /// Open the window on a swap board: sketches against references, a take for each pair.
    Board(board::Arguments),
    /// Colour the frames of a shot with one reference; several processes may share the work.
    Sequence(Box<sequence::Arguments>),
    /// Show where in a reference a prompt is heeded.
    Heatmap(heatmap::Arguments),
    /// Measure a model on held-out scenes: colour error, leakage between figure and background, lines.
    Evaluate(Box<evaluate::Arguments>),
    /// Open the window on the pictures of a folder: look through them, compare, rate. Or write a contact sheet, a table, copies, without a window.
    Gallery(gallery::Arguments),
    /// List, add, remove, verify and fetch model files.
    #[command(subcommand)]
    Models(models::Action),
    /// Train a model from nothing on procedural scenes, or adapters on your own pictures.
    Train(Box<train::Arguments>),
    /// Let other processes and machines compute on the device of this one, till Ctrl+C.
    ///
    /// The connection is not encrypted: whoever can read the network sees the pictures, so serve on a network that you trust, or through a tunnel such as
    /// `ssh -L 7300:127.0.0.1:7300 MACHINE`. With the environment variable SHIAGE_TOKEN set to the same word for the server and for the programs that use
    /// it, others are refused; without it, every program of this machine may use the device. Both sides must be of the same version.
    #[cfg_attr(not(feature = "remote"), command(hide = true))]
    Serve(serve::Arguments),
}

/// `--device`: a choice, or the wish to see what there is.
#[derive(Clone, Debug)]
enum DeviceArgument {
    List,
    Choice(device::Choice),
}

impl std::str::FromStr for DeviceArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "list" => Ok(Self::List),
            text => text
                .parse()
                .map(Self::Choice)
                .map_err(|error: DeviceError| format!("{error}; list shows what there is")),
        }
    }
}

/// What is logged unless `SHIAGE_LOG` says otherwise: the window's libraries warn of harmless things at every start, and burn warns of a lost server
/// once for everything that it would have sent. A kernel that a GPU cannot compile is passed over while it is tuned: cubecl prints all of its source.
const LOG_FILTER: &str = "warn,winit=error,egui_wgpu=error,egui_system_font_provider=error,burn_remote::client=error,\
    cubecl_wgpu::backend=off,cubecl_runtime::logging=error";

/// Marks an error as the caller's: exit code 2 instead of 1.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct BadInput(String);

/// An error of the engine; the caller's, where what was given is at fault.
fn told(error: &EngineError) -> anyhow::Error {
    match error.is_input() {
        true => BadInput(error.to_string()).into(),
        false => anyhow::anyhow!("{error}"),
    }
}

/// Whether what was given is at fault: an argument, a file, or a device that cannot be had.
fn is_callers(error: &anyhow::Error) -> bool {
    error.is::<BadInput>() || error.is::<DeviceError>()
}

/// Parses the arguments, runs what they ask for, and says on stderr what went wrong.
pub fn main() -> ExitCode {
    let cli = parse(std::env::args_os()).unwrap_or_else(|error| error.exit());
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_env("SHIAGE_LOG").unwrap_or_else(|_| EnvFilter::new(LOG_FILTER)))
        .with_writer(std::io::stderr);
    // A terminal has colours, unless the person wants none (NO_COLOR); in a file they are rubbish.
    match std::io::stderr().is_terminal() {
        true => log.init(),
        false => log.with_ansi(false).init(),
    }
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shiage: {}", sentence(&error));
            ExitCode::from(if is_callers(&error) { 2 } else { 1 })
        }
    }
}

/// An error and what led to it, from the outermost on. Most of our errors name their cause in their own sentence: it is not said again.
fn sentence(error: &anyhow::Error) -> String {
    error
        .chain()
        .map(ToString::to_string)
        .fold(String::new(), |told, cause| match told.as_str() {
            "" => cause,
            known if known.contains(&cause) => told,
            _ => format!("{told}: {cause}"),
        })
}

/// `--device` stands on either side of a subcommand; a file to open in the window goes with none.
fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let arguments: Vec<OsString> = arguments.collect();
    let cli = read(&arguments).map_err(|error| match (error.kind(), arguments.get(1)) {
        // The options of a subcommand, behind a word that clap took for a file.
        (ErrorKind::UnknownArgument, Some(word)) if !Path::new(word).exists() && !is_command(word) => match meant(word) {
            Some(command) => Cli::command().error(ErrorKind::InvalidSubcommand, no_such_command(Path::new(word), &command)),
            None => error,
        },
        _ => error,
    })?;
    match (&cli.command, &cli.file) {
        (Some(_), Some(file)) => {
            let reason = format!("{} stands before the subcommand; give files after it", file.display());
            Err(Cli::command().error(ErrorKind::ArgumentConflict, reason))
        }
        _ => Ok(cli),
    }
}

fn read(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let mut matches = with_negative_numbers(Cli::command()).try_get_matches_from(arguments)?;
    Cli::from_arg_matches_mut(&mut matches)
}

/// A number below 0 is a value, which its option refuses with its range, and not an unknown option.
fn with_negative_numbers(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|argument| {
        let takes_one = argument.get_long().is_some() && argument.get_action().takes_values();
        argument.allow_negative_numbers(takes_one)
    });
    command.mut_subcommands(with_negative_numbers)
}

fn is_command(word: &OsStr) -> bool {
    Cli::command().get_subcommands().any(|command| command.get_name() == word)
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let economy = Economy {
        half: cli.half,
        offload: cli.offload,
    };
    if economy != Economy::default() && matches!(cli.command, Some(Command::Train(_) | Command::Serve(_))) {
        return Err(BadInput("--half and --offload are for making pictures: leave them out here".to_owned()).into());
    }
    device::economize(economy);
    let choice = match cli.device {
        DeviceArgument::List => return devices::print(),
        DeviceArgument::Choice(choice) => choice,
    };
    match cli.command {
        Some(Command::Colorize(arguments)) => colorize::run(*arguments, choice),
        Some(Command::Swap(arguments)) => swap::run(*arguments, choice),
        Some(Command::Board(arguments)) => board::run(arguments, choice),
        Some(Command::Sequence(arguments)) => sequence::run(*arguments, choice),
        Some(Command::Heatmap(arguments)) => heatmap::run(arguments, choice),
        Some(Command::Evaluate(arguments)) => evaluate::run(*arguments, choice),
        Some(Command::Models(action)) => models::run(action),
        Some(Command::Train(arguments)) => train::run(*arguments, choice),
        Some(Command::Serve(arguments)) => serve::run(arguments, choice),
        Some(Command::Gallery(arguments)) => gallery::run(arguments, choice),
        None => open_window(cli.file, choice),
    }
}

fn open_window(file: Option<PathBuf>, device: device::Choice) -> anyhow::Result<()> {
    // Without a display no window can say so.
    match file.as_deref() {
        Some(path) if path.is_dir() => {
            let name = path.display();
            return Err(BadInput(format!(
                "{name} is a folder; `shiage gallery {name}` shows the pictures in it"
            ))
            .into());
        }
        Some(path) if !path.exists() => {
            return Err(BadInput(match meant(path.as_os_str()) {
                Some(command) => no_such_command(path, &command),
                None => format!("{} does not exist; name a drawing or an OpenRaster document", path.display()),
            })
            .into());
        }
        _ => {}
    }
    crate::run_window(WindowOptions {
        file,
        device,
        ..WindowOptions::default()
    })
}

/// The subcommand that a word is close to.
fn meant(word: &OsStr) -> Option<String> {
    // Clap compares a word with its subcommands only where no file can stand in their place.
    let commands = Cli::command();
    let commands = clap::Command::new("shiage").subcommands(commands.get_subcommands().cloned());
    let refused = commands.try_get_matches_from([OsStr::new("shiage"), word]).err()?;
    match refused.get(ContextKind::SuggestedSubcommand)? {
        ContextValue::Strings(names) => names.first().cloned(),
        ContextValue::String(name) => Some(name.clone()),
        _ => None,
    }
}

fn no_such_command(word: &Path, meant: &str) -> String {
    format!(
        "{} is neither a file nor a command; did you mean `shiage {meant}`?",
        word.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_gpu_gives_up_is_said_anywhere_and_refused_where_it_means_nothing() {
        let parsed = |line: &str| parse(line.split(' ').map(OsString::from)).expect("known options");
        let cli = parsed("shiage colorize --sample --half --offload");
        assert!(cli.half && cli.offload && !parsed("shiage --offload").half);
        let refused = run(parsed("shiage --half serve")).expect_err("it is the others who compute");
        assert!(refused.is::<BadInput>(), "{refused}");
    }

    #[test]
    fn what_an_error_names_already_is_not_said_again() {
        let cause = || std::io::Error::other("no room");
        let own = crate::gallery::metadata::MetadataError::Read {
            path: "a.png".into(),
            source: cause(),
        };
        assert_eq!(sentence(&anyhow::Error::new(own)), "cannot read a.png: no room");
        assert_eq!(
            sentence(&anyhow::Error::new(cause()).context("the sheet")),
            "the sheet: no room"
        );
    }

    #[test]
    fn a_device_that_cannot_be_had_is_the_callers_and_one_that_is_lost_is_not() {
        let none = || DeviceError::NoGpu;
        assert!(is_callers(&none().into()));
        assert!(!is_callers(&told(&EngineError::Device(none()))));
        assert!(is_callers(&told(&EngineError::NoControl)));
    }

    #[test]
    fn a_mistyped_command_is_told_from_a_file_that_is_not_there() {
        let parsed = |line: &str| parse(line.split(' ').map(OsString::from));
        let words = parsed("shiage colorise --sample").unwrap_err().to_string();
        assert!(words.contains("did you mean `shiage colorize`?"), "{words}");
        let words = |line: &str| {
            let error = run(parsed(line).unwrap()).unwrap_err();
            assert!(error.is::<BadInput>(), "{error}");
            error.to_string()
        };
        assert!(words("shiage sequense").contains("did you mean `shiage sequence`?"));
        assert!(words("shiage no-such-drawing.png").contains("no-such-drawing.png does not exist"));
        assert!(words("shiage .").contains("`shiage gallery .`"));
    }

    #[test]
    fn numbers_below_zero_meet_the_range_of_their_option() {
        let parsed = |line: &str| parse(line.split(' ').map(OsString::from));
        for (line, wanted) in [
            ("shiage colorize --sample --steps -1", "1..=100"),
            ("shiage colorize --sample --reference-strength -1", "from 0 to 1"),
            ("shiage train --data . --out o --learning-rate -1", "above 0"),
            ("shiage colorize --sample --device foo", "list"),
        ] {
            let words = parsed(line).unwrap_err().to_string();
            assert!(words.contains(wanted), "{line}: {words}");
        }
        assert!(parsed("shiage colorize --sample --seed -1").is_ok());
    }

    #[test]
    fn the_device_stands_on_either_side_of_the_subcommand_and_a_file_on_neither() {
        let parsed = |line: &str| parse(line.split(' ').map(OsString::from));
        for line in [
            "shiage --device cpu colorize --sample",
            "shiage colorize --sample --device cpu",
            "shiage --device cpu drawing.png",
        ] {
            let device = parsed(line).unwrap_or_else(|error| panic!("{line}: {error}")).device;
            assert!(matches!(device, DeviceArgument::Choice(device::Choice::Cpu)), "{line}");
        }
        let refusal = parsed("shiage drawing.png colorize --sample").unwrap_err().to_string();
        assert!(refusal.contains("drawing.png stands before the subcommand"), "{refusal}");
    }
}
