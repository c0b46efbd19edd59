//! `shiage serve`: this machine's device, for other processes and machines.

use std::net::SocketAddr;

use clap::Args;
use engine::{device, machine};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Where to listen. An address that other machines reach, such as 0.0.0.0:7300, needs SHIAGE_TOKEN.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7300")]
    listen: SocketAddr,
}

pub fn run(arguments: Arguments, choice: device::Choice) -> anyhow::Result<()> {
    device::serve(choice, arguments.listen, |info, address| {
        let (name, told) = (&info.name, told_address(address));
        println!("{name} is served at {address}, not encrypted: --device remote:{told} uses it, Ctrl+C ends it");
    })?;
    Ok(())
}

/// What others type. Who listens at every address of a machine is found by the machine's name.
fn told_address(address: SocketAddr) -> String {
    match address.ip().is_unspecified() {
        true => format!("{}:{}", machine::name().unwrap_or_else(|| "HOST".to_owned()), address.port()),
        false => address.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_to_use_the_address_of_all() {
        let told = |address: &str| told_address(address.parse().unwrap());
        assert_eq!(told("127.0.0.1:7300"), "127.0.0.1:7300");
        for everywhere in ["0.0.0.0:7300", "[::]:7300"] {
            let told = told(everywhere);
            assert!(
                told.ends_with(":7300") && !told.contains("0.0.0.0") && !told.contains('['),
                "{told}"
            );
            assert!(format!("remote:{told}").parse::<device::Choice>().is_ok(), "{told}");
        }
    }
}
