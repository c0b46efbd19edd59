//! `--device`, as a person writes it.

use std::fmt;
use std::str::FromStr;

use super::DeviceError;

/// What a person asks for with `--device`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The first real GPU; the CPU where there is none. Never a software adapter.
    #[default]
    Auto,
    Cpu,
    /// `Some(n)`: the adapter that [`list`](super::list) calls `gpu:n`, a software one included. `None`: the first real GPU.
    Gpu(Option<usize>),
    /// The device that `shiage serve` serves at this `HOST:PORT`.
    Remote(String),
}

impl FromStr for Choice {
    type Err = DeviceError;

    /// Reads `auto`, `cpu`, `gpu`, `gpu:N` and `remote:HOST:PORT`.
    fn from_str(text: &str) -> Result<Self, DeviceError> {
        let named = match text.split_once(':') {
            None if text == "auto" => Some(Self::Auto),
            None if text == "cpu" => Some(Self::Cpu),
            None if text == "gpu" => Some(Self::Gpu(None)),
            Some(("gpu", index)) => index.parse().ok().map(|index| Self::Gpu(Some(index))),
            Some(("remote", address)) => is_address(address).then(|| Self::Remote(address.to_owned())),
            _ => None,
        };
        named.ok_or_else(|| DeviceError::Unknown { text: text.to_owned() })
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Gpu(None) => f.write_str("gpu"),
            Self::Gpu(Some(index)) => write!(f, "gpu:{index}"),
            Self::Remote(address) => write!(f, "remote:{address}"),
        }
    }
}

/// Whether it reads `HOST:PORT`, where an IPv6 host stands in brackets.
fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let whole = host.starts_with('[') && host.ends_with(']') || !host.contains(':');
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._[]:%".contains(letter);
    !host.is_empty() && whole && host.chars().all(plain) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_reads_what_it_writes() {
        let remote = |address: &str| Choice::Remote(address.to_owned());
        for choice in [
            Choice::Auto,
            Choice::Cpu,
            Choice::Gpu(None),
            Choice::Gpu(Some(3)),
            remote("render-2.studio:7300"),
            remote("[::1]:7300"),
        ] {
            assert_eq!(choice.to_string().parse::<Choice>().unwrap(), choice);
        }
    }

    #[test]
    fn a_wrong_choice_names_the_right_ones() {
        for text in ["", "GPU", "gpu:", "gpu:-1", "gpu:x", "cuda", "cpu:0"] {
            let message = text.parse::<Choice>().unwrap_err().to_string();
            assert!(message.contains("gpu:N"), "{message}");
        }
        for address in [
            "",
            "host",
            "host:",
            ":1",
            "host:0",
            "host:65536",
            "::1:80",
            "ws://host:80",
            "host:80/x",
        ] {
            let message = format!("remote:{address}").parse::<Choice>().unwrap_err().to_string();
            assert!(message.contains("remote:HOST:PORT"), "{message}");
        }
    }
}
