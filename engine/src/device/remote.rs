//! Devices of other processes and machines: burn's remote backend over WebSocket.
//!
//! Operations travel there as they are recorded, numbers only where they are needed: pictures, weights and noise on the way there, previews, results and
//! gradients on the way back. Our own kernels are the CPU's alone; there burn's operations stand in for them. The connection is not encrypted. A peer
//! that vanishes without a word is noticed within half a minute (burn's keep-alive).

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::time::Duration;

use burn::remote::{ConnectError, RemoteHost};
use burn::server::{RemoteServer, TokenAuthorizer, WebSocketTransport};
use burn::tensor::Device;

use super::{Choice, DeviceError, Info, TOKEN};

/// How long a machine may take to answer at all.
const PATIENCE: Duration = Duration::from_secs(5);

/// The device that is served at `HOST:PORT`. [`TOKEN`] is shown to the server.
///
/// # Errors
/// When nothing answers there, or the server is of another version or wants another token.
pub fn connect(address: &str) -> Result<Device, DeviceError> {
    let unreachable = |reason: String| DeviceError::Unreachable {
        address: address.to_owned(),
        reason,
    };
    // Burn tries for a quarter of a minute, which is long for a person who mistyped.
    reach(address).map_err(|error| unreachable(error.to_string()))?;
    let host = RemoteHost::websocket(&format!("ws://{address}"));
    let host = match token() {
        Some(token) => host.with_credential(token),
        None => host,
    };
    Device::remote_options(&host).init().map_err(|error| match error {
        ConnectError::Unauthorized => DeviceError::Refused {
            address: address.to_owned(),
        },
        // Servers of older versions close the session unanswered.
        error @ (ConnectError::IncompatibleProtocol { .. } | ConnectError::Handshake { .. }) => DeviceError::Version {
            address: address.to_owned(),
            reason: error.to_string(),
        },
        error => unreachable(error.to_string()),
    })
}

/// Whether anything listens there.
fn reach(address: &str) -> io::Result<()> {
    let mut failure = io::Error::other("its name has no address");
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(()),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn token() -> Option<String> {
    std::env::var(TOKEN).ok().filter(|token| !token.is_empty())
}

/// Serves a device to whoever shows [`TOKEN`], or to everybody where that is not set, until the process is told to end (Ctrl+C, SIGTERM). `began` hears
/// which device it is, and the address, with the port that the system chose where `address` has port 0.
///
/// # Errors
/// When the address is taken, or open to other machines without a token; when the device cannot be opened, which takes longest and comes last.
pub fn serve(choice: Choice, address: SocketAddr, began: impl FnOnce(&Info, SocketAddr)) -> Result<(), DeviceError> {
    let token = token();
    if token.is_none() && !address.ip().is_loopback() {
        return Err(DeviceError::Unguarded { address });
    }
    let failed = |reason: String| DeviceError::Serve { address, reason };
    let listener = TcpListener::bind(address).map_err(|error| failed(error.to_string()))?;
    let bound = listener.local_addr().map_err(|error| failed(error.to_string()))?;
    let opened = super::open(choice)?;
    let server = RemoteServer::new([opened.device]);
    let server = match token {
        Some(token) => server.with_authorizer(TokenAuthorizer::new(token).expect("a token that is set is not empty")),
        None => server,
    };
    began(&opened.info, bound);
    server
        .serve(WebSocketTransport::from_listener(listener))
        .map_err(|error| failed(error.to_string()))
}
