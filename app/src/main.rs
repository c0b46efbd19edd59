//! `shiage`: the window, or one of its subcommands.

use std::process::ExitCode;

fn main() -> ExitCode {
    app::cli::main()
}
