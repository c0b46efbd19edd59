//! `shiage serve`: this machine's device, for other processes and machines.

use std::net::SocketAddr;

use clap::Args;
use engine::device::{self, DeviceError};

use super::BadInput;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Where to listen. An address that other machines reach, such as 0.0.0.0:7300, needs SHIAGE_TOKEN.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7300")]
    listen: SocketAddr,
}

pub fn run(arguments: Arguments, choice: device::Choice) -> anyhow::Result<()> {
    let input = |error: DeviceError| BadInput(error.to_string());
    let opened = device::open(choice).map_err(input)?;
    let name = &opened.info.name;
    device::serve(&opened.device, arguments.listen, |address| {
        println!("{name} is served at {address}, not encrypted: --device remote:{address} uses it, Ctrl+C ends it");
    })
    .map_err(|error| input(error).into())
}
