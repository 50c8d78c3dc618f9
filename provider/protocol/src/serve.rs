//! The process: from `exec` to exit.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tfplugin_framework::Provider;
use tfplugin_proto::health::health_server::HealthServer;
use tfplugin_proto::plugin::grpc_broker_server::GrpcBrokerServer;
use tfplugin_proto::plugin::grpc_controller_server::GrpcControllerServer;
use tfplugin_proto::plugin::grpc_stdio_server::GrpcStdioServer;
use tfplugin_proto::tfplugin6::provider_server::ProviderServer;
use tokio::net::UnixListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::handshake::{EXPLANATION, Line, announced_version, is_host};
use crate::logs;
use crate::options::Options;
use crate::reattach::Reattach;
use crate::rpc::Calls;
use crate::services::{Broker, Controller, Health, Stdio};
use crate::sessions::{Make, Sessions};
use crate::transport::{Identity, MESSAGE_LIMIT, Socket, accept};

/// How long calls in flight may take to end after a shutdown. Hosts kill after two seconds.
const GRACE: Duration = Duration::from_secs(1);
/// How often to check whether the host is still there.
const PARENT_CHECK: Duration = Duration::from_secs(2);
/// Flow control: state of many megabytes must not wait for a window update every 64 KiB.
const WINDOW: u32 = 4 * 1024 * 1024;

/// Serves the provider that `make` returns until the host ends the process, and returns the exit code.
///
/// Call it first in `main`: nothing may be printed before it. With the argument `--debug` it waits for hosts to attach
/// and prints how; each of their connections gets a provider of its own.
pub fn main<P: Provider>(make: impl Fn() -> P + Send + Sync + 'static, options: &Options) -> ExitCode {
    let debug = std::env::args()
        .skip(1)
        .any(|argument| argument == "--debug" || argument == "-debug");
    if !debug && !is_host() {
        let _ = io::stderr().write_all(EXPLANATION.as_bytes());
        return ExitCode::FAILURE;
    }
    logs::init(options.name());
    let served = runtime().and_then(|runtime| {
        let make: Make<P> = Arc::new(make);
        let served = runtime.block_on(async {
            if debug {
                attachable(make, options).await
            } else {
                plugin(make).await
            }
        });
        // Whatever is still running has had its time.
        runtime.shutdown_background();
        served
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "The provider could not be started: {error}");
            ExitCode::FAILURE
        }
    }
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    let workers = std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 4));
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_name("provider")
        .enable_all()
        .build()
}

/// Started by a host.
async fn plugin<P: Provider>(make: Make<P>) -> io::Result<()> {
    let parent = std::os::unix::process::parent_id();
    // A terminal sends SIGINT to the host's whole process group; the host then decides, by calls, what has to end.
    let _ignored = signal(SignalKind::interrupt())?;
    let terminate = signal(SignalKind::terminate())?;
    let identity = std::env::var("PLUGIN_CLIENT_CERT")
        .ok()
        .filter(|pem| !pem.trim().is_empty());
    let identity = identity
        .map(|pem| Identity::new(&pem))
        .transpose()
        .map_err(io::Error::other)?;
    let mut socket = Socket::bind()?;
    let offered = std::env::var("PLUGIN_PROTOCOL_VERSIONS").ok();
    let line = Line {
        version: announced_version(offered.as_deref()),
        socket: socket.path(),
        certificate: identity.as_ref().map(Identity::certificate),
        asks_multiplexing: std::env::var_os("PLUGIN_MULTIPLEX_GRPC").is_some(),
    };
    announce(&format!("{line}\n"))?;

    let tls = identity
        .map(Identity::server_config)
        .transpose()
        .map_err(io::Error::other)?;
    let sessions = Arc::new(Sessions::one(make));
    // Made here, on the main thread: if the provider can't even be made, the process has to end and say why.
    sessions.open().served();
    let shutdown = CancellationToken::new();
    tokio::spawn(cancel_on(terminate, shutdown.clone()));
    tokio::spawn(cancel_without(parent, shutdown.clone()));
    serve(socket.listener()?, tls, sessions, shutdown, true).await
}

/// Started by a person, with `--debug`.
async fn attachable<P: Provider>(make: Make<P>, options: &Options) -> io::Result<()> {
    let shutdown = CancellationToken::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        tokio::spawn(cancel_on(signal(kind)?, shutdown.clone()));
    }
    let mut socket = Socket::bind()?;
    let reattach = Reattach::new(options, socket.path());
    announce(&format!(
        "The provider is running. To attach Terraform or OpenTofu, set:\n\n\tTF_REATTACH_PROVIDERS='{}'\n\n",
        reattach.json()
    ))?;
    serve(
        socket.listener()?,
        None,
        Arc::new(Sessions::per_connection(make)),
        shutdown,
        false,
    )
    .await
}

fn announce(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

async fn cancel_on(mut signal: Signal, shutdown: CancellationToken) {
    signal.recv().await;
    shutdown.cancel();
}

/// Ends an orphaned process: its host was killed, so nobody will ever call or stop it.
async fn cancel_without(parent: u32, shutdown: CancellationToken) {
    while std::os::unix::process::parent_id() == parent {
        tokio::time::sleep(PARENT_CHECK).await;
    }
    shutdown.cancel();
}

/// Serves connections until `shutdown` fires, and calls in flight for at most [`GRACE`] longer.
pub(crate) async fn serve<P: Provider>(
    listener: UnixListener,
    tls: Option<rustls::ServerConfig>,
    sessions: Arc<Sessions<P>>,
    shutdown: CancellationToken,
    host_may_shut_down: bool,
) -> io::Result<()> {
    let opened = sessions.clone();
    let incoming = accept(listener, tls, move || opened.open());
    let provider = ProviderServer::new(Calls::<P>::new())
        .max_decoding_message_size(MESSAGE_LIMIT)
        .max_encoding_message_size(MESSAGE_LIMIT);
    let controller = Controller {
        shutdown: host_may_shut_down.then(|| shutdown.clone()),
    };
    let serving = tonic::transport::Server::builder()
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .add_service(provider)
        .add_service(GrpcControllerServer::new(controller))
        .add_service(GrpcStdioServer::new(Stdio {
            shutdown: shutdown.clone(),
        }))
        .add_service(GrpcBrokerServer::new(Broker {
            shutdown: shutdown.clone(),
        }))
        .add_service(HealthServer::new(Health {
            shutdown: shutdown.clone(),
        }))
        .serve_with_incoming_shutdown(incoming, shutdown.clone().cancelled_owned());
    let deadline = async {
        shutdown.cancelled().await;
        sessions.stop();
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = serving => served.map_err(io::Error::other),
        () = deadline => Ok(()),
    }
}
